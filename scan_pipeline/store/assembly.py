"""Rows -> stories: the reading, with everything that people did laid over it in order.

Whoever changes an answer takes back what others said of the words before: then they must be
confirmed, moderated and approved again, so that no old approval carries new words to the wall.
Whoever changes the words for the wall alone takes the approval back: it covers what it saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from scan_pipeline.privacy.redact import redact
from scan_pipeline.store.codec import answer_of, load_answer, load_display, load_reading
from scan_pipeline.story import (
    CONSENT,
    AnswerValue,
    Change,
    Confirmation,
    Moderation,
    PageReading,
    Response,
    Story,
)

AnyRow = Row[Any]
NOTICED = "noticed"
"""The kind of a confirmation at which the list of words raised the worry, and nobody else."""
RAISED, LISTED = "raised", "listed"
"""The kinds of a worry that confirms nothing: a person's, and the list's."""
_BY_LIST = {NOTICED, LISTED}


@dataclass(slots=True, kw_only=True)
class History:
    """What people did with one story; each list in order, oldest first."""

    corrections: list[AnyRow] = field(default_factory=list)
    confirmations: list[AnyRow] = field(default_factory=list)
    moderations: list[AnyRow] = field(default_factory=list)
    responses: list[AnyRow] = field(default_factory=list)
    approvals: list[AnyRow] = field(default_factory=list)

    def all(self) -> tuple[list[AnyRow], ...]:
        return (
            self.corrections,
            self.confirmations,
            self.moderations,
            self.responses,
            self.approvals,
        )


def assemble(row: AnyRow, history: History) -> Story:
    """One story. `row`: of stories, with its page's image and file, and its reading's body."""
    reading = load_reading(row.body)
    answers = {name: answer_of(value) for name, value in reading.fields.items()}
    answers |= {c.field: load_answer(c.value) for c in history.corrections}
    changed = _newest(history.corrections)
    worry = _newest_worry(history.confirmations)
    said = [row for row in history.confirmations if row.worry and row.kind not in _BY_LIST]
    return Story(
        id=row.id,
        received_at=row.received_at,
        reading=reading,
        answers=answers,
        image_sha256=row.image_sha256,
        image_suffix=row.image_suffix,
        confirmation=_confirmation(history.confirmations, changed),
        moderation=_moderation(history.moderations, max(changed, worry.seq if worry else 0)),
        response=_response(history, answers, changed),
        # A person's worry is not hidden by what the list found later.
        worry=_worry(said[-1] if said else worry),
        version=max(_newest(rows) for rows in history.all()),
        file=row.file,
        page=row.page,
        approvals=sum(_consent_at(a.seq, reading, history) for a in history.approvals),
    )


def _consent_at(seq: int, reading: PageReading, history: History) -> bool:
    """Whether the writer's consent stood when the event `seq` came."""
    said = [c for c in history.corrections if c.field == CONSENT and c.seq < seq]
    if said:
        return load_answer(said[-1].value) is True
    return CONSENT in reading.fields and answer_of(reading.fields[CONSENT]) is True


def _newest(rows: Iterable[AnyRow]) -> int:
    return max((row.seq for row in rows), default=0)


def _confirmation(rows: list[AnyRow], changed: int) -> Confirmation | None:
    """The newest, unless an answer was changed since; with a worry if anybody ever said one."""
    compared = [row for row in rows if row.kind not in {RAISED, LISTED}]
    if not compared or compared[-1].seq < changed:
        return None
    last, worry = compared[-1], _newest_worry(rows)
    # Who confirms after a worry without saying why they agree does not take its reason away.
    note = last.note or (worry.note if worry is not None else "")
    by_list = worry is not None and all(row.kind in _BY_LIST for row in rows if row.worry)
    return Confirmation(by=last.by, at=last.at, worry=worry is not None, note=note, by_list=by_list)


def _newest_worry(rows: list[AnyRow]) -> AnyRow | None:
    return next((row for row in reversed(rows) if row.worry), None)


def _worry(row: AnyRow | None) -> Confirmation | None:
    if row is None:
        return None
    return Confirmation(
        by=row.by, at=row.at, worry=True, note=row.note, by_list=row.kind in _BY_LIST
    )


def _moderation(rows: list[AnyRow], unsettled: int) -> Moderation | None:
    """`unsettled`: the newest change of the words, or worry said: what came before it is stale."""
    if not rows:
        return None
    last = rows[-1]
    words = [row for row in rows if row.kind != "withdrawn"]
    stale = (words or rows)[-1].seq < unsettled
    return Moderation(
        by=last.by,
        at=last.at,
        display=load_display(last.display),
        worry_settled="" if stale else last.worry_settled,
        withdrawn=last.withdrawn,
        stale=stale,
    )


def _response(
    history: History, answers: Mapping[str, AnswerValue], changed: int
) -> Response | None:
    if not history.responses:
        return None
    last = history.responses[-1]
    given = [a for a in history.approvals if a.response_seq == last.seq]
    approval = given[-1] if given and given[-1].seq > changed else None
    if approval is not None and _reworded(history.moderations, answers, since=approval.seq):
        approval = None
    change = None
    if last.change_status is not None:
        change = Change(status=last.change_status, text=last.change_text or "", due=last.change_due)
    return Response(
        text=last.text,
        responder_name=last.responder_name,
        responder_role=last.responder_role,
        at=last.written_at,
        change=change,
        approved_by=approval.by if approval is not None else "",
        approved_at=approval.at if approval is not None else None,
        lapsed=bool(given) and approval is None,
    )


def _reworded(rows: list[AnyRow], answers: Mapping[str, AnswerValue], *, since: int) -> bool:
    """Whether a moderation changed what hangs on the wall after the event `since`; a change that
    was taken back is still one."""
    before: dict[str, str] = {}
    for row in rows:
        display = load_display(row.display)
        if row.seq > since and _hang_differently(before, display, answers):
            return True
        before = display
    return False


def _hang_differently(
    before: Mapping[str, str], display: Mapping[str, str], answers: Mapping[str, AnswerValue]
) -> bool:
    """Whether two sets of words for the wall are printed differently: what is never printed may
    be in one and not in the other."""
    for name in before.keys() | display.keys():
        was, now = (str(shown.get(name, answers.get(name)) or "") for shown in (before, display))
        if was.strip() != now.strip() and redact(was.strip()) != redact(now.strip()):
            return True
    return False
