"""Contact slips: in tables of their own, with nothing that leads to a story."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("contacts", "contact_corrections", "contact_deletions", "contact_pages")


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("image_sha256", sa.String(64), nullable=False),
        sa.Column("template", sa.String(40), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_contacts"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "contact_corrections",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("contact_number", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_contact_corrections"),
        sa.ForeignKeyConstraint(
            ["contact_number"],
            ["contacts.number"],
            name="fk_contact_corrections_contact_number",
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_contact_corrections_contact_number", "contact_corrections", ["contact_number"]
    )
    op.create_table(
        "contact_deletions",
        sa.Column("contact_number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("contact_number", name="pk_contact_deletions"),
    )
    _pages()
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_are_never_altered BEFORE UPDATE ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'rows of this table are never altered'); END"
            )


def _pages() -> None:
    op.create_table(
        "contact_pages",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("after_seq", sa.Integer, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("image_sha256", sa.String(64), nullable=False),
        sa.Column("contact_number", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_contact_pages"),
        sa.CheckConstraint(
            "status IN ('read', 'duplicate')", name=op.f("ck_contact_pages_one_state")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_contact_pages_image_sha256", "contact_pages", ["image_sha256"])
