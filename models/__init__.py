"""Machine-learning models only: texts in, scores out (database tables live in ``monitor/store``)."""
