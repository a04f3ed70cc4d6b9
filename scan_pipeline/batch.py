"""What became of a whole batch, counted page by page, and the sentences a person reads of it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from scan_pipeline.story import ChoiceValue, PageOutcome, PageReading

if TYPE_CHECKING:  # `leaflets --help` need not wait for what opens pictures
    from scan_pipeline.reading.intake import PassedOver

MARKS, UNSURE, PAGES = 5, 0.25, 10


class Batch:
    """Counts outcomes as they come. Of what was written nothing is kept, so that a stack of
    thousands of pages takes no more memory than one of ten."""

    def __init__(self, outcomes: Iterable[PageOutcome] = ()) -> None:
        self.became: Counter[str] = Counter()
        self.unplaced: list[str] = []
        self.read = 0
        self.states: Counter[str] = Counter()
        self.marked: Counter[tuple[str, str]] = Counter()
        for outcome in outcomes:
            self.add(outcome)

    def add(self, outcome: PageOutcome) -> None:
        """One more page image, or leaflet where a picture shows several."""
        self.became[_became(outcome)] += 1
        if outcome.status == "unplaced":
            self.unplaced.append(
                f"{in_one_line(outcome.file)}, page {outcome.page}: {outcome.reason}"
            )
        if outcome.status == "read" and outcome.reading is not None:
            self._add_marks(outcome.reading)

    def _add_marks(self, reading: PageReading) -> None:
        self.read += 1
        for name, value in reading.fields.items():
            if not isinstance(value, ChoiceValue):
                continue
            self.states.update(mark.state for mark in value.marks)
            if isinstance(value.value, tuple) or value.review:
                self.marked.update(
                    (name, mark.value) for mark in value.marks if mark.state in {"ticked", "unsure"}
                )

    @property
    def pages(self) -> int:
        """How many outcomes were counted."""
        return self.became.total()

    def summary(self, passed_over: Sequence[PassedOver] = ()) -> str:
        """One sentence for every page: "23 leaflets, 1 blank, 1 page I could not place: why"; then
        the files that were no pages. Outsides are counted apart, so that paper can be counted."""
        became = self.became
        new = "new leaflet" if became["duplicate"] else "leaflet"
        parts = [counted(became["read"], new, new + "s")]
        if became["slip"]:
            parts.append(counted(became["slip"], "contact slip", "contact slips"))
        if became["blank"]:
            parts.append(f"{became['blank']} blank")
        if became["outside"]:
            parts.append(counted(became["outside"], "outside", "outsides"))
        if became["duplicate"]:
            parts.append(f"{became['duplicate']} seen before")
        if self.unplaced:
            parts.append(counted(len(self.unplaced), "page", "pages") + " I could not place")
        lines = [", ".join(parts) + (":" if self.unplaced else "."), *self.unplaced]
        lines += [f"passed over: {in_one_line(file.path)} ({file.reason})" for file in passed_over]
        return "\n  ".join(lines)

    def advice(self) -> str:
        """What to check when the marks of a whole batch look unlike what the reader knows; else
        ""."""
        unsure = self.states["unsure"]
        marked = self.states["ticked"] + unsure
        said = []
        if unsure >= MARKS and unsure > UNSURE * marked:
            said.append(
                f"In this batch {unsure} of {marked} marks are hard to tell. Is the scanner set to "
                "black and white, or too pale? Grey at 300 dpi is best."
            )
        for (name, option), count in sorted(self.marked.items()):
            if self.read >= PAGES and count == self.read:
                said.append(
                    f"The box “{option}” ({name}) is marked on every one of {count} leaflets: is "
                    "there a spot on the scanner's glass, or on the copies?"
                )
        return " ".join(said)


def _became(outcome: PageOutcome) -> str:
    """The state of a page, as people count paper: slips and outsides are no leaflets."""
    if outcome.status == "read" and outcome.contact_id:
        return "slip"
    read = outcome.reading
    if outcome.status == "blank" and read is not None and not read.fields:
        return "outside"
    return outcome.status


def stopped(pages: int, *, kept: bool) -> str:
    """What a person hears who has stopped a scan after `pages` pages."""
    if not kept:
        return "Stopped. Nothing was kept, as this was a dry run."
    are = counted(pages, "page is", "pages are")
    return f"Stopped. {are} kept; run it again to go on."


def counted(number: int, one: str, many: str) -> str:
    """ "1 page", "2 pages"."""
    return f"{number} {one if number == 1 else many}"


def in_one_line(name: str) -> str:
    """A file name to be shown: a line break in it, or another control character, is escaped.

    >>> in_one_line("Büro\\n1.pdf")
    'Büro\\\\n1.pdf'
    """
    unseen = {"Cc", "Cs", "Zl", "Zp"}  # also halves of letters, of names that are no Unicode
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in unseen else c
        for c in name
    )
