"""The database: the only importer of SQLModel, SQLAlchemy and Alembic."""
