"""Handwriting by PP-OCRv6 (small, or a service's own) and a lexicon, on one core.

The model gets one line at a time: on a CPU a batch is no faster, and the white that fills a batch
up to its widest line would change what is read. The search takes lines together. A language model
invents likely words for unlikely letters, so the letter-by-letter reading always stays beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np

from scan_pipeline.page import Grey
from scan_pipeline.reading.language.evidence import core, gather
from scan_pipeline.reading.language.lexicon import english
from scan_pipeline.reading.language.search import Reading, Search
from scan_pipeline.reading.recognise import cells, confidence, ppocr_name
from scan_pipeline.reading.recognise.letters import LATIN, by_letters, greedy
from scan_pipeline.reading.recognise.model import Model, Posteriors
from scan_pipeline.reading.recognise.picture import OTHERS, USUAL, Look, has_ink, ready
from scan_pipeline.story import LineReading, WordReading

READINGS = 32
TOGETHER = 32
ALTERNATIVES = 4
READS_WELL, CHANGE_FROM = 0.7, 3.0
NOTHING = LineReading(text="", confidence=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """What may stand in the place of so many `words`; whether the letters alone say so."""

    text: str
    words: int
    by_letters: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A line's words, what else they may be (best first; what the letters alone say before all),
    and the signals of the truth of words and of their letters. `score`: the log score of the
    words, letters and language together. `english`: see `LineReading`."""

    words: tuple[str, ...]
    alternatives: tuple[tuple[Other, ...], ...]
    signals: confidence.Floats
    letter_signals: confidence.Floats
    score: float = 0.0
    english: float = 0.0


NO_WORDS = Judged(
    words=(),
    alternatives=(),
    signals=np.zeros((0, len(confidence.SIGNALS))),
    letter_signals=np.zeros((0, len(confidence.LETTER_SIGNALS))),
)


class PpOcr:
    """Reads a line letter by letter, then by what people write; knows what it does not know.

    `words`: what people here write that no dictionary knows. `steps`: how far its confidences hold
    here (see `confidence.corrected`). `weights`: a service's own, larger reading model of the same
    make (PP-OCRv6 medium, as ONNX); None for the one that is installed. With a model of its own
    confidences are `CAUTIOUS` without `steps`, and single characters in cells are still read by
    the one that is installed, for which all thresholds there were made.
    """

    def __init__(
        self,
        words: tuple[str, ...] = (),
        steps: confidence.Steps = (),
        weights: Path | None = None,
    ) -> None:
        self.name = ppocr_name(weights)
        self._steps = steps or (confidence.CAUTIOUS if weights is not None else ())
        self._model = Model(weights=weights)
        self._cell_model = self._model if weights is None else None
        self._weights = weights
        self._latin: Model | None = None  # made when somebody writes another language
        self._lexicon = english(words)
        self._search = Search(self._model.letters, self._lexicon)

    @property
    def letters(self) -> tuple[str, ...]:
        """The letter of each class; class 0 is none."""
        return self._model.letters

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        """See `Recogniser.read`."""
        inked = [k for k, line in enumerate(lines) if has_ink(line)]
        readings = [NOTHING] * len(lines)
        judged = self.judge_hand([lines[k] for k in inked])
        for k, found in zip(inked, judged, strict=True):
            readings[k] = composed(found, confidence.tables(), self._steps)
        return readings

    def read_letters(self, lines: Sequence[Grey]) -> list[LineReading]:
        """See `Recogniser.read_letters`."""
        if self._latin is None:
            self._latin = Model(LATIN, self._weights)
        model = self._latin
        return [
            by_letters(model.posteriors(ready(line)), model.letters) if has_ink(line) else NOTHING
            for line in lines
        ]

    def read_cells(
        self, glyphs: Sequence[Grey], rises_px: Sequence[int], allowed: Sequence[str]
    ) -> cells.Floats:
        """See `Recogniser.read_cells`."""
        if self._cell_model is None:
            self._cell_model = Model()
        model = self._cell_model
        return cells.chances(glyphs, rises_px, allowed, model.letters, model.posteriors)

    def posteriors(self, line: Grey, look: Look = USUAL) -> Posteriors:
        """The chances of letters along a line; see `Model.posteriors`."""
        return self._model.posteriors(ready(line, look))

    def judge_hand(self, lines: Sequence[Grey]) -> list[Judged]:
        """`judge` for lines with ink, all by one hand: set the way in which most is read from them.

        Hands differ in width and lean. How likely a text is beside its picture tells, over some
        lines, which setting suits, and nobody has to know what is written. A hand that reads well
        as usual is not looked at again.
        """
        usual = self.judge([self.posteriors(line) for line in lines])
        if likelihood(usual) >= READS_WELL:
            return usual
        best, most = usual, likelihood(usual) + CHANGE_FROM / max(1, _letters(usual))
        for look in OTHERS:
            other = self.judge([self.posteriors(line, look) for line in lines])
            if likelihood(other) > most:
                best, most = other, likelihood(other)
        # What tells English from other languages was learnt from lines that are set as usual.
        return [replace(b, english=u.english) for b, u in zip(best, usual, strict=True)]

    def judge(self, lines: Sequence[Posteriors]) -> list[Judged]:
        """The likeliest words of each line, and all that speaks for and against each word."""
        found: list[Judged] = []
        for start in range(0, len(lines), TOGETHER):
            some = lines[start : start + TOGETHER]
            searched = self._search.best_of(some, READINGS)
            found += [self._judged(p, r) for p, r in zip(some, searched, strict=True)]
        return found

    def _judged(self, posteriors: Posteriors, readings: list[Reading]) -> Judged:
        alone = greedy(posteriors, self._model.letters).split()
        found = searched = [r for r in readings if r.text]
        if alone and not found:
            found = [Reading(text=" ".join(alone), letters=-99.0, language=0.0)]
        if not alone:
            return NO_WORDS
        best = found[0]
        words = best.text.split()
        bare = [core(word) for word in words]
        totals = np.array([r.letters + r.language for r in found])
        shares = np.exp(totals - totals.max(initial=-np.inf))
        agreed, same = np.zeros(len(words)), {}
        agreed_letters = np.zeros(sum(map(len, words)))
        for share, reading in zip(shares / max(1e-9, shares.sum()), found, strict=True):
            other = tuple(core(w) for w in reading.text.split())
            if other not in same:  # many readings differ in capitals and punctuation only
                same[other] = shared(bare, other), letters_shared(words, reading.text.split())
            agreed += share * same[other][0]
            agreed_letters += share * same[other][1]
        evidence = gather(posteriors, self._model.letters, " ".join(words), self._lexicon)
        signals = confidence.signals(
            bare,
            evidence,
            readings=agreed.tolist(),
            letters=shared(bare, [core(w) for w in alone]).astype(bool).tolist(),
            line=(best.letters + best.language) / max(1, len(best.text)),
        )
        letter_signals = confidence.letter_signals(
            words,
            evidence,
            signals,
            readings=agreed_letters.tolist(),
            letters=letters_shared(words, alone).astype(bool).tolist(),
        )
        others = [alone, *(r.text.split() for r in found[1:])]
        likeliest = float(np.log(np.maximum(posteriors.max(axis=1), 1e-30)).sum())
        return Judged(
            words=tuple(words),
            alternatives=_alternatives(words, others),
            signals=signals,
            letter_signals=letter_signals,
            score=best.letters + best.language,
            english=best.letters + best.language - likeliest if searched else 0.0,
        )


def likelihood(hand: Sequence[Judged]) -> float:
    """The log score of a letter, on average over these lines."""
    return sum(line.score for line in hand) / max(1, _letters(hand))


def _letters(hand: Sequence[Judged]) -> int:
    return sum(len(" ".join(line.words)) for line in hand)


def shared(words: Sequence[str], others: Sequence[str]) -> confidence.Floats:
    """1 for each word that the other reading has at the same place, else 0."""
    same = np.zeros(len(words))
    for block in SequenceMatcher(None, words, others, autojunk=False).get_matching_blocks():
        same[block.a : block.a + block.size] = 1.0
    return same


def letters_shared(words: Sequence[str], others: Sequence[str]) -> confidence.Floats:
    """1 for each letter of `words` that the other reading has at the same place, small or capital,
    else 0."""
    ours, theirs = ([w.lower() for w in said] for said in (words, others))
    ends = np.cumsum([0, *map(len, ours)])
    same = np.zeros(int(ends[-1]))
    for kind, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind == "equal":
            same[ends[a] : ends[b]] = 1.0
        elif kind == "replace":
            mine, other = "".join(ours[a:b]), "".join(theirs[c:d])
            for block in SequenceMatcher(None, mine, other, autojunk=False).get_matching_blocks():
                start = int(ends[a]) + block.a
                same[start : start + block.size] = 1.0
    return same


def composed(
    judged: Judged, tables: confidence.Tables, steps: confidence.Steps = ()
) -> LineReading:
    """The line with the chances that the tables give to its words and their letters, corrected by
    `steps`."""
    if not judged.words:
        return NOTHING
    by_table = tables.words.chances(judged.signals)
    chances = confidence.corrected(by_table, steps)
    letters = confidence.corrected(tables.letters.chances(judged.letter_signals), steps)
    ends = np.cumsum([len(word) for word in judged.words])
    return LineReading(
        text=" ".join(judged.words),
        confidence=round(float(chances.mean()), 4),
        english=round(judged.english, 2),
        words=tuple(
            WordReading(
                text=word,
                confidence=round(float(chance), 4),
                alternatives=tuple(o.text for o in others),
                by_table=round(float(before), 4),
                stands_for=tuple(o.words for o in others),
                by_letters=any(o.by_letters for o in others),
                letters=tuple(np.round(each, 3).tolist()),
            )
            for word, chance, before, others, each in zip(
                judged.words,
                chances,
                by_table,
                judged.alternatives,
                np.split(letters, ends[:-1]),
                strict=True,
            )
        ),
    )


def _alternatives(
    words: Sequence[str], readings: Sequence[Sequence[str]]
) -> tuple[tuple[Other, ...], ...]:
    """For each word what the other readings have in its place, in their order; the first of them
    is by letters alone.

    Where a reading has more or fewer words, all of them stand together beside the first one; no
    letter that was read is lost.
    """
    found: list[dict[str, Other]] = [{} for _ in words]

    def offer(place: int, said: Sequence[str], count: int, by_letters: bool) -> None:
        text = " ".join(said)
        if text != " ".join(words[place : place + count]):
            other = Other(text=text, words=count, by_letters=by_letters)
            found[place].setdefault(text, other)

    for number, reading in enumerate(readings):
        matcher = SequenceMatcher(None, words, reading, autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind == "equal" or not words:
                continue
            if b - a == d - c:
                for k in range(b - a):
                    offer(a + k, reading[c + k : c + k + 1], 1, number == 0)
            elif a == b:  # words that ours has not: beside the word before, or the first
                place = max(0, a - 1)
                near = [words[place]]
                both = [*near, *reading[c:d]] if a else [*reading[c:d], *near]
                offer(place, both, 1, number == 0)
            elif d > c:
                offer(a, reading[c:d], b - a, number == 0)
    return tuple(tuple(others.values())[:ALTERNATIVES] for others in found)
