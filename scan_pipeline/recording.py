"""What becomes of a picture that was read: its paper is known here or new, and its state is written
down. Every page image ends in one state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from leaflets.errors import LeafletsError
from scan_pipeline import lookalikes
from scan_pipeline.forms import CONTACT, Forms
from scan_pipeline.page import BlankPage, PageSource, RegisteredPage, Unplaced
from scan_pipeline.reading import assemble, compare, intake, prints
from scan_pipeline.reading.place import place
from scan_pipeline.store import Entry, Repository
from scan_pipeline.story import CombValue, PageOutcome, PageReading
from scan_pipeline.worker import Sheet

MOST_COMPARED, MOST_TO_MENTION = 8, 2
"""So many pictures are looked at for one more; a paper not known again is a story of its own. Of
those that only differ from it a little, fewer are: a stack in which people ticked the same boxes
has many, and one is named."""


def not_kept(sheet: Sheet, *, file: str, page: int) -> PageOutcome:
    """What is told of a page of which nothing is written down."""
    reason = sheet.result.reason if isinstance(sheet.result, Unplaced) else ""
    return PageOutcome(file=file, page=page, status="unplaced", image_sha256="", reason=reason)


class Recorder:
    """Writes pictures into a store, and knows the papers that are in it, whoever put them there."""

    def __init__(self, repo: Repository, forms: Forms) -> None:
        self._repo = repo
        self._forms = forms
        self._papers = prints.Papers()
        self._pictures: dict[str, compare.Traces | None] = {}
        self._newest = 0
        self._learn(repo.fingerprints())

    def record(
        self, sheets: Sequence[Sheet], *, file: str, page: int, number: int
    ) -> list[PageOutcome]:
        """Write down what became of one page image, which the store awaits as `number`: all of it
        or nothing. Its pictures are kept before, so that no row is without one."""
        bases = [self._base(sheet, file, page) for sheet in sheets]
        with self._repo.entry(number) as entry:
            return [
                self._record(entry, base, sheet) for base, sheet in zip(bases, sheets, strict=True)
            ]

    def _learn(self, rows: Iterable[tuple[int, str, bytes]]) -> None:
        for number, story_id, print_ in rows:
            self._papers.add(story_id, print_)
            self._newest = number

    def _base(self, sheet: Sheet, file: str, page: int) -> PageOutcome:
        sha256 = ""
        if sheet.data and _asks_for_a_call(sheet.result):
            sha256 = hashlib.sha256(sheet.data).hexdigest()  # kept only if it is not known already
        elif sheet.data:
            sha256 = self._repo.keep_original(sheet.data, sheet.suffix)
        return PageOutcome(
            file=file,
            page=page,
            status="unplaced",
            image_sha256=sha256,
            part=sheet.part,
            origin_px=sheet.origin_px,
        )

    def _record(self, entry: Entry, base: PageOutcome, sheet: Sheet) -> PageOutcome:
        result = sheet.result
        if not sheet.data or not isinstance(result, PageReading):
            return entry.record(_outcome(base, result))
        if _asks_for_a_call(result):
            return self._record_contact(entry, base, sheet)
        known = entry.known_image(base.image_sha256)
        if known is not None and known.story_id:
            return entry.record(_duplicate(base, known.story_id))
        if assemble.is_blank(result):
            return entry.record(_outcome(base, result))
        # Another scan may have added some since the last page.
        self._learn(entry.fingerprints(after=self._newest))
        return entry.record(self._compared(entry, base, result))

    def _compared(self, entry: Entry, base: PageOutcome, result: PageReading) -> PageOutcome:
        """The same paper as one that is known, or a story; if it may be the same, it says so."""
        notice, looked_at, told = "", 0, self._told(result)
        for story_id, before_print in self._papers.similar(result.fingerprint):
            likeness = prints.likeness(result.fingerprint, before_print, told)
            if likeness == "other":  # most are, and the reading of none of them is fetched
                continue
            before = entry.reading(story_id)
            if (result.template, result.version) != (before.template, before.version):
                continue
            if not assemble.same_marks(result, before):
                likeness = "changed"
            most = MOST_COMPARED if likeness == "same" else MOST_TO_MENTION
            if looked_at >= most or (notice and likeness != "same"):
                continue
            looked_at += 1
            likeness = self._in_full(likeness, result, before, base, entry.image(story_id))
            if likeness == "same":
                return _duplicate(base, story_id)
            if likeness != "other" and not notice:
                notice = lookalikes.notice(story_id, differs=likeness != "alike")
        notices = (*result.notices, notice) if notice else result.notices
        return _outcome(base, replace(result, notices=notices))

    def _in_full(
        self,
        likeness: prints.Likeness,
        one: PageReading,
        other: PageReading,
        base: PageOutcome,
        image: str,
    ) -> prints.Likeness:
        """The likeness of two readings whose ink is alike from afar, by their pictures word for
        word: somebody who writes for several people makes leaflets that differ in one digit."""
        seen = [self._traces(sha256) for sha256 in (base.image_sha256, image)]
        if seen[0] is None or seen[1] is None:  # not to be compared: nothing may be lost for it
            return "changed" if likeness == "same" else likeness
        told = self._told(one)
        found = compare.compare(seen[0], seen[1], told)
        agreed = assemble.same_marks(one, other) and assemble.same_words(one, other)
        enough = prints.tells_hands(one.fingerprint, other.fingerprint, told)
        if found.is_same and agreed:
            return "same" if enough else "alike"
        if not found.is_alike:
            return "other"
        return "changed" if enough or likeness == "same" else likeness

    def _traces(self, sha256: str) -> compare.Traces | None:
        """The ink of a kept picture; None where there is no picture, or it cannot be laid flat."""
        if sha256 not in self._pictures:
            try:
                path = self._repo.original_path(sha256)
            except LeafletsError:
                return None
            page = intake.load_page(PageSource(path=str(path), page=1, kind="image"))
            placed = None if isinstance(page, Unplaced) else place(page.grey, self._forms)
            flat = compare.traces(placed) if isinstance(placed, RegisteredPage) else None
            if len(self._pictures) >= MOST_COMPARED:
                del self._pictures[next(iter(self._pictures))]
            self._pictures[sha256] = flat
        return self._pictures[sha256]

    def _told(self, one: PageReading) -> prints.Inked:
        layout = self._forms.get(one.template, one.version)
        return prints.hands(layout.page(one.sheet_page)) if layout else np.zeros((0, 0), bool)

    def _record_contact(self, entry: Entry, base: PageOutcome, sheet: Sheet) -> PageOutcome:
        """A slip is kept once, picture and all, so that all of it can be deleted."""
        outcome = _outcome(base, sheet.result)
        for contact in entry.contacts():
            if outcome.reading is not None and self._same_slip(outcome.reading, contact.reading):
                outcome = replace(outcome, contact_id=contact.id)
        return entry.record_contact(outcome, sheet.data, sheet.suffix)

    def _same_slip(self, one: PageReading, other: PageReading) -> bool:
        """Cells make all slips alike, and a slip taken for another is a call that nobody makes: so
        the ink has to be the same and say the same."""
        if one.version != other.version:
            return False
        said = [
            [v.value for v in reading.fields.values() if isinstance(v, CombValue)]
            for reading in (one, other)
        ]
        if said[0] != said[1] or not assemble.same_marks(one, other):
            return False
        told = self._told(one)
        return prints.likeness(one.fingerprint, other.fingerprint, told) == "same"


def _asks_for_a_call(result: PageReading | BlankPage | Unplaced) -> bool:
    """Whether this goes to the contact slips: never to the stories, whatever is written on it."""
    return (
        isinstance(result, PageReading)
        and result.template == CONTACT
        and not assemble.is_blank(result)
    )


def _duplicate(base: PageOutcome, story_id: str) -> PageOutcome:
    reason = f"The same leaflet as {story_id}: it counts once."
    return replace(base, status="duplicate", story_id=story_id, reason=reason)


def _outcome(base: PageOutcome, result: PageReading | BlankPage | Unplaced) -> PageOutcome:
    if isinstance(result, Unplaced):
        return replace(base, reason=result.reason)
    if isinstance(result, BlankPage):
        return replace(base, status="blank", reason=result.reason)
    if assemble.is_blank(result):
        what = "A contact slip" if result.template == CONTACT else "A leaflet"
        reason = f"{what} with nothing written on it."
        if assemble.may_be_hidden(result):
            reason = (
                f"{what} on which this scan shows nothing. Pencil may not show: look at the paper."
            )
        if not result.fields:
            reason = "The outside of a leaflet."
        return replace(base, status="blank", reason=reason, reading=result)
    what = "Contact slip" if result.template == CONTACT else "Leaflet"
    reason = f"{what} {base.part} of those in this picture." if base.part else ""
    return replace(base, status="read", reading=result, reason=reason)
