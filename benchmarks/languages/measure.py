"""Leaflets in other languages by drawn hands: what was noticed, and what was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path

import fontpkg
import numpy as np
from PIL import ImageFont

from benchmarks.handwriting.lines import TrueLine
from benchmarks.handwriting.score import bare, edits, right_words
from benchmarks.languages.sentences import REPORTED, TUNED, said
from benchmarks.truth import grey_of, layout
from leaflets.settings import EXAMPLE
from scan_pipeline.demo.fill import PX_PER_MM, FilledLeaflet, blank_side, fill, mixed_story
from scan_pipeline.demo.hands import FONTS, make_hand
from scan_pipeline.demo.paper import CONDITIONS, distort, handed_out
from scan_pipeline.demo.stories import STORIES
from scan_pipeline.forms import load_forms
from scan_pipeline.page import Grey
from scan_pipeline.reading.language.foreign import seems_foreign
from scan_pipeline.reading.recognise import Recogniser
from scan_pipeline.reading.writing import REVIEW_BELOW
from scan_pipeline.story import LineReading, PageReading, TextValue
from scan_pipeline.worker import read_page

ENGLISH = "English"
SAID = (3, 7)
NO_GLYPH = "\U000f0000"
RUNS = (4, 8)  # lines: a few, and as many as a leaflet usually holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """How one text was read: letters wrong, words read, and words wrong that nobody is asked
    to look at."""

    wrong: int
    words: int
    silent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaflet:
    """One leaflet. `english`: read as English; `letters`: letter by letter, as on a form in that
    language; `came_out`: what `scan` gives."""

    language: str
    condition: str
    font: str
    letters_written: int
    noticed: bool
    english: Read
    letters: Read
    came_out: Read


class Both:
    """Reads in both ways and keeps both."""

    def __init__(self, engine: Recogniser) -> None:
        self.name = engine.name
        self._engine = engine
        self.english: list[LineReading] = []
        self.letters: list[LineReading] = []

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        """See `Recogniser`."""
        self.english = self._engine.read(lines)
        self.letters = self._engine.read_letters(lines)
        return self.english

    def read_letters(self, lines: Sequence[Grey]) -> list[LineReading]:
        """See `Recogniser`; not read twice."""
        return self.letters

    def read_cells(
        self, glyphs: Sequence[Grey], rises_px: Sequence[int], allowed: Sequence[str]
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        """See `Recogniser`."""
        return self._engine.read_cells(glyphs, rises_px, allowed)


def leaflets(
    language: str,
    count: int,
    seed: int,
    *,
    tuned: bool,
    conditions: Sequence[str],
    engine: Recogniser,
    workspace: Path,
) -> Iterator[Leaflet]:
    """`count` leaflets in `language`, conditions and fonts in turn; those that could not be placed
    are left out."""
    texts = english_said() if language == ENGLISH else said(language, tuned=tuned)
    every = () if language == ENGLISH else TUNED[language] + REPORTED[language]
    fonts = [font for font in FONTS if has_all(font, "".join(every))]
    forms, both = load_forms(workspace), Both(engine)
    for index in range(count):
        condition = conditions[index % len(conditions)]
        filled, grey = _scanned(texts, fonts[index % len(fonts)], condition, (seed, index))
        reading, _ = read_page(grey, forms=forms, engine=both)
        if isinstance(reading, PageReading):
            yield _judged(language, condition, filled, reading, both)


def _scanned(
    texts: Sequence[str], font: str, condition: str, seed: tuple[int, int]
) -> tuple[FilledLeaflet, Grey]:
    """A leaflet with some of these sentences, as the scanner sees it."""
    rng = np.random.default_rng(seed)
    page, how = layout().page(1), CONDITIONS[condition]
    picked = [texts[k] for k in rng.permutation(len(texts))[: int(rng.integers(*SAID))]]
    story = replace(
        mixed_story(page, rng),
        story_title="",
        story=" ".join(picked[:-1]),
        good=picked[-1],
        improve="",
        feelings_other="",
        handle="",
    )
    blank = handed_out(blank_side(layout(), EXAMPLE, 1), PX_PER_MM, how, seed)
    filled = fill(blank, page, story, make_hand(rng, font), rng)
    sheet = distort(filled.image, PX_PER_MM, how, seed, layout=page)
    return filled, grey_of(sheet.image)


def _judged(
    language: str, condition: str, filled: FilledLeaflet, reading: PageReading, both: Both
) -> Leaflet:
    ways: dict[str, list[tuple[str, list[LineReading]]]] = {"english": [], "letters": [], "out": []}
    start = 0
    for field, value in reading.fields.items():
        if not isinstance(value, TextValue):
            continue
        truth = " ".join(filled.texts.get(field, ()))
        end = start + len(value.lines)
        ways["english"].append((truth, both.english[start:end]))
        ways["letters"].append((truth, both.letters[start:end]))
        ways["out"].append((truth, list(value.lines)))
        start = end
    return Leaflet(
        language=language,
        condition=condition,
        font=filled.font,
        letters_written=sum(len(truth) for truth, _ in ways["out"]),
        noticed=reading.by_letters,
        english=read_of(ways["english"]),
        letters=read_of(ways["letters"]),
        came_out=read_of(ways["out"]),
    )


def read_of(fields: Sequence[tuple[str, Sequence[LineReading]]]) -> Read:
    """Mistakes in (truth, lines) of some fields, capitals and accents counted."""
    wrong = words = silent = 0
    for truth, lines in fields:
        wrong += edits(truth, " ".join(line.text for line in lines if line.text))
        read = [word for line in lines for word in line.words]
        right = right_words([bare(w) for w in truth.split()], [bare(w.text) for w in read])
        words += len(read)
        silent += sum(
            not ok and w.confidence >= REVIEW_BELOW for w, ok in zip(read, right, strict=True)
        )
    return Read(wrong=wrong, words=words, silent=silent)


def english_said() -> tuple[str, ...]:
    """The sentences of the demo's stories."""
    return tuple(s.strip(" .") + "." for story in STORIES for s in story.story.split(". "))


@cache
def has_all(font: str, text: str) -> bool:
    """Whether a font draws every letter of a text: it has one shape for all that it lacks."""
    face = ImageFont.truetype(str(fontpkg.path(font)), 40)
    lacking = bytes(face.getmask(NO_GLYPH))
    return all(bytes(face.getmask(c)) != lacking for c in set(text) if not c.isspace())


def alarms(lines: Sequence[TrueLine], engine: Recogniser) -> dict[int, tuple[int, int]]:
    """By length: how many runs of so many lines by one writer are taken for another language, and
    how many there are. Every run of neighbouring lines counts."""
    read = dict(zip(map(id, lines), engine.read([line.grey for line in lines]), strict=True))
    found = {}
    for length in RUNS:
        runs = []
        for _, group in groupby(sorted(lines, key=lambda t: t.writer), key=lambda t: t.writer):
            mine = [read[id(line)] for line in group]
            runs += [mine[k : k + length] for k in range(max(1, len(mine) - length + 1))]
        found[length] = (sum(seems_foreign(run) for run in runs), len(runs))
    return found
