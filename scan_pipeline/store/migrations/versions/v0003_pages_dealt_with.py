"""What was done about pages that made no story: writing on the outside, wrong papers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_notes",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("page_seq", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("done", sa.String(12), nullable=False),
        sa.Column("worry", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("story_id", sa.String(20)),
        sa.PrimaryKeyConstraint("seq", name="pk_page_notes"),
        sa.ForeignKeyConstraint(["page_seq"], ["pages.seq"], name="fk_page_notes_page_seq"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_page_notes_story_id"),
        sa.CheckConstraint(
            "done IN ('', 'typed', 'handed', 'nothing')", name=op.f("ck_page_notes_one_way")
        ),
        sa.CheckConstraint(
            "done <> 'typed' OR story_id IS NOT NULL", name=op.f("ck_page_notes_typed_has_a_story")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_page_notes_page_seq", "page_notes", ["page_seq"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER page_notes_are_never_altered BEFORE UPDATE ON page_notes "
            "BEGIN SELECT RAISE(ABORT, 'rows of this table are never altered'); END"
        )
