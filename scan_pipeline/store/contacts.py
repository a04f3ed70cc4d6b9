"""Contact slips: who asked for a call. Apart from the stories, and gone when the call is made.

What stays is that a slip came, in which file, and who deleted it: the ledger has to add up.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from leaflets.errors import BadInvocation
from scan_pipeline.store import tables as t
from scan_pipeline.store.answers import fitting
from scan_pipeline.store.codec import (
    answer_of,
    dump_answer,
    dump_reading,
    load_answer,
    load_reading,
)
from scan_pipeline.store.records import LedgerRow
from scan_pipeline.story import AnswerValue, Contact, PageOutcome

_ID = re.compile(r"[cC]-0*(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A slip that came before; `image_sha256` is None once it is deleted."""

    id: str
    image_sha256: str | None


def id_of(number: int) -> str:
    return f"C-{number:03d}"


def known_image(connection: Connection, sha256: str) -> Known | None:
    """The slip of exactly this image, a deleted one too: it must not come back to life."""
    number = connection.scalar(
        select(t.contact_pages.c.contact_number)
        .where(t.contact_pages.c.image_sha256 == sha256)
        .order_by(t.contact_pages.c.seq)
        .limit(1)
    )
    if number is None:
        return None
    kept = connection.scalar(select(t.contacts.c.image_sha256).where(t.contacts.c.number == number))
    return Known(id=id_of(number), image_sha256=kept)


def add(connection: Connection, outcome: PageOutcome, at: dt.datetime) -> PageOutcome:
    """A slip that was read: its row, and its line in the ledger."""
    reading = outcome.reading
    if reading is None:
        raise ValueError("a slip that was read has a reading")
    number = connection.execute(
        insert(t.contacts)
        .values(
            received_at=at,
            image_sha256=outcome.image_sha256,
            template=reading.template,
            version=reading.version,
            fingerprint=reading.fingerprint,
            body=dump_reading(reading),
        )
        .returning(t.contacts.c.number)
    ).scalar_one()
    _page(connection, outcome, number, at)
    return replace(outcome, contact_id=id_of(number))


def add_again(connection: Connection, outcome: PageOutcome, at: dt.datetime) -> PageOutcome:
    """A slip that was here before (`outcome.contact_id`): a line in the ledger, nothing else."""
    _page(connection, outcome, _number(outcome.contact_id or ""), at)
    return outcome


def _page(connection: Connection, outcome: PageOutcome, number: int, at: dt.datetime) -> None:
    newest = connection.scalar(select(func.max(t.pages.c.seq))) or 0
    connection.execute(
        insert(t.contact_pages).values(
            after_seq=newest,
            file=outcome.file.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            page=outcome.page,
            status=outcome.status,
            image_sha256=outcome.image_sha256,
            contact_number=number,
            seen_at=at,
        )
    )


def every(connection: Connection, number: int | None = None) -> list[Contact]:
    """All slips that wait for a call, or the one of `number`; oldest first."""
    query = select(t.contacts).order_by(t.contacts.c.number)
    changed = select(t.contact_corrections).order_by(t.contact_corrections.c.seq)
    if number is not None:
        query = query.where(t.contacts.c.number == number)
        changed = changed.where(t.contact_corrections.c.contact_number == number)
    corrections = connection.execute(changed).all()
    return [_contact(row, corrections) for row in connection.execute(query)]


def one(connection: Connection, contact_id: str) -> Contact:
    """The slip; raises `BadInvocation` when there is none, or it was deleted."""
    found = every(connection, _number(contact_id))
    if not found:
        raise BadInvocation(
            f"There is no contact slip {contact_id.strip()[:40]} here.",
            remedy="It may have been done and deleted: `leaflets ledger` says so.",
        )
    return found[0]


def correct(
    connection: Connection,
    contact_id: str,
    field: str,
    value: AnswerValue,
    by: str,
    at: dt.datetime,
) -> None:
    contact = one(connection, contact_id)
    kept = fitting(contact.reading, field, value)
    if kept == contact.answers[field]:
        return
    connection.execute(
        insert(t.contact_corrections).values(
            contact_number=_number(contact.id),
            at=at,
            by=_somebody(by),
            field=field,
            value=dump_answer(kept),
        )
    )


def erase(connection: Connection, contact_id: str, by: str, at: dt.datetime) -> None:
    """Delete the slip's rows; who did it, and when, stays."""
    number = _number(one(connection, contact_id).id)
    connection.execute(
        insert(t.contact_deletions).values(contact_number=number, at=at, by=_somebody(by))
    )
    connection.execute(
        delete(t.contact_corrections).where(t.contact_corrections.c.contact_number == number)
    )
    connection.execute(delete(t.contacts).where(t.contacts.c.number == number))


def ledger(connection: Connection) -> list[tuple[int, LedgerRow]]:
    """(the page of the ledger after which it came, row) of every slip's page, in order."""
    rows = connection.execute(
        select(t.contact_pages, t.contact_deletions.c.at.label("deleted_at"))
        .outerjoin(
            t.contact_deletions,
            t.contact_deletions.c.contact_number == t.contact_pages.c.contact_number,
        )
        .order_by(t.contact_pages.c.seq)
    )
    return [(row.after_seq, _ledger_row(row)) for row in rows]


def _ledger_row(row: Row[Any]) -> LedgerRow:
    slip = f"contact slip {id_of(row.contact_number)}"
    reason = f"The same {slip}: it counts once." if row.status == "duplicate" else f"A {slip}."
    if row.deleted_at is not None:
        reason += " It is done and deleted."
    return LedgerRow(
        file=row.file,
        page=row.page,
        status=row.status,
        story_id=None,
        reason=reason,
        seen_at=row.seen_at,
    )


def _contact(row: Row[Any], corrections: Sequence[Row[Any]]) -> Contact:
    reading = load_reading(row.body)
    answers = {name: answer_of(value) for name, value in reading.fields.items()}
    answers |= {
        c.field: load_answer(c.value) for c in corrections if c.contact_number == row.number
    }
    return Contact(
        id=id_of(row.number),
        received_at=row.received_at,
        reading=reading,
        answers=answers,
        image_sha256=row.image_sha256,
    )


def _number(contact_id: str) -> int:
    match = _ID.fullmatch(contact_id.strip())
    return int(match[1]) if match else 0


def _somebody(by: str) -> str:
    if not by.strip():
        raise BadInvocation("Somebody has to answer for this.", remedy="Say who you are.")
    return by.strip()
