"""Forgotten names: keyed hashes by which the names of people who left are still hidden.

Revision: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forgotten_names",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_forgotten_names")),
        sqlite_with_rowid=False,  # in order of the digests: nobody sees which of them came together
    )
