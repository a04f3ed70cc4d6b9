"""The likeliest texts of a line: a beam search over letter chances, guided by the lexicon.

Every beginning of a text that is still followed is a row in a few arrays; one step of the search
is a handful of array operations over all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scan_pipeline.reading.language.lexicon import CLOSED, NUMBER, OFF, ROOT, SIGNS, Lexicon

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LETTER, DIGIT, OPENING, ENDING, JOINING, SPACE = range(6)
APOSTROPHE = SIGNS.index("'")
BASE = dict(zip("éèêëçñöüàâîôû", "eeeecnouaaiou", strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much the language counts beside the letters; natural logs. Tuned by `benchmarks.reading`.

    `language`: weight of a word's log chance; `word`: gain for each word; `unknown` and
    `unknown_letter`: cost of a word on no list, and of each of its letters; `odd`: cost of signs
    where they seldom stand (letters after punctuation, capitals inside a word); `capital`: cost of
    a capital letter that does not begin the line. `beam`: texts followed at once; `margin`: how
    far behind the best one may lie; `faintest`: letters less likely than this are passed over.
    """

    language: float = 0.7
    word: float = 1.0
    letter: float = 2.0
    unknown: float = -15.8
    unknown_letter: float = -5.2
    odd: float = -12.0
    capital: float = -0.4
    beam: int = 32
    margin: float = 12.0
    faintest: float = -9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One possible text of the line; `letters` and `language`: its log scores (they add up)."""

    text: str
    letters: float
    language: float


@dataclass(slots=True)
class _Beam:
    """The followed beginnings: where each stands in the lexicon, and its chances so far.

    `score`: of the finished words; `ends_blank`, `ends_letter`: CTC log chances; `last`: class of
    the last letter; `key`, `parent`: places in the history.
    """

    node: Ints
    before: Ints
    pair: Ints
    score: Floats
    ends_blank: Floats
    ends_letter: Floats
    last: Ints
    key: Ints
    parent: Ints


class Search:
    """Reads with a lexicon. `letters[k]` is the letter of class k; class 0 is the CTC blank."""

    def __init__(
        self, letters: Sequence[str], lexicon: Lexicon, weights: Weights | None = None
    ) -> None:
        self._letters = tuple(letters)
        self._lexicon = lexicon
        self._weights = weights or Weights()
        self._kind = np.array([_kind(letter) for letter in letters])
        folded = [BASE.get(letter.lower(), letter.lower()) for letter in letters]
        self._upper = np.array([letter.isupper() for letter in letters])
        self._lower = np.array([letter.islower() for letter in letters])
        self._sign = np.array([SIGNS.find(s) if s else -1 for s in folded])

    def best(self, posteriors: NDArray[np.float32], count: int = 8) -> list[Reading]:
        """Up to `count` texts, best first, for (steps, classes) chances; "" may be one."""
        chances = np.log(np.maximum(posteriors.astype(np.float64), 1e-30))
        beam = _start()
        history: list[tuple[Ints, Ints]] = []
        size = 1
        for step in chances:
            if step[0] > -1e-3:
                beam.ends_blank = np.logaddexp(beam.ends_blank, beam.ends_letter) + step[0]
                beam.ends_letter = np.full_like(beam.ends_blank, -np.inf)
                continue
            beam, fresh = self._step(beam, step, size)
            history.append(fresh)
            size += len(fresh[0])
        return self._finished(beam, history, count)

    def _step(self, beam: _Beam, step: Floats, size: int) -> tuple[_Beam, tuple[Ints, Ints]]:
        """One step further: the beam, and (parent, class) of every beginning that is new in it."""
        w, ahead = self._weights, self._lexicon.best_below
        classes = np.flatnonzero(step > w.faintest)
        classes = classes[classes > 0]
        both = np.logaddexp(beam.ends_blank, beam.ends_letter)
        stay_blank = both + step[0]
        stay_letter = beam.ends_letter + step[beam.last]
        grown = both[:, None] + step[classes][None, :]
        again = beam.last[:, None] == classes[None, :]
        grown[again] = (beam.ends_blank[:, None] + step[classes][None, :])[again]
        _merge(beam, classes, grown, stay_letter)
        old = w.language * (beam.score + ahead[beam.node])
        stay = np.logaddexp(stay_blank, stay_letter) + old
        rows, columns = np.nonzero(grown + old[:, None] > stay.max() - w.margin)
        node, before, pair, score = self._advance(beam, rows, classes[columns])
        mass = grown[rows, columns]
        total = np.concatenate([stay, mass + w.language * (score + ahead[node])])
        kept = np.argsort(-total, kind="stable")[: w.beam]
        kept = kept[total[kept] > -np.inf]
        olds, news = kept[kept < len(stay)], kept[kept >= len(stay)] - len(stay)
        rows, letters = rows[news], classes[columns[news]]
        grew = _Beam(
            node=np.concatenate([beam.node[olds], node[news]]),
            before=np.concatenate([beam.before[olds], before[news]]),
            pair=np.concatenate([beam.pair[olds], pair[news]]),
            score=np.concatenate([beam.score[olds], score[news]]),
            ends_blank=np.concatenate([stay_blank[olds], np.full(len(news), -np.inf)]),
            ends_letter=np.concatenate([stay_letter[olds], mass[news]]),
            last=np.concatenate([beam.last[olds], letters]),
            key=np.concatenate([beam.key[olds], size + np.arange(len(news))]),
            parent=np.concatenate([beam.parent[olds], beam.key[rows]]),
        )
        return grew, (beam.key[rows], letters)

    def _advance(
        self, beam: _Beam, rows: Ints, classes: Ints
    ) -> tuple[Ints, Ints, Ints, Floats]:
        """Node, word before, pair before and score of the beginnings `rows`, each with one more letter."""
        w, lexicon = self._weights, self._lexicon
        node, score = beam.node[rows], beam.score[rows].copy()
        kind, last = self._kind[classes], beam.last[rows]
        at_root = node == ROOT
        letter, digit = kind == LETTER, kind == DIGIT
        new = np.where(letter, lexicon.children[node, self._sign[classes]], node).astype(np.int64)
        # "Sarah's": the apostrophe ends a word that no list has with one.
        owning = (self._sign[classes] == APOSTROPHE) & (new == OFF) & (lexicon.word_at[node] >= 0)
        new[owning] = CLOSED
        score[at_root & (letter | digit)] += w.word / w.language
        score[letter] += w.letter / w.language
        lost = letter & (new == OFF)
        score[lost] += w.unknown_letter
        fell = lost & (node != OFF)
        score[fell] += w.unknown + w.unknown_letter * lexicon.depth[node[fell]]
        after_sign = letter & (node == CLOSED)
        score[after_sign] += np.where(
            self._sign[last[after_sign]] == APOSTROPHE, w.unknown_letter, w.odd
        )
        score[digit | (letter & (node == NUMBER))] += w.unknown_letter
        score[digit & ~at_root & (node != NUMBER)] += w.odd
        new[digit] = NUMBER
        score[self._upper[classes] & (beam.parent[rows] >= 0) & at_root] += w.capital
        score[self._upper[classes] & self._lower[last] & ~at_root] += w.odd
        stops = owning | ((kind >= ENDING) & ~at_root)
        before, pair, score = self._finish(node, beam.before[rows], beam.pair[rows], score, stops)
        score[(kind == ENDING) & at_root] += w.odd
        score[(kind == JOINING) & at_root] += w.odd / 2
        score[(kind == OPENING) & ~at_root] += w.odd
        twice = at_root & ((self._kind[last] == SPACE) | (beam.parent[rows] < 0))
        score[(kind == SPACE) & twice] = -np.inf
        new[kind == ENDING] = CLOSED
        new[kind >= JOINING] = ROOT
        return new, before, pair, score

    def _finish(
        self, node: Ints, before: Ints, pair: Ints, score: Floats, stops: Flags
    ) -> tuple[Ints, Ints, Floats]:
        """Words that end here get their chance, given the two words before."""
        w, lexicon = self._weights, self._lexicon
        word = lexicon.word_at[node]
        known = np.flatnonzero(stops & (word >= 0))
        score, before, pair = score.copy(), before.copy(), pair.copy()
        if len(known):
            chance, pair[known] = lexicon.ngrams.follow(pair[known], before[known], word[known])
            score[known] += chance
            before[known] = word[known]
        part = stops & (word < 0) & (node > NUMBER)
        score[part] += w.unknown + w.unknown_letter * lexicon.depth[node[part]]
        lost = stops & (word < 0) & (node != CLOSED)
        before[lost] = pair[lost] = -1
        return before, pair, score

    def _finished(self, beam: _Beam, history: list[tuple[Ints, Ints]], count: int) -> list[Reading]:
        ends = beam.node != ROOT
        _, _, score = self._finish(beam.node, beam.before, beam.pair, beam.score, ends)
        letters = np.logaddexp(beam.ends_blank, beam.ends_letter)
        language = self._weights.language * score
        parents = np.concatenate([[-1], *(p for p, _ in history)]).astype(np.int64)
        classes = np.concatenate([[0], *(c for _, c in history)]).astype(np.int64)
        found: dict[str, Reading] = {}
        for k in np.argsort(-(letters + language))[: 2 * count].tolist():
            text, at = [], int(beam.key[k])
            while at > 0:
                text.append(self._letters[classes[at]])
                at = int(parents[at])
            line = "".join(reversed(text)).strip()
            if line not in found:
                found[line] = Reading(
                    text=line, letters=float(letters[k]), language=float(language[k])
                )
        return list(found.values())[:count]


def _merge(beam: _Beam, classes: Ints, grown: Floats, stay_letter: Floats) -> None:
    """A beginning that grows into another one in the beam gives its chance to that one."""
    if not len(classes):
        return
    child, row = np.nonzero(beam.parent[:, None] == beam.key[None, :])
    column = np.minimum(np.searchsorted(classes, beam.last[child]), len(classes) - 1)
    same = classes[column] == beam.last[child]
    child, row, column = child[same], row[same], column[same]
    stay_letter[child] = np.logaddexp(stay_letter[child], grown[row, column])
    grown[row, column] = -np.inf


def _start() -> _Beam:
    zero, none = np.zeros(1, np.int64), np.full(1, -1, np.int64)
    return _Beam(
        node=np.array([ROOT]),
        before=none,
        pair=none,
        score=np.zeros(1),
        ends_blank=np.zeros(1),
        ends_letter=np.full(1, -np.inf),
        last=zero,
        key=zero,
        parent=none,
    )


def _kind(letter: str) -> int:
    """What a letter does to the word it meets; "&" and "£" stand where numbers stand."""
    if letter.isalpha() or letter == "'":
        return LETTER
    if letter.isdigit() or letter in "£$€&+=*#@%":
        return DIGIT
    if letter == " ":
        return SPACE
    if letter in '"(':
        return OPENING
    return JOINING if letter in "-/" else ENDING
