"""Words, pairs and triples of words with their chances, and the compact file they travel in."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STEP = 1 / 12
"""Logs are kept to a twelfth: a byte holds chances down to e to the -21st."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ngrams:
    """Natural logs of chances. `pair_keys`: rising, first word's number * words + second's;
    `triple_keys`: rising, pair's place * words + third word's number. The backoffs are added
    where a longer list has no entry: `single_backoff` by first word, `pair_backoff` by pair."""

    words: tuple[str, ...]
    single: Floats
    single_backoff: Floats
    pair_keys: Ints
    pair: Floats
    pair_backoff: Floats
    triple_keys: Ints
    triple: Floats

    def follow(self, pair: Ints, before: Ints, word: Ints) -> tuple[Floats, Ints]:
        """Logs of the chances of words (by number), each after the word `before` and the `pair`
        that ends with it (-1: nothing known); and the pair that each makes with `before`."""
        size = len(self.words)
        place, found = find(self.pair_keys, before * size + word)
        found &= before >= 0
        alone = self.single[word] + np.where(before >= 0, self.single_backoff[before], 0.0)
        score = np.asarray(alone, np.float64)
        score[found] = self.pair[place[found]]
        third, known = find(self.triple_keys, pair * size + word)
        known &= pair >= 0
        score[pair >= 0] += self.pair_backoff[pair[pair >= 0]]
        score[known] = self.triple[third[known]]
        return score, np.where(found, place, -1)


def find(keys: Ints, wanted: Ints) -> tuple[Ints, Flags]:
    """Places of `wanted` in the rising `keys`, and whether they are there."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted


def put(keys: Ints, values: Floats) -> tuple[Ints, Floats]:
    """Both in the order of the keys."""
    order = np.argsort(keys, kind="stable")
    return keys[order], values[order]


def pack(model: Ngrams) -> bytes:
    """The model as a compressed file: keys as steps from one to the next, logs as bytes."""
    steps = {}
    for name, keys in (("pair", model.pair_keys), ("triple", model.triple_keys)):
        gaps = np.diff(keys, prepend=0).astype(np.uint64)
        for byte in range(6):
            part = (gaps >> np.uint64(8 * byte)) & np.uint64(255)
            steps[f"{name}_step_{byte}"] = part.astype(np.uint8)
    logs = {
        name: np.clip(np.round(-getattr(model, name) / STEP), -127, 255).astype(np.int16)
        for name in ("single", "single_backoff", "pair", "pair_backoff", "triple")
    }
    out = io.BytesIO()
    text = np.frombuffer("\n".join(model.words).encode(), np.uint8)
    np.savez_compressed(out, allow_pickle=False, words=text, **steps, **logs)
    return out.getvalue()


def unpack(path: Path) -> Ngrams:
    """What `pack` made."""
    with np.load(path) as stored:
        keys = {}
        for name in ("pair", "triple"):
            gaps = stored[f"{name}_step_0"].astype(np.int64)
            for byte in range(1, 6):
                gaps |= stored[f"{name}_step_{byte}"].astype(np.int64) << (8 * byte)
            keys[f"{name}_keys"] = np.cumsum(gaps)
        logs = {
            name: stored[name] * -STEP
            for name in ("single", "single_backoff", "pair", "pair_backoff", "triple")
        }
        words = tuple(stored["words"].tobytes().decode().split("\n"))
    return Ngrams(words=words, **keys, **logs)
