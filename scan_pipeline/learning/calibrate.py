"""How far the shipped confidences hold for the people who write here: a rising correction.

What the table says counts like `PRIOR` words that bear it out, so a few stories change next to
nothing. Downwards the correction follows what was seen. Upwards it goes only as far as enough
words prove: people let a wrong word pass more easily than they change a right one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scan_pipeline.learning.pairs import Lesson
from scan_pipeline.reading.recognise.confidence import Steps, corrected

EDGES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.86, 0.9, 0.93, 0.96, 0.98, 0.99, 1.0)
LEAST_WORDS = 200
PRIOR = 60.0
SUREST = 0.99
BEYOND_DOUBT = 2.0  # standard errors

Floats = NDArray[np.float64]


def correction(lessons: Sequence[Lesson], trust: Steps = ()) -> Steps:
    """(chance by the table, chance here) steps, both rising; none from less than `LEAST_WORDS`.

    `trust`: what the table's chances count for before anything is learned; see `corrected`.
    """
    seen = [
        (pair.by_table, pair.read == pair.said)
        for lesson in lessons
        for pair in lesson.pairs
        if pair.by_table is not None
    ]
    if len(seen) < LEAST_WORDS:
        return ()
    table, right = np.array(seen, np.float64).T
    return fitted(table, right, trust)


def fitted(table: Floats, right: Floats, trust: Steps = ()) -> Steps:
    """`table`: the chances that the table gave (words,); `right`: 1 for each that was right."""
    place = np.clip(np.digitize(table, EDGES) - 1, 0, len(EDGES) - 2)
    count = np.asarray(np.bincount(place, minlength=len(EDGES) - 1), np.float64)
    hits = np.asarray(np.bincount(place, right, len(count)), np.float64)
    middle = (np.array(EDGES[:-1]) + np.array(EDGES[1:])) / 2
    said = np.where(count > 0, np.bincount(place, table, len(count)) / np.maximum(count, 1), middle)
    before = corrected(said, trust)
    owner = _pooled(PRIOR * before + hits, PRIOR + count)
    seen, good = _summed(owner, count), _summed(owner, hits)
    rough = _summed(owner, PRIOR * before + hits) / _summed(owner, PRIOR + count)
    proven = np.minimum(_surely(good, seen), SUREST)
    here = np.minimum(rough[owner], np.maximum(before, proven[owner]))
    here = np.minimum.accumulate(here[::-1])[::-1]
    return tuple((round(float(x), 4), round(float(y), 4)) for x, y in zip(said, here, strict=True))


def _pooled(good: Floats, weight: Floats) -> NDArray[np.int64]:
    """The pool of each bin: neighbours whose shares would fall are one."""
    pools: list[list[float]] = []
    for g, w in zip(good.tolist(), weight.tolist(), strict=True):
        pools.append([g, w, 1])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] > pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    return np.repeat(np.arange(len(pools)), [int(n) for _, _, n in pools])


def _summed(owner: NDArray[np.int64], values: Floats) -> Floats:
    """One sum for each pool."""
    return np.bincount(owner, values).astype(np.float64)


def _surely(good: Floats, count: Floats) -> Floats:
    """The share that is at least true (Wilson's lower bound); 0 of nothing."""
    z2 = BEYOND_DOUBT**2
    n = np.maximum(count, 1e-9)
    share = good / n
    spread = BEYOND_DOUBT * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return np.asarray(np.maximum(0.0, (share + z2 / (2 * n) - spread) / (1 + z2 / n)))
