"""Machine-learning models only (the database tables live in monitor/store/tables.py)."""
