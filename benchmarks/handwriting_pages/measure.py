"""Leaflets with real handwriting, and blank ones, through the whole reader."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.handwriting.lines import TrueLine, tight
from benchmarks.handwriting.score import edits
from benchmarks.handwriting_pages.compose import FIELD, Page, pages
from benchmarks.handwriting_pages.whole import FINDERS, text_of
from benchmarks.truth import grey_of, layout
from leaflets.settings import EXAMPLE
from scan_pipeline.demo.fill import PX_PER_MM, blank_side
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.demo.sheet import Image
from scan_pipeline.forms import Forms
from scan_pipeline.page import Grey, RegisteredPage
from scan_pipeline.reading import assemble
from scan_pipeline.reading.place import place
from scan_pipeline.reading.recognise import Recogniser
from scan_pipeline.story import TextValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way of reading the same lines: letters and words wrong, lower-cased, in per cent.

    `lines_wrong`: leaflets on which more or fewer lines were found than written; `elsewhere`:
    words read in fields that were left blank; `refused`: leaflets that could not be placed, whose
    words all count as missed; `flagged`: blank fields that a person is asked to look at; `ms`: of
    one core a leaflet, without placing it and the recogniser.
    """

    name: str
    pages: int
    letters: float
    words: float
    lines_wrong: int = 0
    elsewhere: int = 0
    refused: int = 0
    flagged: int = 0
    ms: float = 0.0


@dataclass(slots=True)
class _Count:
    letters: int = 0
    words: int = 0
    letters_wrong: int = 0
    words_wrong: int = 0

    def add(self, truth: str, got: str) -> None:
        truth, got = truth.lower(), got.lower()
        self.letters += len(truth)
        self.words += len(truth.split())
        self.letters_wrong += edits(truth, got)
        self.words_wrong += edits(truth.split(), got.split())

    def rates(self) -> tuple[float, float]:
        return (
            round(100 * self.letters_wrong / max(1, self.letters), 1),
            round(100 * self.words_wrong / max(1, self.words), 1),
        )


def from_crops(lines: Sequence[TrueLine], engine: Recogniser, seed: int) -> Row:
    """The lines as they come, read one by one: what no leaflet can do better than."""
    count, total = _Count(), 0
    for page in pages(lines, seed):
        read = engine.read([line.grey for line in page.lines])
        count.add(_truth(page), " ".join(r.text for r in read if r.text))
        total += 1
    letters, words = count.rates()
    return Row(name="line crops", pages=total, letters=letters, words=words)


def from_inks(lines: Sequence[TrueLine], engine: Recogniser, seed: int) -> Row:
    """The lines as they were put on paper (their size, slope and darkness), without the paper:
    from here to a leaflet is what print, scanner and the lifting of ink cost."""
    count, total = _Count(), 0
    for page in pages(lines, seed):
        read = engine.read([tight(ink) for ink in page.inks])
        count.add(_truth(page), " ".join(r.text for r in read if r.text))
        total += 1
    letters, words = count.rates()
    return Row(name="as put on paper", pages=total, letters=letters, words=words)


def from_pictures(
    lines: Sequence[TrueLine], condition: str, forms: Forms, finder: str, seed: int
) -> Row:
    """The leaflets read by another engine, from the whole picture."""
    find, count, total, refused = FINDERS[finder](), _Count(), 0, 0
    field = next(f for f in layout().page(1).fields if f.name == FIELD)
    for page in pages(lines, seed):
        total += 1
        picture = scanned(page.image, condition, page.seed)
        placed = place(picture, forms)
        if not isinstance(placed, RegisteredPage):
            refused += 1
            count.add(_truth(page), "")
            continue
        count.add(_truth(page), text_of(find(picture), placed, field))
    letters, words = count.rates()
    return Row(
        name=f"{condition}, {finder}", pages=total, letters=letters, words=words, refused=refused
    )


def from_leaflets(
    lines: Sequence[TrueLine], condition: str, forms: Forms, engine: Recogniser, seed: int
) -> Row:
    """The same lines written on leaflets that went through `condition`."""
    count, total, refused, lines_wrong, elsewhere, spent = _Count(), 0, 0, 0, 0, []
    timed = Timed(engine)
    for page in pages(lines, seed):
        total += 1
        placed = place(scanned(page.image, condition, page.seed), forms)
        if not isinstance(placed, RegisteredPage):
            refused += 1
            count.add(_truth(page), "")
            continue
        timed.seconds, start = 0.0, time.process_time()
        reading = assemble.read_fields(placed, timed)
        spent.append(time.process_time() - start - timed.seconds)
        value = reading.fields[FIELD]
        assert isinstance(value, TextValue)
        count.add(_truth(page), value.text)
        lines_wrong += len(value.lines) != len(page.lines)
        elsewhere += sum(
            len(v.text.split())
            for name, v in reading.fields.items()
            if isinstance(v, TextValue) and name != FIELD
        )
    letters, words = count.rates()
    return Row(
        name=condition,
        pages=total,
        letters=letters,
        words=words,
        lines_wrong=lines_wrong,
        elsewhere=elsewhere,
        refused=refused,
        ms=round(1000 * sorted(spent)[len(spent) // 2], 1) if spent else 0.0,
    )


def from_blank(condition: str, count: int, forms: Forms, engine: Recogniser, seed: int) -> Row:
    """`count` leaflets on which nobody wrote: `elsewhere` is the words that were invented."""
    invented = torn = refused = flagged = 0
    for index in range(count):
        image = blank_side(layout(), EXAMPLE, 1)
        placed = place(scanned(image, condition, (seed, index)), forms)
        if not isinstance(placed, RegisteredPage):
            refused += 1
            continue
        values = assemble.read_fields(placed, engine).fields.values()
        texts = [v for v in values if isinstance(v, TextValue)]
        invented += sum(len(v.text.split()) for v in texts)
        torn += sum(bool(v.lines) for v in texts)
        flagged += sum(v.review for v in texts)
    return Row(
        name=condition, pages=count, letters=0.0, words=0.0,
        lines_wrong=torn, elsewhere=invented, refused=refused, flagged=flagged,
    )  # fmt: skip


class Timed:
    """A recogniser that counts the seconds it takes."""

    def __init__(self, engine: Recogniser) -> None:
        self.name, self.seconds, self._engine = engine.name, 0.0, engine

    def read(self, lines: Sequence[Grey]) -> list:  # type: ignore[type-arg]
        start = time.process_time()
        out = self._engine.read(lines)
        self.seconds += time.process_time() - start
        return out


def scanned(image: Image, condition: str, seed: tuple[int, int]) -> Grey:
    """What the scanner makes of it."""
    sheet = distort(image, PX_PER_MM, CONDITIONS[condition], seed, layout=layout().page(1))
    return grey_of(sheet.image)


def _truth(page: Page) -> str:
    return " ".join(line.text for line in page.lines)


def table(rows: Sequence[Row]) -> Iterator[str]:
    """The rows as Markdown."""
    heads: tuple[str, ...] = ("", "leaflets", "refused", "letters wrong %", "words wrong %")
    heads += ("lines torn or joined", "words elsewhere", "ms")
    yield "| " + " | ".join(heads) + " |"
    yield "|---" * len(heads) + "|"
    for r in rows:
        yield (
            f"| {r.name} | {r.pages} | {r.refused} | {r.letters} | {r.words} | {r.lines_wrong} "
            f"| {r.elsewhere} | {r.ms} |"
        )
