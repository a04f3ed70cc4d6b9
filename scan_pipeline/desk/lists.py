"""The first page's lists: what waits for whom, and what is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from babel.dates import format_date

from leaflets.settings import Service
from scan_pipeline.board import LOCALE
from scan_pipeline.lookalikes import came_since
from scan_pipeline.progress import (
    DOWN,
    about_the_poster,
    held_by_list,
    is_down,
    publication,
    to_confirm,
    why_not_on_the_wall,
    worry_unsettled,
)
from scan_pipeline.store.records import LedgerRow
from scan_pipeline.story import OUTSIDE, Contact, Story

FIRST_WORDS = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One story in a list, with what helps to find its paper in a pile: where it was scanned,
    when it came, and its first words. `worry`: why it is held, in words."""

    id: str
    where: str
    month: str
    words: str
    note: str
    worry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """`outside`: pages that may say something urgent where no field is; they come first.
    `outside_calls`: contact slips that may, by their ids.
    `to_compare`: approved ones of which another scan may say no, as came out since.
    `aside`: stories that are answered but not for the wall, or taken down.
    `dealt`: unplaced pages that are done."""

    service: str
    outside: tuple[LedgerRow, ...]
    outside_calls: tuple[str, ...]
    to_confirm: tuple[Card, ...]
    to_answer: tuple[Card, ...]
    to_compare: tuple[Card, ...]
    aside: tuple[Card, ...]
    unplaced: tuple[LedgerRow, ...]
    dealt: tuple[LedgerRow, ...]
    calls: int
    ready: int
    withheld: tuple[tuple[str, str], ...]


def home_page(
    stories: Sequence[Story],
    ledger: Sequence[LedgerRow],
    ready: int,
    withheld: Sequence[tuple[str, str]],
    service: Service,
    calls: Sequence[Contact] = (),
) -> HomePage:
    """Worry first, then the oldest. `withheld`: (story, why its poster is not printed). Of those
    who wait for a call (`calls`) only how many there are, and whose slip has writing beside it.
    """
    why = dict(withheld)
    confirmed = [s for s in stories if s.confirmation is not None]
    pages = _once(row for row in ledger if row.status == "unplaced")
    waiting = sorted((row for row in pages if not row.dealt), key=lambda row: not row.worry)
    return HomePage(
        service=service.name,
        outside=tuple(row for row in waiting if row.worry or row.reason == OUTSIDE),
        to_confirm=tuple(
            _card(s, f"{DOWN if is_down(s) else ''} {about_the_poster(s)}".strip())
            for s in stories
            if to_confirm(s)
        ),
        to_answer=tuple(
            _card(s, why[s.id]) for s in confirmed if s.id in why and not _set_aside(s)
        ),
        to_compare=tuple(_card(s, " ".join(told)) for s, told in came_since(stories)),
        aside=tuple(
            _card(s, f"{why_not_on_the_wall(s)} {about_the_poster(s)}".strip())
            for s in stories
            if _set_aside(s)
        ),
        unplaced=tuple(row for row in waiting if not row.worry and row.reason != OUTSIDE),
        dealt=tuple(row for row in pages if row.dealt),
        calls=len(calls),
        outside_calls=tuple(c.id for c in calls if c.reading.elsewhere),
        ready=ready,
        withheld=tuple(withheld),
    )


def _set_aside(story: Story) -> bool:
    """Whether nothing more is to be done: taken down, or answered for the team alone."""
    match publication(story):
        case "taken_down":
            return True
        case "not_for_display":
            return story.response is not None and story.response.approved_at is not None
        case _:
            return False


def _once(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Each picture once, however often it was scanned."""
    found: dict[str, LedgerRow] = {}
    for row in rows:
        found.setdefault(row.image_sha256 or str(row.seq), row)
    return list(found.values())


def _card(story: Story, note: str) -> Card:
    return Card(
        id=story.id,
        where=where(story.file, story.page),
        month=format_date(story.received_at, "MMMM yyyy", locale=LOCALE),
        words=_first_words(story),
        note=note,
        worry=_held(story),
    )


def _held(story: Story) -> str:
    if not worry_unsettled(story):
        return ""
    return "held by the list of words" if held_by_list(story) else "worries somebody"


def where(file: str, page: int) -> str:
    """ "scan3.pdf, page 2": the file's own name, without its folders."""
    name = PurePath(file.replace("\\", "/")).name
    return f"{name}, page {page}" if name else ""


def _first_words(story: Story) -> str:
    for field in ("story_title", "story", "good", "improve"):
        said = story.answers.get(field)
        if isinstance(said, str) and said.strip():
            words = " ".join(said.split())
            if len(words) <= FIRST_WORDS:
                return words
            return words[:FIRST_WORDS].rsplit(" ", 1)[0] + " …"
    return ""
