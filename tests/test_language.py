"""The lexicon, the search through a line's letters, and the evidence for each word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scan_pipeline.reading.language.evidence import align, core, gather, number_of
from scan_pipeline.reading.language.lexicon import OFF, ROOT, SIGNS, english
from scan_pipeline.reading.language.search import Search, Weights
from scan_pipeline.reading.recognise.model import Posteriors
from scan_pipeline.reading.recognise.ppocr import PpOcr, greedy

LETTERS = ("", *"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,'-&()é", " ")


def spelt(text: str, doubts: dict[int, tuple[str, float]] | None = None) -> Posteriors:
    """Sure letters with a blank after each; `doubts`: at a place, another letter and its chance."""
    rows = np.full((2 * len(text), len(LETTERS)), 1e-6, np.float32)
    for place, letter in enumerate(text):
        other, chance = (doubts or {}).get(place, ("", 0.0))
        rows[2 * place, LETTERS.index(letter)] = 1.0 - chance
        if other:
            rows[2 * place, LETTERS.index(other)] = chance
        rows[2 * place + 1, 0] = 1.0
    return np.asarray(rows / rows.sum(axis=1, keepdims=True), np.float32)


def first(text: str, doubts: dict[int, tuple[str, float]] | None = None) -> str:
    return Search(LETTERS, english()).best(spelt(text, doubts))[0].text


def test_every_word_of_the_lists_is_found_in_the_tree() -> None:
    lexicon = english()
    assert len(lexicon.words) > 82_000
    for number in range(0, len(lexicon.words), 97):
        assert number_of(lexicon.words[number], lexicon) == number
    for word in ("naloxone", "don't", "keyworker", "Sheffield"):
        assert number_of(word, lexicon) >= 0
    for word in ("qzx", "", "3rd", "naloxonee"):
        assert number_of(word, lexicon) == -1


def test_what_goes_on_costs_at_least_what_was_said() -> None:
    lexicon = english()
    for word in ("worker", "the", "zebra"):
        node, ahead = ROOT, np.inf
        for letter in word:
            node = int(lexicon.children[node, SIGNS.index(letter)])
            assert lexicon.best_below[node] <= ahead
            ahead = float(lexicon.best_below[node])
        assert node != OFF and ahead >= lexicon.unigram[lexicon.word_at[node]]


def test_words_that_follow_each_other_are_likelier_together() -> None:
    lexicon = english()
    i, have, zebra = (np.array([number_of(w, lexicon)]) for w in ("i", "have", "zebra"))
    nothing = np.array([-1])
    assert lexicon.chance(i, have) > lexicon.chance(nothing, have) > lexicon.chance(nothing, zebra)


def test_the_services_own_words_can_be_added() -> None:
    assert number_of("Zubrowka", english()) == -1
    assert number_of("zubrowka", english(("Zubrowka House",))) >= 0


def test_a_doubtful_letter_is_settled_by_the_word() -> None:
    assert first("the warker", {5: ("o", 0.3)}) == "the worker"


@pytest.mark.parametrize(
    "text",
    [
        "realy nise",
        "Xyqzt",
        "ring 0114 496 0000",
        "Sarah's group",
        "well-being",
        "tea & biscuits",
        "a - b",
        "(ok)",
        "3rd time.",
        "N.A. on 5-6",
    ],
)
def test_sure_letters_are_never_changed(text: str) -> None:
    assert first(text) == text


def test_a_narrow_beam_still_reads() -> None:
    search = Search(LETTERS, english(), Weights(beam=1))
    assert search.best(spelt("thank you"))[0].text == "thank you"
    assert [r.text for r in search.best(np.zeros((0, len(LETTERS)), np.float32))] == [""]


def test_letters_lie_where_they_were_written() -> None:
    chances = np.log(spelt("ab").astype(np.float64))
    labels = np.array([0, LETTERS.index("a"), 0, LETTERS.index("b"), 0])
    assert align(chances, labels).tolist() == [1, 2, 3, 4]


def test_the_weakest_letter_is_known() -> None:
    sure, doubtful = gather(spelt("the wurker", {5: ("o", 0.4)}), LETTERS, "the worker", english())
    assert sure.listed and doubtful.listed
    assert sure.weakest > -0.01 and abs(doubtful.weakest - np.log(0.4)) < 0.01
    assert doubtful.gap < sure.gap <= 0.0


def test_a_word_without_its_punctuation() -> None:
    assert [core(w) for w in ("(Hello,", "don't!", "'ok'", "...", "3rd")] == [
        "hello",
        "don't",
        "ok",
        "",
        "3rd",
    ]


@pytest.fixture(scope="module")
def reader() -> PpOcr:
    return PpOcr()


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 40), sharp=st.floats(0.5, 12))
def test_no_letter_is_lost_whatever_the_posteriors(
    reader: PpOcr, seed: int, steps: int, sharp: float
) -> None:
    """Random chances: no crash, chances in range, and every letter read as it stands is offered
    or chosen, unless the line reads as nothing."""
    letters = reader.letters
    rng = np.random.default_rng(seed)
    odds = np.exp(sharp * rng.normal(size=(steps, len(letters))))
    posteriors = np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)
    judged = reader.judge(posteriors)
    assert len(judged.words) == len(judged.alternatives) == len(judged.signals)
    assert np.isfinite(judged.signals).all()
    offered = set(judged.words)
    for others in judged.alternatives:
        offered |= {word for other in others for word in other.split()}
    assert set(greedy(posteriors, letters).split()) <= offered
