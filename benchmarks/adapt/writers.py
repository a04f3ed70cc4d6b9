"""Simulated writers of one invented service: leaflets in strained drawn hands, full of its words.

The names of its staff, places and medicines are on no list and come up as names do, a few often and
many seldom. Some leaflets name somebody whom nobody else names. Nothing of it is real ink.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.handwriting.strained import habit_of, line_by
from scan_pipeline.demo.hands import FONTS
from scan_pipeline.demo.stories import STORIES
from scan_pipeline.page import Grey

STAFF = (
    "Anwen", "Cerys", "Morwenna", "Bronagh", "Sunniva", "Ruadhan", "Xanthe", "Keswyn",
    "Ifeoma", "Demelza", "Yorath", "Rhoswen", "Tegan", "Lowenna",
)  # fmt: skip
PLACES = (
    "Larkbeck", "Hobmoor", "Quernmore", "Fallowgate", "Brackwater", "Skelbeck", "Mallowby",
    "Ormesgill", "Fenwell", "Kestrelgate",
)  # fmt: skip
THINGS = ("Zubsolv", "nitazenes", "Wrenfield", "Stanedge")
PARTS = (
    ("Bren", "Tal", "Os", "Mir", "Hal", "Dov", "Kes", "Ard", "Lun", "Fer"),
    ("o", "i", "a", "ani", "eri", "unde", "olo", "abe"),
    ("win", "drey", "la", "vor", "ith", "mond", "ska", "ney"),
)
SAID = (
    "{staff} on the desk was kind to me.",
    "I asked for {staff} but {staff} was away.",
    "My worker {staff} came with me to {place}.",
    "The bus from {place} is always late.",
    "They moved the group to {place} without asking us.",
    "{staff} rang me about my {thing}.",
    "Nobody had told me about {thing} before.",
    "I would not be here without {staff}.",
    "The chemist in {place} never has my {thing}.",
    "Please thank {staff} and {staff} for me.",
)
ONCE = "I went there with {once} from our street."
ONCE_SHARE = 0.3
SENTENCES = (3, 6)
LINE_LETTERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaflet:
    """What one writer wrote: by field the lines, as pictures and as text."""

    fields: dict[str, tuple[tuple[Grey, str], ...]]


def service_words() -> frozenset[str]:
    """The words that a reader could learn here, in lower case."""
    return frozenset(word.lower() for word in (*STAFF, *PLACES, *THINGS))


def leaflets(count: int, seed: int) -> Iterator[Leaflet]:
    """`count` leaflets, each by a new writer. Seeds below 1000 are for tuning."""
    plain = [s.strip(" .") + "." for story in STORIES for s in story.story.split(". ")]
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        habit = habit_of(FONTS[number % len(FONTS)], rng)
        told = []
        for _ in range(int(rng.integers(*SENTENCES))):
            kinds = SAID if rng.random() < 0.5 else plain
            told.append(_filled(kinds[int(rng.integers(len(kinds)))], rng))
        if rng.random() < ONCE_SHARE:
            told.insert(0, _filled(ONCE, rng))
        story = STORIES[int(rng.integers(len(STORIES)))]
        texts = {"story": " ".join(told), "good": story.good, "handle": story.handle}
        fields = {
            name: tuple((line_by(habit, line, rng), line) for line in _wrapped(text))
            for name, text in texts.items()
        }
        yield Leaflet(fields=fields)


def _filled(sentence: str, rng: np.random.Generator) -> str:
    for slot, words in (("{staff}", STAFF), ("{place}", PLACES), ("{thing}", THINGS)):
        while slot in sentence:
            sentence = sentence.replace(slot, _seldom_or_often(words, rng), 1)
    once = "".join(part[int(rng.integers(len(part)))] for part in PARTS)
    return sentence.replace("{once}", once)


def _seldom_or_often(words: tuple[str, ...], rng: np.random.Generator) -> str:
    chances = 1.0 / np.arange(1, len(words) + 1)
    return str(words[int(rng.choice(len(words), p=chances / chances.sum()))])


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= LINE_LETTERS:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return [line for line in lines if line]
