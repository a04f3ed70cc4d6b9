"""Is this English at all? Told from a whole leaflet, never from a line.

Where English is written, its words fit the letters: they bring more than the letters that were
given up for them cost. Where it is not, they cost on every line. People who spell as they speak
look the same there, but they still write "the", "for" and "they" as everybody does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scan_pipeline.reading.language.evidence import core
from scan_pipeline.reading.language.lexicon import commonest
from scan_pipeline.story import LineReading, WordReading

LEAST_WORDS = 8
LEAST_LETTERS = 3  # shorter words are words in too many languages
COMMONEST, COMMON = 100, 4.0
ENGLISH_FROM = -1.2
"""A leaflet's `LineReading.english` for each of its letters, natural log, and `COMMON` times the
share of the `COMMONEST` words. Real English hands, the hardest included, come to more than -0.6,
drawn English as it is spoken to -1.0 and more, drawn leaflets in other languages to -1.24 and less,
but for those whose ink was lost in the scan."""


def seems_foreign(readings: Sequence[LineReading]) -> bool:
    """Whether the text that these readings in English are of is clearly in another language.

    In doubt it is English: with few words, and by engines that do not say what English brought.
    """
    lines = [r for r in readings if r.english is not None and r.text]
    words = [bare for line in lines for word in spelt(line) if _tells(bare := core(word))]
    if len(words) < LEAST_WORDS:
        return False
    brought = sum(line.english or 0.0 for line in lines) / sum(len(line.text) for line in lines)
    if brought >= ENGLISH_FROM:
        return False
    common = sum(word in commonest(COMMONEST) for word in words) / len(words)
    return brought + COMMON * common < ENGLISH_FROM


def spelt(line: LineReading) -> Iterator[str]:
    """The words of a line as its letters alone say them."""
    told = 0
    for place, word in enumerate(line.words):
        if place < told:
            continue
        alone = _by_letters(word)
        told = place + alone[1]
        yield from alone[0].split()


def _by_letters(word: WordReading) -> tuple[str, int]:
    """What stands there by letters alone, and how many words it takes the place of."""
    if not word.by_letters:
        return word.text, 1
    return word.alternatives[0], word.stands_for[0] if word.stands_for else 1


def _tells(word: str) -> bool:
    return len(word) >= LEAST_LETTERS and word.replace("'", "").isalpha()
