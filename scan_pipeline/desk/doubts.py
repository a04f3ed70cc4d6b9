"""Words in doubt, and what may stand in their place at the press of a key. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from scan_pipeline.privacy.words import english
from scan_pipeline.story import TextValue, WordReading

DOUBTFUL_BELOW = 0.9
HINTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What may stand there instead; `by_letters`: so the letters read, one by one."""

    text: str
    by_letters: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Words in doubt that are chosen together: several where a reading splits or joins them.

    `at`: the place of the first among the words of the text, which has `words` of them here; `was`:
    how the machine read them; `read_at`: their places among the words that it read; `line`: the
    number of their line, if there is a picture of it.
    """

    at: int
    words: int
    was: str
    choices: tuple[Choice, ...]
    read_at: tuple[int, ...]
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """One alternative of the word at `start`, for the words up to `end`."""

    start: int
    end: int
    text: str


def is_doubtful(word: WordReading) -> bool:
    return word.confidence < DOUBTFUL_BELOW


def runs(word: WordReading) -> tuple[tuple[str, bool], ...]:
    """The word's letters, those in doubt (True) apart from the others. A word is in doubt for more
    than its letters, so that all of them may be sure."""
    if not is_doubtful(word) or len(word.letters) != len(word.text):
        return ((word.text, False),)
    doubted = [chance < DOUBTFUL_BELOW for chance in word.letters]
    together = groupby(zip(word.text, doubted, strict=True), key=lambda pair: pair[1])
    return tuple(("".join(letter for letter, _ in pairs), doubt) for doubt, pairs in together)


def hints(word: WordReading) -> tuple[str, ...]:
    """A few other ways to read a word; what is no word only where no reading is one."""
    real = [w for w in (word.text, *word.alternatives) if _is_said(w)]
    others = [w for w in word.alternatives if _is_said(w)] if real else word.alternatives
    said = word.text.casefold()
    return tuple(dict.fromkeys(w for w in others if w.casefold() != said))[:HINTS]


def doubts(value: TextValue, text: str) -> tuple[Doubt, ...]:
    """Every word in doubt that stands in `text` as it was read. What a person has changed there is
    in doubt no more."""
    read = [word.text for line in value.lines for word in line.words]
    places = _places(read, text.split())
    found: list[Doubt] = []
    start = 0
    for number, line in enumerate(value.lines):
        for first, end in _together(line.words):
            at = [places.get(start + k) for k in range(first, end)]
            if at[0] is None or at != list(range(at[0], at[0] + end - first)):
                continue
            found.append(
                Doubt(
                    at=at[0],
                    words=end - first,
                    was=_joined(line.words[first:end]),
                    choices=_choices(line.words, first, end),
                    read_at=tuple(range(start + first, start + end)),
                    line=number if line.quad_px else None,
                )
            )
        start += len(line.words)
    return tuple(found)


def _places(read: Sequence[str], said: Sequence[str]) -> dict[int, int]:
    """Where each word that was read stands among the words that are there now."""
    matcher = SequenceMatcher(None, read, said, autojunk=False)
    return {
        block.a + k: block.b + k
        for block in matcher.get_matching_blocks()
        for k in range(block.size)
    }


def _together(words: Sequence[WordReading]) -> Iterator[tuple[int, int]]:
    """(first, end) of the words of one line that are in doubt together: whatever an alternative
    would take the place of is never parted."""
    reach: tuple[int, int] | None = None
    for k, word in enumerate(words):
        if not is_doubtful(word):
            continue
        options = (*_hinted(words, k), *_lettered(words, k))
        end = max((o.end for o in options), default=k + 1)
        if reach is not None and k < reach[1]:
            reach = (reach[0], max(reach[1], end))
            continue
        if reach is not None:
            yield reach
        reach = (k, end)
    if reach is not None:
        yield reach


def _hinted(words: Sequence[WordReading], k: int) -> list[_Option]:
    """What may stand in the place of a word, and of those after it."""
    options = [_option(words[k], k, text) for text in hints(words[k])]
    return [option for option in options if option.end <= len(words)]


def _lettered(words: Sequence[WordReading], k: int) -> list[_Option]:
    """The word as its letters read; nothing where they say the same."""
    spelt = words[k].alternatives[:1] if words[k].by_letters else ()
    options = [_option(words[k], k, text) for text in spelt]
    return [option for option in options if option.end <= len(words)]


def _option(word: WordReading, k: int, text: str) -> _Option:
    place = word.alternatives.index(text)
    count = word.stands_for[place] if place < len(word.stands_for) else 1
    return _Option(start=k, end=k + max(1, count), text=text)


def _choices(words: Sequence[WordReading], first: int, end: int) -> tuple[Choice, ...]:
    """At most `HINTS` ways to read the words from `first` to `end`, each word's best before any
    word's second; then what the letters say, if it is not among them."""
    each = [_hinted(words, k) for k in range(first, end) if is_doubtful(words[k])]
    ranked = [options[rank] for rank in range(HINTS) for options in each if rank < len(options)]
    was, letters = _joined(words[first:end]), _by_letters(words, first, end)
    texts = dict.fromkeys(_with(words, first, end, option) for option in ranked)
    kept = [text for text in texts if text != was][:HINTS]
    said = dict.fromkeys(text for text in (*kept, letters) if text != was)
    return tuple(Choice(text=text, by_letters=text == letters) for text in said)


def _with(words: Sequence[WordReading], first: int, end: int, option: _Option) -> str:
    parts = (_joined(words[first : option.start]), option.text, _joined(words[option.end : end]))
    return " ".join(part for part in parts if part)


def _by_letters(words: Sequence[WordReading], first: int, end: int) -> str:
    """The words from `first` to `end` as their letters read."""
    said, k = [], first
    while k < end:
        spelt = [option for option in _lettered(words, k) if option.end <= end]
        said.append(spelt[0].text if spelt else words[k].text)
        k = spelt[0].end if spelt else k + 1
    return " ".join(said)


def _joined(words: Sequence[WordReading]) -> str:
    return " ".join(word.text for word in words)


def _is_said(text: str) -> bool:
    return bool(text.split()) and all(_is_word(word) for word in text.split())


def _is_word(said: str) -> bool:
    bare = said.casefold().replace("’", "'").strip(".,;:!?()\"'“”‘")
    return bare.isdigit() or bare in {"a", "i"} or (len(bare) > 1 and bare in english())
