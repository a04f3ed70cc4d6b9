"""200 leaflets read, confirmed and learned from; the next 50 read without and with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.adapt.writers import Leaflet, service_words
from benchmarks.handwriting.score import FLAG_BELOW, LineScore, bare, score, summary
from leaflets.settings import EXAMPLE
from scan_pipeline.learning.adapt import learn
from scan_pipeline.learning.learned import Learned, local_words
from scan_pipeline.learning.pairs import aligned
from scan_pipeline.reading.recognise import confidence
from scan_pipeline.reading.recognise.ppocr import PpOcr, composed
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import FieldValue, LineReading, PageOutcome, PageReading, TextValue

VOLUNTEER = "a volunteer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Rates of the leaflets that came after, 0 to 1; see `benchmarks.handwriting.score.Summary`.
    `own_wrong`: of the service's own words. `silent_words`: how many wrong ones are not flagged."""

    name: str
    words: int
    cer: float
    wer: float
    own_words: int
    own_wrong: float
    flagged: float
    silent: float
    silent_words: int
    calibration_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A leaflet's fields as a machine that has learned nothing reads them, beside what is there."""

    fields: dict[str, tuple[tuple[LineReading, str], ...]]


def read(leaflets: Iterable[Leaflet]) -> Iterator[Read]:
    """Each leaflet as it would be scanned."""
    reader = PpOcr(local_words(EXAMPLE))
    for leaflet in leaflets:
        yield Read(
            fields={
                name: tuple(
                    zip(reader.read([g for g, _ in lines]), [t for _, t in lines], strict=True)
                )
                for name, lines in leaflet.fields.items()
            }
        )


def taught(leaflets: Iterable[Read], workspace: Path, nods: float) -> Learned:
    """What these leaflets teach, once they are kept and confirmed in a store.

    `nods`: share of the mistakes in words that were not marked which the volunteer lets pass.
    """
    rng = np.random.default_rng(17)
    with open_store(workspace) as repo:
        for number, leaflet in enumerate(leaflets):
            _confirm(repo, number, leaflet, nods, rng)
        return learn(repo.stories(), EXAMPLE)


def _confirm(
    repo: Repository, number: int, leaflet: Read, nods: float, rng: np.random.Generator
) -> None:
    fields: dict[str, FieldValue] = {
        name: _value([reading for reading, _ in lines]) for name, lines in leaflet.fields.items()
    }
    reading = PageReading(
        template="story", version="", batch="", sheet_page=1, markers_found=8,
        residual_mm=0.0, fields=fields, fingerprint=str(number).encode(),
    )  # fmt: skip
    kept = repo.record(
        PageOutcome(file="b.pdf", page=number, status="read", image_sha256="", reading=reading)
    )
    assert kept.story_id
    for name, lines in leaflet.fields.items():
        repo.correct(kept.story_id, name, _answer(lines, nods, rng), VOLUNTEER)
    repo.confirm(kept.story_id, VOLUNTEER, worry=False)


def _value(lines: Sequence[LineReading]) -> TextValue:
    return TextValue(
        text=" ".join(line.text for line in lines),
        confidence=0.5,
        review=True,
        lines=tuple(lines),
        quad_px=(),
    )


def _answer(lines: Sequence[tuple[LineReading, str]], nods: float, rng: np.random.Generator) -> str:
    """The truth, but for mistakes that nobody noticed."""
    said: list[str] = []
    for line, text in lines:
        words = text.split()
        for i, j in aligned([bare(w.text) for w in line.words], [bare(w) for w in words]):
            if i is not None and line.words[i].confidence >= FLAG_BELOW and rng.random() < nods:
                said.append(line.words[i].text)
            elif j is not None:
                said.append(words[j])
    return " ".join(said)


def compared(leaflets: Iterable[Leaflet], learned: Learned) -> list[Step]:
    """The same leaflets read without, with each half, and with all that was learned."""
    lines = [line for leaflet in leaflets for lines in leaflet.fields.values() for line in lines]
    words = local_words(EXAMPLE)
    plain, knowing = PpOcr(words), PpOcr((*words, *learned.words))
    posteriors = [plain.posteriors(grey) for grey, _ in lines]
    before, after = plain.judge(posteriors), knowing.judge(posteriors)
    tables, texts = confidence.tables(), [text for _, text in lines]
    return [
        step(name, texts, [composed(found, tables, steps) for found in judged])
        for name, judged, steps in (
            ("before", before, ()),
            ("+ its own words", after, ()),
            ("+ how surely they were read", before, learned.steps),
            ("both", after, learned.steps),
        )
    ]


def step(name: str, texts: Sequence[str], readings: Sequence[LineReading]) -> Step:
    """The rates of these lines."""
    scores = [score("all", text, reading) for text, reading in zip(texts, readings, strict=True)]
    found = summary(scores)
    own = [right for text, r in zip(texts, readings, strict=True) for right in _own(text, r)]
    return Step(
        name=name,
        words=found.words,
        cer=found.cer_lower,
        wer=found.wer_lower,
        own_words=len(own),
        own_wrong=1.0 - float(np.mean(own)) if own else 0.0,
        flagged=found.flagged,
        silent=found.silent,
        silent_words=_silent(scores),
        calibration_error=found.calibration_error,
    )


def _silent(scores: Sequence[LineScore]) -> int:
    return sum(sure >= FLAG_BELOW and not right for s in scores for sure, right in s.sure)


def _own(text: str, reading: LineReading) -> list[bool]:
    """For each of the service's own words on this line, whether it was read."""
    truth = [bare(word) for word in text.split()]
    read = [bare(word.text) for word in reading.words]
    names = service_words()
    return [
        i is not None and read[i] == truth[j]
        for i, j in aligned(read, truth)
        if j is not None and truth[j] in names
    ]
