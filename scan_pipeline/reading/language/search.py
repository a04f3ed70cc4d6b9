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
SURELY_BLANK = -1e-3
BASE = dict(zip("éèêëçñöüàâîôû", "eeeecnouaaiou", strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much the language counts beside the letters; natural logs. Tuned on the tuning writers
    of `benchmarks.handwriting`.

    `language`: weight of a word's log chance; `word`, `letter`: gain for each, without which a
    long word, which costs at every letter, loses to a short one that is not there; `unknown` and
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
    beam: int = 48
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
    """The followed beginnings: whose line each is of (rising), where it stands in the lexicon,
    and its chances so far.

    `before`, `pair`: the word before, and it with the one before that (numbers, -1 for none);
    `score`: of the finished words; `ends_blank`, `ends_letter`: CTC log chances; `last`: class of
    the last letter; `key`, `parent`: places in the history.
    """

    line: Ints
    node: Ints
    before: Ints
    pair: Ints
    score: Floats
    ends_blank: Floats
    ends_letter: Floats
    last: Ints
    key: Ints
    parent: Ints


FIELDS = tuple(_Beam.__slots__)


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
        return self.best_of([posteriors], count)[0]

    def best_of(self, lines: Sequence[NDArray[np.float32]], count: int = 8) -> list[list[Reading]]:
        """The same for many lines in one go, which takes half the time; each is read by itself."""
        steps = [_steps(posteriors) for posteriors in lines]
        lengths = np.array([len(s.chances) for s in steps], np.int64)
        beam, done = _start(len(lines)), _start(0)
        history = [(beam.parent, np.zeros(len(lines), np.int64))]
        size = len(lines)
        for number in range(int(lengths.max(initial=0))):
            going = lengths[beam.line] > number
            if not going.all():
                done, beam = _joined(done, _taken(beam, ~going)), _taken(beam, going)
            now = np.zeros((len(lines), len(self._letters)))
            blank = np.zeros(len(lines))
            for k in np.flatnonzero(lengths > number).tolist():
                now[k], blank[k] = steps[k].chances[number], steps[k].blank[number]
            _pause(beam, blank)
            beam, fresh = self._step(beam, now, size)
            history.append(fresh)
            size += len(fresh[0])
        done = _joined(done, beam)
        _pause(done, np.array([s.blank[-1] for s in steps]))
        parents = np.concatenate([p for p, _ in history])
        classes = np.concatenate([c for _, c in history])
        return [
            self._finished(_taken(done, done.line == k), parents, classes, count)
            for k in range(len(lines))
        ]

    def _step(self, beam: _Beam, now: Floats, size: int) -> tuple[_Beam, tuple[Ints, Ints]]:
        """One step further, `now` (lines, classes): the beam, and (parent, class) of every
        beginning that is new in it."""
        w, ahead = self._weights, self._lexicon.best_below
        line, everything = beam.line, np.arange(len(beam.line))
        both = np.logaddexp(beam.ends_blank, beam.ends_letter)
        stay_blank = both + now[line, 0]
        stay_letter = beam.ends_letter + now[line, beam.last]
        rows, classes = _likely(now, line, w.faintest)
        again = beam.last[rows] == classes
        grown = np.where(again, beam.ends_blank[rows], both[rows]) + now[line[rows], classes]
        _merge(beam, rows * now.shape[1] + classes, now.shape[1], grown, stay_letter)
        old = w.language * (beam.score + ahead[beam.node])
        stay = np.logaddexp(stay_blank, stay_letter) + old
        starts = np.flatnonzero(np.diff(line, prepend=-1))
        top = np.full(len(now), -np.inf)
        top[line[starts]] = np.maximum.reduceat(stay, starts)
        near = grown + old[rows] > top[line[rows]] - w.margin
        rows, classes, grown = rows[near], classes[near], grown[near]
        node, before, pair, score = self._advance(beam, rows, classes)
        both_lines = np.concatenate([line, line[rows]])
        total = np.concatenate([stay, grown + w.language * (score + ahead[node])])
        kept = _first(both_lines, total, w.beam)
        fresh = kept[kept >= len(line)] - len(line)
        key = np.zeros(len(rows), np.int64)
        key[fresh] = size + np.arange(len(fresh))
        stayed = _taken(beam, everything)
        stayed.ends_blank, stayed.ends_letter = stay_blank, stay_letter
        new = _Beam(
            line=line[rows],
            node=node,
            before=before,
            pair=pair,
            score=score,
            ends_blank=np.full(len(rows), -np.inf),
            ends_letter=grown,
            last=classes,
            key=key,
            parent=beam.key[rows],
        )
        return _taken(_joined(stayed, new), kept), (new.parent[fresh], classes[fresh])

    def _advance(self, beam: _Beam, rows: Ints, classes: Ints) -> tuple[Ints, Ints, Ints, Floats]:
        """Node, word before, pair before and score of `rows`, each with one more letter."""
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

    def _finished(self, beam: _Beam, parents: Ints, classes: Ints, count: int) -> list[Reading]:
        ends = beam.node != ROOT
        _, _, score = self._finish(beam.node, beam.before, beam.pair, beam.score, ends)
        letters = np.logaddexp(beam.ends_blank, beam.ends_letter)
        language = self._weights.language * score
        best = np.argsort(-(letters + language))[: 2 * count]
        found: dict[str, Reading] = {}
        for k, spelt in zip(best.tolist(), _spelt(beam.key[best], parents, classes), strict=True):
            line = "".join(self._letters[c] for c in spelt if c >= 0).strip()
            if line not in found:
                found[line] = Reading(
                    text=line, letters=float(letters[k]), language=float(language[k])
                )
        return list(found.values())[:count]


def _spelt(keys: Ints, parents: Ints, classes: Ints) -> list[list[int]]:
    """The classes that lead to each of `keys`, first letter first; -1 before the beginning."""
    at, back = keys, []
    while (parents[at] >= 0).any():
        begun = parents[at] < 0
        back.append(np.where(begun, -1, classes[at]))
        at = np.where(begun, at, parents[at])
    return np.array(back[::-1], np.int64).reshape(len(back), len(keys)).T.tolist()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """`chances`: logs of the steps that are more than a blank, (steps, classes); `blank`: the
    summed logs of the blanks before each and after the last, 0 where there are none."""

    chances: Floats
    blank: Floats


def _steps(posteriors: NDArray[np.float32]) -> _Steps:
    logs = np.log(np.maximum(posteriors.astype(np.float64), 1e-30))
    plain = logs[:, 0] > SURELY_BLANK
    place = np.cumsum(~plain)
    blank = np.bincount(place[plain], logs[plain, 0], int((~plain).sum()) + 1).astype(np.float64)
    return _Steps(chances=logs[~plain], blank=blank)


def _pause(beam: _Beam, blank: Floats) -> None:
    """Blanks by line, if there are any: the next letter may be the last one again."""
    added = blank[beam.line]
    paused = added < 0
    both = np.logaddexp(beam.ends_blank, beam.ends_letter) + added
    beam.ends_blank = np.where(paused, both, beam.ends_blank)
    beam.ends_letter = np.where(paused, -np.inf, beam.ends_letter)


def _likely(now: Floats, line: Ints, faintest: float) -> tuple[Ints, Ints]:
    """Each beginning with each letter that is likely in its line, in order: rows and classes."""
    lines, classes = np.nonzero(now[:, 1:] > faintest)
    ends = np.searchsorted(lines, np.arange(len(now) + 1))
    counts = np.diff(ends)[line]
    rows = np.repeat(np.arange(len(line)), counts)
    first = np.cumsum(counts) - counts
    places = np.arange(len(rows)) - np.repeat(first - ends[line], counts)
    return rows, classes[places] + 1


def _first(line: Ints, total: Floats, count: int) -> Ints:
    """Places of the `count` best of each line, line by line."""
    there = np.flatnonzero(total > -np.inf)
    scores = total[there]
    span = float(np.ptp(scores)) + 1.0 if len(there) else 1.0
    # One sort for both: the lines stand further apart than any two scores.
    order = there[np.argsort(line[there] * span - scores)]
    ends = np.searchsorted(line[order], np.arange(int(line.max(initial=-1)) + 2))
    rank = np.arange(len(order)) - ends[line[order]]
    return order[rank < count]


def _merge(beam: _Beam, grown_id: Ints, width: int, grown: Floats, stay_letter: Floats) -> None:
    """A beginning that grows into another one in the beam gives its chance to that one.

    `grown_id`: rising, row * `width` + class of each that grows."""
    if not len(grown_id):
        return
    order = np.argsort(beam.key)
    place = np.minimum(np.searchsorted(beam.key[order], beam.parent), len(order) - 1)
    row = order[place]
    child = np.flatnonzero((beam.key[row] == beam.parent) & (beam.parent >= 0))
    wanted = row[child] * width + beam.last[child]
    at = np.minimum(np.searchsorted(grown_id, wanted), len(grown_id) - 1)
    there = grown_id[at] == wanted
    child, at = child[there], at[there]
    stay_letter[child] = np.logaddexp(stay_letter[child], grown[at])
    grown[at] = -np.inf


def _taken(beam: _Beam, rows: Ints | Flags) -> _Beam:
    return _Beam(**{name: getattr(beam, name)[rows] for name in FIELDS})


def _joined(a: _Beam, b: _Beam) -> _Beam:
    return _Beam(**{n: np.concatenate([getattr(a, n), getattr(b, n)]) for n in FIELDS})


def _start(lines: int) -> _Beam:
    """Nothing read yet: one empty beginning for each line."""
    none = np.full(lines, -1, np.int64)
    return _Beam(
        line=np.arange(lines),
        node=np.full(lines, ROOT),
        before=none,
        pair=none,
        score=np.zeros(lines),
        ends_blank=np.zeros(lines),
        ends_letter=np.full(lines, -np.inf),
        last=np.zeros(lines, np.int64),
        key=np.arange(lines),
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
