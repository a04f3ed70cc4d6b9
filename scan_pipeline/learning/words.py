"""The service's own words: several people wrote them, no list has them, the machine stumbled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from scan_pipeline.learning.pairs import Lesson
from scan_pipeline.reading.language.evidence import number_of
from scan_pipeline.reading.language.lexicon import SIGNS, Lexicon

LEAST_STORIES = 2
LETTERS = (3, 24)
MOST_WORDS = 500


def own_words(lessons: Sequence[Lesson], lexicon: Lexicon) -> tuple[str, ...]:
    """The words worth knowing, those of most stories first.

    Never a word of anybody's made-up name, and never one that only ever ends what somebody wrote:
    a signature. A word one letter away from one that people write more often is left out, as it
    would be read in its place.
    """
    stories = Counter(word for lesson in lessons for word in {p.said for p in lesson.pairs})
    open_, stumbled, handles = Counter[str](), set[str](), set[str]()
    for lesson in lessons:
        open_.update({p.said for p in lesson.pairs if not p.closing})
        stumbled |= {p.said for p in lesson.pairs if p.doubted or p.read != p.said}
        handles |= lesson.handle
    found = [
        word
        for word, count in stories.most_common()
        if count >= LEAST_STORIES
        and open_[word] >= LEAST_STORIES
        and word in stumbled
        and word not in handles
        and _is_plain(word)
        and number_of(word, lexicon) < 0
        and not any(stories[other] > count for other in _one_letter_off(word, stories))
    ]
    return tuple(found[:MOST_WORDS])


def _is_plain(word: str) -> bool:
    return LETTERS[0] <= len(word) <= LETTERS[1] and set(word) <= set(SIGNS)


def _one_letter_off(word: str, others: Iterable[str]) -> list[str]:
    return [other for other in others if other != word and _is_near(word, other)]


def _is_near(one: str, other: str) -> bool:
    """Whether one letter changed, put in or left out makes one of the other."""
    short, long = sorted((one, other), key=len)
    if not short or len(long) - len(short) > 1:
        return False
    same = next((k for k in range(len(short)) if short[k] != long[k]), len(short))
    rest = same + 1 if len(short) == len(long) else same
    return short[rest:] == long[same + 1 :]
