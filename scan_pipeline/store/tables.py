"""The tables as they are now. How they came to be so: `migrations/`; a test compares the two.

Rows are only ever added. What people do with a story is one row of `events` each, in order of
`seq` (clocks jump, counters do not), with its details in a table of its own.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[dt.datetime]):
    """A moment, kept in UTC; SQLite forgets time zones, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

stories = Table(
    "stories",
    METADATA,
    Column("id", String(20), primary_key=True),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    UniqueConstraint("year", "number"),
    CheckConstraint("number > 0", name="number_counts_from_one"),
)

pages = Table(
    "pages",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("file", Text, nullable=False),
    Column("page", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("image_sha256", String(64), nullable=False),
    Column("image_suffix", String(12), nullable=False),
    Column("story_id", String(20), ForeignKey("stories.id")),
    Column("seen_at", UtcTime, nullable=False),
    CheckConstraint("status IN ('read', 'blank', 'duplicate', 'unplaced')", name="one_state"),
    CheckConstraint("status <> 'read' OR story_id IS NOT NULL", name="read_has_a_story"),
    Index("ix_pages_image_sha256", "image_sha256"),
    Index("ix_pages_story_id", "story_id"),
    sqlite_autoincrement=True,
)

page_notes = Table(
    "page_notes",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("page_seq", Integer, ForeignKey("pages.seq"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("done", String(12), nullable=False),
    Column("worry", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("story_id", String(20), ForeignKey("stories.id")),
    CheckConstraint("done IN ('', 'typed', 'handed', 'nothing')", name="one_way"),
    CheckConstraint("done <> 'typed' OR story_id IS NOT NULL", name="typed_has_a_story"),
    Index("ix_page_notes_page_seq", "page_seq"),
    sqlite_autoincrement=True,
)

readings = Table(
    "readings",
    METADATA,
    Column("page_seq", Integer, ForeignKey("pages.seq"), primary_key=True, autoincrement=False),
    Column("template", String(40), nullable=False),
    Column("version", String(40), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_readings_template", "template", "version"),
)

events = Table(
    "events",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("story_id", String(20), ForeignKey("stories.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", String(12), nullable=False),
    Index("ix_events_story_id", "story_id"),
    sqlite_autoincrement=True,
)


def _event() -> Column[int]:
    return Column(
        "event_seq", Integer, ForeignKey("events.seq"), primary_key=True, autoincrement=False
    )


corrections = Table(
    "corrections",
    METADATA,
    _event(),
    Column("field", String(80), nullable=False),
    Column("value", Text, nullable=False),
)

confirmations = Table(
    "confirmations",
    METADATA,
    _event(),
    Column("worry", Boolean, nullable=False),
    Column("note", Text, nullable=False),
)

moderations = Table(
    "moderations",
    METADATA,
    _event(),
    Column("display", Text, nullable=False),
    Column("worry_settled", Text, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)

responses = Table(
    "responses",
    METADATA,
    _event(),
    Column("text", Text, nullable=False),
    Column("responder_name", Text, nullable=False),
    Column("responder_role", Text, nullable=False),
    Column("written_at", UtcTime, nullable=False),
    Column("change_status", String(12)),
    Column("change_text", Text),
    Column("change_due", Date),
)

approvals = Table(
    "approvals",
    METADATA,
    _event(),
    Column("response_seq", Integer, ForeignKey("responses.event_seq"), nullable=False),
)

contacts = Table(
    "contacts",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("received_at", UtcTime, nullable=False),
    Column("image_sha256", String(64), nullable=False),
    Column("template", String(40), nullable=False),
    Column("version", String(40), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

contact_corrections = Table(
    "contact_corrections",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column(
        "contact_number", Integer, ForeignKey("contacts.number", ondelete="CASCADE"), nullable=False
    ),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("field", String(80), nullable=False),
    Column("value", Text, nullable=False),
    Index("ix_contact_corrections_contact_number", "contact_number"),
    sqlite_autoincrement=True,
)

# These two outlive the slip: that it came, and who deleted it. Nothing in them says who wrote it.
contact_deletions = Table(
    "contact_deletions",
    METADATA,
    Column("contact_number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
)

contact_pages = Table(
    "contact_pages",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("after_seq", Integer, nullable=False),  # the newest of `pages` then: order in the ledger
    Column("file", Text, nullable=False),
    Column("page", Integer, nullable=False),
    Column("status", String(12), nullable=False),
    Column("image_sha256", String(64), nullable=False),
    Column("contact_number", Integer, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    CheckConstraint("status IN ('read', 'duplicate')", name="one_state"),
    Index("ix_contact_pages_image_sha256", "image_sha256"),
    sqlite_autoincrement=True,
)

awaited = Table(
    "awaited",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("file", Text, nullable=False),
    Column("page", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)
"""Page images that a scan set out to read."""

arrived = Table(
    "arrived",
    METADATA,
    Column("awaited_seq", ForeignKey("awaited.seq"), primary_key=True),
)
"""Those of them whose state is written down."""
