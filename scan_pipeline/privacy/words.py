"""Words as people write them: tokens with places, the English dictionary, likeness in spelling."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib import resources

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
_SENTENCE_END = re.compile(r"(?:^|[.!?:;]|\n\s*\n|[•*])[\s\"'“”‘’()\[\]–—-]*$")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text; `text[start:end]` is it. `opens`: it begins a sentence."""

    text: str
    start: int
    end: int
    opens: bool

    @property
    def bare(self) -> str:
        """In small letters, without a possessive or a typographic apostrophe."""
        return self.text.casefold().replace("’", "'").removesuffix("'s")

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def words_of(text: str) -> tuple[Word, ...]:
    """Every word outside square brackets: those hold our own words about what was taken out."""
    # Brackets cannot overlap, so the last that opened before a word tells.
    closed = [(m.start(), m.end()) for m in _BRACKETED.finditer(text)]
    opened = [start for start, _ in closed]

    def bracketed(at: int) -> bool:
        before = bisect_right(opened, at)
        return before > 0 and at < closed[before - 1][1]

    return tuple(
        Word(
            m[0],
            m.start(),
            m.end(),
            bool(_SENTENCE_END.search(text[max(0, m.start() - 40) : m.start()])),
        )
        for m in _WORD.finditer(text)
        if not bracketed(m.start())
    )


def listed(text: str) -> frozenset[str]:
    """The words of a list that is written down with spaces between."""
    return frozenset(text.split())


@cache
def english() -> frozenset[str]:
    """Words of English in small letters (82,834, some proper names among them)."""
    source = resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    lines = source.read_text(encoding="utf-8-sig").splitlines()
    return frozenset(line.split()[0] for line in lines if line.strip())


def alike(a: str, b: str, limit: int) -> bool:
    """At most `limit` letters added, left out, changed, or swapped with their neighbour.

    >>> alike("overdoes", "overdose", 1), alike("tape", "taped up", 2)
    (True, False)
    """
    if abs(len(a) - len(b)) > limit:
        return False
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        new = [i]
        for j, y in enumerate(b, start=1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        before, row = row, new
    return row[-1] <= limit
