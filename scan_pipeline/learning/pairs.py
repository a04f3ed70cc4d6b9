"""Confirmed stories -> pairs: what the machine read, and what a person says stands there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from scan_pipeline.progress import publication
from scan_pipeline.reading.language.evidence import core
from scan_pipeline.story import Story, TextValue, WordReading

HANDLE = "handle"
"""The field where writers put the name that they are found by: nothing is learned from it."""
DOUBTED_BELOW = 0.9
WRITTEN_ANEW = 0.4
PAIRED, UNLIKE = 0.2, 3.0  # two words with less than two letters in five alike are no pair
Places = list[tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One word, bare of punctuation: `read` by the machine ("" if it missed it), `said` by a person
    ("" if nothing stands there).

    `by_table`: see `WordReading`. `doubted`: it was marked for a person to look at. `closing`: the
    last word of its field, as a signature is.
    """

    read: str
    said: str
    by_table: float | None = None
    doubted: bool = False
    closing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one story teaches. `handle`: the words of the writer's made-up name, never learned."""

    pairs: tuple[Pair, ...]
    handle: frozenset[str]


def lessons(stories: Iterable[Story], reader: str = "ppocr") -> list[Lesson]:
    """One for each story that a person has confirmed, that nobody's worry holds, and that was not
    taken down. Only what `reader` read teaches how surely it reads; what others read (before the
    service had a reading model of its own, say) still teaches words. What is not English teaches
    nothing: its words would be put into English."""
    return [
        Lesson(pairs=tuple(_pairs(story, reader)), handle=_handle(story))
        for story in stories
        if story.confirmation is not None
        and publication(story) not in {"held", "taken_down"}
        and not story.reading.by_letters
    ]


def _pairs(story: Story, reader: str) -> Iterator[Pair]:
    mine = (story.reading.reader or "ppocr") == reader
    for name, value in story.reading.fields.items():
        said = story.answers.get(name)
        if isinstance(value, TextValue) and name != HANDLE and isinstance(said, str):
            for pair in field_pairs(value, said):
                yield pair if mine else replace(pair, by_table=None)


def field_pairs(value: TextValue, said: str) -> Iterator[Pair]:
    """The words of one field beside those that a person left there.

    A line that has next to nothing in common with them was written anew, not corrected: whatever
    was read there is neither right nor wrong.
    """
    lines = [[w for w in line.words if core(w.text)] for line in value.lines]
    words = [w for line in lines for w in line]
    truth = [bare for word in said.split() if (bare := core(word))]
    read = [core(w.text) for w in words]
    places = aligned(read, truth)
    beside = {i: j for i, j in places if i is not None}
    skipped = _anew(lines, [_alike(read[i], _at(truth, beside[i])) for i in range(len(read))])
    for i, j in places:
        if i is not None and i in skipped:
            continue
        word = words[i] if i is not None else None
        yield _pair(word, _at(truth, j), closing=j is not None and j == len(truth) - 1)


def _pair(word: WordReading | None, said: str, *, closing: bool) -> Pair:
    if word is None:
        return Pair(read="", said=said, closing=closing)
    return Pair(
        read=core(word.text),
        said=said,
        by_table=word.by_table,
        doubted=word.confidence < DOUBTED_BELOW,
        closing=closing,
    )


def _anew(lines: Sequence[Sequence[WordReading]], alike: Sequence[float]) -> set[int]:
    """The places of all words on lines that were written anew."""
    found: set[int] = set()
    start = 0
    for line in lines:
        mine = range(start, start + len(line))
        letters = sum(len(w.text) for w in line)
        shared = sum(len(w.text) * alike[k] for w, k in zip(line, mine, strict=True))
        if letters and shared < WRITTEN_ANEW * letters:
            found |= set(mine)
        start += len(line)
    return found


def _at(words: Sequence[str], place: int | None) -> str:
    return "" if place is None else words[place]


def _handle(story: Story) -> frozenset[str]:
    """Every word that the machine or a person found in the field for the name."""
    value, said = story.reading.fields.get(HANDLE), story.answers.get(HANDLE)
    read = value.text if isinstance(value, TextValue) else ""
    typed = said if isinstance(said, str) else ""
    return frozenset(core(word) for word in f"{read} {typed}".split())


def aligned(read: Sequence[str], said: Sequence[str]) -> Places:
    """(place in `read`, place in `said`) in order, None where the other has no such word. Words
    that differ are paired with those that look most like them."""
    places: Places = []
    matcher = SequenceMatcher(None, read, said, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            places += zip(range(a, b), range(c, d), strict=True)
        else:
            places += [
                (None if i is None else a + i, None if j is None else c + j)
                for i, j in _nearest(read[a:b], said[c:d])
            ]
    return places


def _nearest(read: Sequence[str], said: Sequence[str]) -> Places:
    """Cheapest pairing in order: a word alone costs 1, a pair the more the less alike it is."""
    rows, columns = len(read), len(said)
    price = [[PAIRED + UNLIKE * (1 - _alike(r, s)) for s in said] for r in read]
    cost = [[float(i + j) for j in range(columns + 1)] for i in range(rows + 1)]
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            together = cost[i - 1][j - 1] + price[i - 1][j - 1]
            cost[i][j] = min(together, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    places: Places = []
    i, j = rows, columns
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + price[i - 1][j - 1]:
            i, j = i - 1, j - 1
            places.append((i, j))
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
            places.append((i, None))
        else:
            j -= 1
            places.append((None, j))
    return places[::-1]


def _alike(one: str, other: str) -> float:
    """Share of letters that two words have in common, in order: 1 for the same, 0 for nothing."""
    if one == other:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if one and other else 0.0
