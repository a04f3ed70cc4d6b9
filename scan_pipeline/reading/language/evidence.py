"""Where each word of a text stands along the line, and how well the letters bear it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scan_pipeline.reading.language.lexicon import OFF, ROOT, SIGNS, Lexicon

UNKNOWN_LOG, FAINTEST_LOG = -14.0, -9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WordEvidence:
    """What speaks for one word. Natural logs, at most 0.

    `path`: of the word's own steps, per letter; `best`: the same for the likeliest letters there;
    `gap`: by how much the two differ over the whole word; `weakest`: its least certain letter;
    `listed`: the word is on a list; `language`: its chance after the word before. `letters`: for
    each of its letters how likely it is at its surest step, and `rivals` how likely any other
    letter is on its steps.
    """

    path: float
    best: float
    gap: float
    weakest: float
    listed: bool
    language: float
    letters: tuple[float, ...]
    rivals: tuple[float, ...]


def gather(
    posteriors: NDArray[np.float32], letters: Sequence[str], text: str, lexicon: Lexicon
) -> list[WordEvidence]:
    """The evidence for each word of `text`, a reading of the line with these posteriors."""
    if not text or 2 * len(text) + 1 < 3:
        return []
    chances = np.log(np.maximum(posteriors.astype(np.float64), 1e-9))
    class_of = {letter: k for k, letter in enumerate(letters)}
    labels = np.zeros(2 * len(text) + 1, np.int64)
    labels[1::2] = [class_of[letter] for letter in text]
    path = align(chances, labels)
    taken = chances[np.arange(len(chances)), labels[path]]
    highest = chances.max(axis=1)
    surest, rival = np.full(len(labels), FAINTEST_LOG), np.full(len(labels), FAINTEST_LOG)
    np.maximum.at(surest, path, taken)
    others = chances[:, 1:].copy()
    on_letter = np.flatnonzero(path % 2)
    others[on_letter, labels[path[on_letter]] - 1] = -np.inf
    np.maximum.at(rival, path, others.max(axis=1))
    found, place, before, pair = [], 0, np.array([-1]), np.array([-1])
    for word in text.split(" "):
        first, last = 2 * place, 2 * (place + len(word))
        mine = (path >= first) & (path <= last)
        number = number_of(word, lexicon)
        chance = UNKNOWN_LOG
        if number >= 0:
            after, pair = lexicon.ngrams.follow(pair, before, np.array([number]))
            chance = float(after[0])
        else:
            pair = np.array([-1])
        found.append(
            WordEvidence(
                path=float(taken[mine].sum()) / len(word),
                best=float(highest[mine].sum()) / len(word),
                gap=float((taken - highest)[mine].sum()),
                weakest=float(surest[first + 1 : last : 2].min()),
                listed=number >= 0,
                language=max(UNKNOWN_LOG, chance),
                letters=tuple(surest[first + 1 : last : 2].tolist()),
                rivals=tuple(rival[first + 1 : last : 2].tolist()),
            )
        )
        place, before = place + len(word) + 1, np.array([number])
    return found


def align(chances: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The likeliest way through `labels` (blanks between letters): for each step its label's place.

    `chances`: (steps, classes) natural logs. A text too long for the steps is aligned as far as
    it goes.
    """
    emitted = chances[:, labels]
    count = len(labels)
    skip = np.full(count, -np.inf)
    skip[3::2] = np.where(labels[3::2] != labels[1:-2:2], 0.0, -np.inf)
    score = np.full(count, -np.inf)
    score[:2] = emitted[0, :2]
    back = np.zeros((len(chances), count), np.int64)
    places = np.arange(count)
    ways = np.full((3, count), -np.inf)
    for step in range(1, len(chances)):
        ways[0] = score
        ways[1, 1:] = score[:-1]
        ways[2, 2:] = score[:-2] + skip[2:]
        back[step] = ways.argmax(axis=0)
        score = ways[back[step], places] + emitted[step]
    at = count - 1 if score[-1] > score[-2] else count - 2
    path = np.zeros(len(chances), np.int64)
    for step in range(len(chances) - 1, -1, -1):
        path[step] = at
        at -= int(back[step, at])
    return path


def core(word: str) -> str:
    """The word as lists have it: lower case, without the punctuation around it."""
    return "".join(c for c in word.lower() if c.isalnum() or c == "'").strip("'")


def number_of(word: str, lexicon: Lexicon) -> int:
    """The word's number in the lexicon; -1 for a word on no list."""
    node = ROOT
    for letter in core(word):
        sign = SIGNS.find(letter)
        node = int(lexicon.children[node, sign]) if sign >= 0 else OFF
    return int(lexicon.word_at[node])
