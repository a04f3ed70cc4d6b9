"""Which words follow which in American English, from the model that `pocketsphinx` carries (BSD).

The file is a reversed trie of bit-packed, quantised n-grams: each word leads to those before it.
Only `python -m scan_pipeline.reading.language.build` needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"Trie Language Model"
LOG = float(np.log(1.0001))
BINS = 1 << 16

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigrams:
    """Natural logs. `pairs`: (first, second) word numbers; `triples`: three of them."""

    words: tuple[str, ...]
    single: Floats
    single_backoff: Floats
    pairs: Ints
    pair: Floats
    pair_backoff: Floats
    triples: Ints
    triple: Floats


def read(path: Path) -> Trigrams:
    """Takes a trigram model in the binary form of CMU Sphinx apart."""
    data = path.read_bytes()
    if not data.startswith(MAGIC) or data[len(MAGIC)] != 3:
        raise ValueError(f"{path} is no trigram model of CMU Sphinx.")
    at = len(MAGIC) + 1
    ones, twos, threes = np.frombuffer(data, "<u4", 3, at).tolist()
    at += 12 + 4
    bins = np.frombuffer(data, "<f4", 3 * BINS, at).reshape(3, BINS).astype(np.float64) * LOG
    at += 12 * BINS
    row = np.dtype([("chance", "<f4"), ("backoff", "<f4"), ("next", "<u4")])
    single = np.frombuffer(data, row, ones + 1, at)
    at += single.nbytes
    word_bits, next_bits = ones.bit_length(), threes.bit_length()
    stride = word_bits + 32 + next_bits
    middle = np.frombuffer(data, np.uint8, ((1 + twos) * stride + 7) // 8 + 8, at)
    at += middle.nbytes
    last_stride = word_bits + 16
    last = np.frombuffer(data, np.uint8, ((1 + threes) * last_stride + 7) // 8 + 8, at)
    at += last.nbytes + 4
    words = tuple(w.decode() for w in data[at:].split(b"\0")[:ones])
    twos = int(single["next"][-1])  # the pairs that a word leads to: a few more are counted
    ends = single["next"].astype(np.int64)
    second = np.repeat(np.arange(ones), np.subtract(ends[1:], ends[:-1]))
    first = _bits(middle, 0, stride, twos, word_bits)
    # The last ends of the lists of triples are not written.
    follows = np.maximum.accumulate(_bits(middle, word_bits + 32, stride, twos + 1, next_bits))
    threes = int(follows[-1])
    of_pair = np.repeat(np.arange(twos), np.subtract(follows[1:], follows[:-1]))
    earliest = _bits(last, 0, last_stride, threes, word_bits)
    return Trigrams(
        words=words,
        single=single["chance"][:ones] * LOG,
        single_backoff=single["backoff"][:ones] * LOG,
        pairs=np.column_stack([first, second]),
        pair=bins[0][_bits(middle, word_bits + 16, stride, twos, 16)],
        pair_backoff=bins[1][_bits(middle, word_bits, stride, twos, 16)],
        triples=np.column_stack([earliest, first[of_pair], second[of_pair]]),
        triple=bins[2][_bits(last, word_bits, last_stride, threes, 16)],
    )


def _bits(memory: NDArray[np.uint8], start: int, stride: int, count: int, width: int) -> Ints:
    """`count` numbers of `width` bits (at most 32), one every `stride` bits from `start` on."""
    place = start + stride * np.arange(count, dtype=np.int64)
    found = np.zeros(count, np.uint64)
    for byte in range(5):
        found |= memory[(place >> 3) + byte].astype(np.uint64) << np.uint64(8 * byte)
    shifted = found >> (place & 7).astype(np.uint64)
    return (shifted & np.uint64((1 << width) - 1)).astype(np.int64)
