"""The words of English with their frequencies, and of which word follows which.

From the lists that travel with `symspellpy` (MIT), and the service's own words. All arrays, built
in a third of a second: a scan's workers each make their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leaflets.errors import MissingProgram

WORDS = "frequency_dictionary_en_82_765.txt"
PAIRS = "frequency_bigramdictionary_en_243_342.txt"
EVERYDAY = Path(__file__).with_name("everyday.txt")
SIGNS = "abcdefghijklmnopqrstuvwxyz'"

OFF, ROOT, CLOSED, NUMBER = 0, 1, 2, 3
"""Nodes of the tree that are no beginnings of words: a word on no list, nothing yet, a word that
ended (only punctuation may follow), and a number."""

CONTRACTION_COUNT = 3e8  # the list gives them a token count; people write them all the time
LOCAL_COUNT = 1e7  # as common as "appointment": likely, yet not preferred to the commonest words
PAIR_SHARE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """A tree of the beginnings of words, and what is known of the words.

    `children`: (nodes, signs) node after each sign, `OFF` where no word goes on so.
    `depth`, `word_at` (-1 for none), `best_below` (natural log of the likeliest word's chance):
    by node. `unigram`: natural logs, by word. `pair_keys` (sorted; first word * words + second)
    and `pair_scores`: the logs of the chance of the second after the first.
    """

    words: tuple[str, ...]
    children: NDArray[np.int32]
    depth: NDArray[np.float64]
    word_at: NDArray[np.int64]
    best_below: NDArray[np.float64]
    unigram: NDArray[np.float64]
    pair_keys: NDArray[np.int64]
    pair_scores: NDArray[np.float64]

    def chance(self, before: NDArray[np.int64], word: NDArray[np.int64]) -> NDArray[np.float64]:
        """Logs of the chances of words (by number), each after another (-1: nothing known)."""
        score = self.unigram[word]
        key = before * len(self.words) + word
        place = np.minimum(np.searchsorted(self.pair_keys, key), len(self.pair_keys) - 1)
        known = (before >= 0) & (self.pair_keys[place] == key)
        alone = np.where(before >= 0, score + np.log(1.0 - PAIR_SHARE), score)
        return np.where(known, self.pair_scores[place], alone)


def _list(name: str) -> list[str]:
    spec = find_spec("symspellpy")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (path := Path(folder) / name).is_file():
            return path.read_text("utf-8-sig").split()
    raise MissingProgram(
        f"The word list {name} is missing from the Python package symspellpy.",
        remedy="Install it again: `pip install --force-reinstall symspellpy`.",
    )


def _counts(local: Sequence[str]) -> dict[str, float]:
    tokens = _list(WORDS)
    counts = dict(zip(tokens[0::2], map(float, tokens[1::2]), strict=True))
    for word in counts:
        if "'" in word:
            counts[word] = CONTRACTION_COUNT
    lines = EVERYDAY.read_text("utf-8").splitlines()
    for phrase in (*(line for line in lines if not line.startswith("#")), *local):
        for word in re.findall(r"[a-z']+", phrase.lower()):
            counts[word] = max(counts.get(word, 0.0), LOCAL_COUNT)
    return dict(sorted(counts.items()))


@cache
def english(local: tuple[str, ...] = ()) -> Lexicon:
    """English, with `local` words: medicines, places, first names, the service's own."""
    counts = _counts(local)
    words = tuple(counts)
    count = np.array(list(counts.values()))
    unigram = np.log(count / count.sum())
    children, depth, word_at, best_below = _tree(words, unigram)
    keys, scores = _pairs({word: k for k, word in enumerate(words)}, count, unigram)
    return Lexicon(
        words=words,
        children=children,
        depth=depth,
        word_at=word_at,
        best_below=best_below,
        unigram=unigram,
        pair_keys=keys,
        pair_scores=scores,
    )


def _tree(
    words: tuple[str, ...], unigram: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Sorted words share beginnings with their neighbours: each new beginning is a node."""
    longest = max(map(len, words))
    text = np.array(words, dtype=f"S{longest}").view(np.uint8).reshape(len(words), longest)
    sign = np.full(256, -1, np.int64)
    sign[[ord(s) for s in SIGNS]] = np.arange(len(SIGNS))
    there = text > 0
    differs = np.ones_like(there)
    differs[1:] = np.logical_or.accumulate(text[1:] != text[:-1], axis=1)
    fresh = there & differs
    count = NUMBER + 1 + int(fresh.sum())
    ids = np.where(fresh, NUMBER + np.cumsum(fresh).reshape(fresh.shape), 0)
    node = np.maximum.accumulate(ids, axis=0)
    parent = np.concatenate([np.full((len(words), 1), ROOT), node[:, :-1]], axis=1)
    children = np.full((count, len(SIGNS)), OFF, np.int32)
    children[parent[fresh], sign[text[fresh]]] = node[fresh]
    children[CLOSED], children[NUMBER] = CLOSED, NUMBER
    depth = np.zeros(count)
    depth[node[fresh]] = np.nonzero(fresh)[1] + 1
    word_at = np.full(count, -1, np.int64)
    lengths = there.sum(axis=1)
    word_at[node[np.arange(len(words)), lengths - 1]] = np.arange(len(words))
    best_below = np.full(count, -np.inf)
    rows, columns = np.nonzero(there)
    np.maximum.at(best_below, node[rows, columns], unigram[rows])
    best_below[: NUMBER + 1] = 0.0
    return children, depth, word_at, best_below


def _pairs(
    place: dict[str, int], count: NDArray[np.float64], unigram: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    tokens = _list(PAIRS)
    first = np.array([place.get(w, -1) for w in tokens[0::3]], np.int64)
    second = np.array([place.get(w, -1) for w in tokens[1::3]], np.int64)
    together = np.array(tokens[2::3], np.float64)
    known = (first >= 0) & (second >= 0)
    first, second, together = first[known], second[known], together[known]
    after = np.minimum(together / count[first], 1.0)
    scores = np.log(PAIR_SHARE * after + (1.0 - PAIR_SHARE) * np.exp(unigram[second]))
    keys = first * len(place) + second
    order = np.argsort(keys)
    return keys[order], scores[order]
