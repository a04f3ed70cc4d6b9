"""The words of English and of the service, as a tree of their beginnings.

The words and their chances come from `english.npz`, which `scan_pipeline.reading.language.build`
makes. All arrays, ready in a third of a second: a scan's workers each make their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scan_pipeline.reading.language.ngrams import Ngrams, unpack

MODEL = Path(__file__).with_name("english.npz")
EVERYDAY = Path(__file__).with_name("everyday.txt")
SIGNS = "abcdefghijklmnopqrstuvwxyz'"

OFF, ROOT, CLOSED, NUMBER = 0, 1, 2, 3
"""Nodes of the tree that are no beginnings of words: a word on no list, nothing yet, a word that
ended (only punctuation may follow), and a number."""

LOCAL_LOG = -12.0  # of a word of the service: as common as "appointment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """A tree of the beginnings of words, and what is known of the words.

    `children`: (nodes, signs) node after each sign, `OFF` where no word goes on so.
    `depth`, `word_at` (number of the word, -1 for none), `best_below` (natural log of the
    likeliest word's chance): by node.
    """

    ngrams: Ngrams
    children: NDArray[np.int32]
    depth: NDArray[np.float64]
    word_at: NDArray[np.int64]
    best_below: NDArray[np.float64]


@cache
def english(local: tuple[str, ...] = ()) -> Lexicon:
    """English, with `local` words: medicines, places, first names, the service's own."""
    ngrams = _with_local(_english(), _local(local))
    order = np.argsort(np.array(ngrams.words, dtype="S"), kind="stable")
    children, depth, word_at, best_below = _tree(
        [ngrams.words[k] for k in order.tolist()], ngrams.single[order]
    )
    word_at = np.where(word_at >= 0, order[word_at], -1)
    return Lexicon(
        ngrams=ngrams, children=children, depth=depth, word_at=word_at, best_below=best_below
    )


@cache
def commonest(count: int) -> frozenset[str]:
    """The so many words that English uses most."""
    words = _english()
    return frozenset(words.words[k] for k in np.argsort(-words.single)[:count].tolist())


@cache
def _english() -> Ngrams:
    return unpack(MODEL)


def _local(phrases: Sequence[str]) -> list[str]:
    lines = [r for r in EVERYDAY.read_text("utf-8").splitlines() if not r.startswith("#")]
    found = [w for phrase in (*lines, *phrases) for w in re.findall(r"[a-z']+", _plain(phrase))]
    return list(dict.fromkeys(found))


def _plain(phrase: str) -> str:
    """In lower case, accents taken off: the search takes é for e too."""
    parted = unicodedata.normalize("NFKD", phrase.lower().replace("’", "'"))
    return "".join(c for c in parted if not unicodedata.combining(c))


def _with_local(english: Ngrams, local: Sequence[str]) -> Ngrams:
    """The same with the words at the end that it lacks; those that it has are at least likely."""
    number = {word: k for k, word in enumerate(english.words)}
    single = english.single.copy()
    mine = [number[word] for word in local if word in number]
    single[mine] = np.maximum(single[mine], LOCAL_LOG)
    new = [word for word in local if word not in number]
    old, size = len(english.words), len(english.words) + len(new)
    return Ngrams(
        words=(*english.words, *new),
        single=np.concatenate([single, np.full(len(new), LOCAL_LOG)]),
        single_backoff=np.concatenate([english.single_backoff, np.zeros(len(new))]),
        pair_keys=english.pair_keys // old * size + english.pair_keys % old,
        pair=english.pair,
        pair_backoff=english.pair_backoff,
        triple_keys=english.triple_keys // old * size + english.triple_keys % old,
        triple=english.triple,
    )


def _tree(
    words: Sequence[str], unigram: NDArray[np.float64]
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
