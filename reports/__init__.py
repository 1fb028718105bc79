"""Numbers in, artefacts out: never a database session, never a model."""
