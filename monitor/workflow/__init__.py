"""One use case a file; the only place where connectors, models, store, statistics and reports meet."""
