"""Statistics as pure functions on arrays: no database, no clock, no network."""
