"""Counting mistakes: letters, words, and words that were wrong without saying so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from scan_pipeline.story import LineReading

FLAG_BELOW = 0.9
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineScore:
    """One line's mistakes, cased and lower-cased; `sure`: (confidence, right) of each word read,
    `sure_letters`: of each letter."""

    writer: str
    letters: int
    words: int
    edits: int
    edits_lower: int
    word_edits: int
    word_edits_lower: int
    sure: tuple[tuple[float, bool], ...]
    sure_letters: tuple[tuple[float, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Rates of many lines, 0 to 1. `cer_median`, `cer_worst`: lower-cased, over the writers.

    `flagged`: share of the words read that a person is asked to look at; `silent`: share of wrong
    ones among the others; `calibration_error`: how far confidence and truth lie apart, on average.
    `letters_…`: the same of letters.
    """

    lines: int
    words: int
    cer: float
    wer: float
    cer_lower: float
    wer_lower: float
    cer_median: float
    cer_worst: float
    flagged: float
    silent: float
    calibration_error: float
    reliability: tuple[dict[str, float], ...]
    letters_flagged: float
    letters_silent: float
    letters_calibration_error: float
    writers: dict[str, tuple[float, float]]


def edits(truth: Sequence[object], got: Sequence[object]) -> int:
    """Items to put in, take out or change."""
    row = list(range(len(got) + 1))
    for i, a in enumerate(truth, start=1):
        above, row = row, [i]
        for j, b in enumerate(got, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


def bare(word: str) -> str:
    """A word as it counts for being right: lower case, no punctuation around it."""
    return "".join(c for c in word.lower() if c.isalnum() or c == "'").strip("'")


def right_words(truth: Sequence[str], got: Sequence[str]) -> list[bool]:
    """Whether each word of `got` is the one at its place in `truth`, words alike paired up."""
    cost = [[0.0 if t == g else 0.4 + 0.6 * _far(t, g) for g in got] for t in truth]
    best = np.zeros((len(truth) + 1, len(got) + 1))
    best[:, 0], best[0] = np.arange(len(truth) + 1), np.arange(len(got) + 1)
    for i in range(1, len(truth) + 1):
        for j in range(1, len(got) + 1):
            best[i, j] = min(
                best[i - 1, j] + 1, best[i, j - 1] + 1, best[i - 1, j - 1] + cost[i - 1][j - 1]
            )
    right = [False] * len(got)
    i, j = len(truth), len(got)
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + cost[i - 1][j - 1]:
            i, j = i - 1, j - 1
            right[j] = truth[i] == got[j]
        elif best[i, j] == best[i, j - 1] + 1:
            j -= 1
        else:
            i -= 1
    return right


def right_letters(truth: str, words: Sequence[str]) -> list[bool]:
    """Whether each letter of `words` is the one at its place in `truth`, small or capital."""
    got = " ".join(words).lower()
    right = {at for kind, at in align(truth.lower(), got) if kind == "same"}
    return [k in right for k, letter in enumerate(got) if letter != " "]


def align(truth: Sequence[object], got: Sequence[object]) -> list[tuple[str, int | None]]:
    """Cheapest edits from `truth` to `got`: ("same"|"changed"|"extra", index in got) or
    ("missed", None)."""
    rows, cols = len(truth), len(got)
    cost = np.zeros((rows + 1, cols + 1), np.int64)
    cost[:, 0], cost[0] = np.arange(rows + 1), np.arange(cols + 1)
    for i in range(1, rows + 1):
        for j in range(1, cols + 1):
            change = cost[i - 1, j - 1] + (truth[i - 1] != got[j - 1])
            cost[i, j] = min(change, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    out: list[tuple[str, int | None]] = []
    i, j = rows, cols
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + (truth[i - 1] != got[j - 1]):
            out.append(("same" if truth[i - 1] == got[j - 1] else "changed", j - 1))
            i, j = i - 1, j - 1
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            out.append(("missed", None))
            i -= 1
        else:
            out.append(("extra", j - 1))
            j -= 1
    return out[::-1]


def _far(a: str, b: str) -> float:
    return edits(a, b) / max(len(a), len(b), 1)


def score(writer: str, truth: str, reading: LineReading) -> LineScore:
    """One line's reading against what is written."""
    got, low, low_got = reading.text, truth.lower(), reading.text.lower()
    words = [bare(w.text) for w in reading.words]
    right = right_words([bare(w) for w in truth.split()], words)
    return LineScore(
        writer=writer,
        letters=len(truth),
        words=len(truth.split()),
        edits=edits(truth, got),
        edits_lower=edits(low, low_got),
        word_edits=edits(truth.split(), got.split()),
        word_edits_lower=edits(low.split(), low_got.split()),
        sure=tuple((w.confidence, ok) for w, ok in zip(reading.words, right, strict=True)),
        sure_letters=_sure_letters(truth, reading),
    )


def _sure_letters(truth: str, reading: LineReading) -> tuple[tuple[float, bool], ...]:
    said = [chance for word in reading.words for chance in word.letters]
    if not said:
        return ()
    return tuple(zip(said, right_letters(truth, [w.text for w in reading.words]), strict=True))


def summary(scores: Iterable[LineScore]) -> Summary:
    """The rates of all these lines together."""
    all_ = list(scores)
    letters, words = sum(s.letters for s in all_), sum(s.words for s in all_)
    sure = np.array([pair for s in all_ for pair in s.sure], np.float64).reshape(-1, 2)
    each = np.array([pair for s in all_ for pair in s.sure_letters], np.float64).reshape(-1, 2)
    writers = {name: _rates([s for s in all_ if s.writer == name]) for name in _names(all_)}
    cers = [cer for cer, _ in writers.values()]
    flagged, silent, error = trust(sure)
    letters_flagged, letters_silent, letters_error = trust(each)
    return Summary(
        lines=len(all_),
        words=words,
        cer=sum(s.edits for s in all_) / max(1, letters),
        wer=sum(s.word_edits for s in all_) / max(1, words),
        cer_lower=sum(s.edits_lower for s in all_) / max(1, letters),
        wer_lower=sum(s.word_edits_lower for s in all_) / max(1, words),
        cer_median=float(np.median(cers)) if cers else 0.0,
        cer_worst=max(cers, default=0.0),
        flagged=flagged,
        silent=silent,
        calibration_error=error,
        reliability=reliability(sure),
        letters_flagged=letters_flagged,
        letters_silent=letters_silent,
        letters_calibration_error=letters_error,
        writers=writers,
    )


def trust(sure: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> tuple[float, float, float]:
    """Share flagged, share wrong among the others, calibration error: of (confidence, right)."""
    if not len(sure):
        return 0.0, 0.0, 0.0
    plain = sure[sure[:, 0] >= FLAG_BELOW]
    silent = float(1.0 - plain[:, 1].mean()) if len(plain) else 0.0
    apart = sum(abs(b["said"] - b["right"]) * b["words"] for b in reliability(sure))
    return 1.0 - len(plain) / len(sure), silent, apart / len(sure)


def _names(scores: Sequence[LineScore]) -> list[str]:
    return sorted({s.writer for s in scores})


def _rates(scores: Sequence[LineScore]) -> tuple[float, float]:
    return (
        sum(s.edits_lower for s in scores) / max(1, sum(s.letters for s in scores)),
        sum(s.word_edits_lower for s in scores) / max(1, sum(s.words for s in scores)),
    )


def reliability(
    sure: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> tuple[dict[str, float], ...]:
    """By confidence: how many words, what was said on average, and how many were right."""
    place = np.clip(np.digitize(sure[:, 0], BINS) - 1, 0, len(BINS) - 2)
    rows = []
    for k in sorted(set(place.tolist())):
        mine = sure[place == k]
        said, right = mine.mean(axis=0)
        rows.append(
            {
                "from": BINS[k],
                "to": BINS[k + 1],
                "words": len(mine),
                "said": round(float(said), 4),
                "right": round(float(right), 4),
            }
        )
    return tuple(rows)


def as_json(found: Summary) -> dict[str, object]:
    """Ready for `json.dumps`."""
    return asdict(found)
