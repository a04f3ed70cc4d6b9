"""Pages that a scan set out to read, so that none is forgotten when it is interrupted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "awaited",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_awaited"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "arrived",
        sa.Column("awaited_seq", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("awaited_seq", name="pk_arrived"),
        sa.ForeignKeyConstraint(["awaited_seq"], ["awaited.seq"], name="fk_arrived_awaited_seq"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for table in ("awaited", "arrived"):
            op.execute(
                f"CREATE TRIGGER {table}_are_never_altered BEFORE UPDATE ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'rows of this table are never altered'); END"
            )
