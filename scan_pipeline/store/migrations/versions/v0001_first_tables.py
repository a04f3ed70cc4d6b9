"""The first tables: pages, readings, stories, and what people do with them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "stories",
    "pages",
    "readings",
    "events",
    "corrections",
    "confirmations",
    "moderations",
    "responses",
    "approvals",
)


def upgrade() -> None:
    _pages_and_stories()
    _events()
    _details()
    _responses()
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            # Rows may be erased (people have a right to that), but never altered.
            op.execute(
                f"CREATE TRIGGER {table}_are_never_altered BEFORE UPDATE ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'rows of this table are never altered'); END"
            )


def _pages_and_stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
        sa.UniqueConstraint("year", "number", name="uq_stories_year"),
        sa.CheckConstraint("number > 0", name=op.f("ck_stories_number_counts_from_one")),
    )
    op.create_table(
        "pages",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("image_sha256", sa.String(64), nullable=False),
        sa.Column("image_suffix", sa.String(12), nullable=False),
        sa.Column("story_id", sa.String(20)),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_pages"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_pages_story_id"),
        sa.CheckConstraint(
            "status IN ('read', 'blank', 'duplicate', 'unplaced')",
            name=op.f("ck_pages_one_state"),
        ),
        sa.CheckConstraint(
            "status <> 'read' OR story_id IS NOT NULL", name=op.f("ck_pages_read_has_a_story")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pages_image_sha256", "pages", ["image_sha256"])
    op.create_index("ix_pages_story_id", "pages", ["story_id"])
    op.create_table(
        "readings",
        sa.Column("page_seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("template", sa.String(40), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("page_seq", name="pk_readings"),
        sa.ForeignKeyConstraint(["page_seq"], ["pages.seq"], name="fk_readings_page_seq"),
    )
    op.create_index("ix_readings_template", "readings", ["template", "version"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("story_id", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_events_story_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_story_id", "events", ["story_id"])


def _detail_table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("event_seq", sa.Integer, autoincrement=False, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("event_seq", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["event_seq"], ["events.seq"], name=f"fk_{name}_event_seq"),
    )


def _details() -> None:
    _detail_table(
        "corrections",
        sa.Column("field", sa.String(80), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    _detail_table(
        "confirmations",
        sa.Column("worry", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    _detail_table(
        "moderations",
        sa.Column("display", sa.Text, nullable=False),
        sa.Column("worry_settled", sa.Text, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )


def _responses() -> None:
    _detail_table(
        "responses",
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("responder_name", sa.Text, nullable=False),
        sa.Column("responder_role", sa.Text, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change_status", sa.String(12)),
        sa.Column("change_text", sa.Text),
        sa.Column("change_due", sa.Date),
    )
    _detail_table(
        "approvals",
        sa.Column("response_seq", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["response_seq"], ["responses.event_seq"], name="fk_approvals_response_seq"
        ),
    )
