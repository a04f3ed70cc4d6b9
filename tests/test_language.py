"""The lexicon, the search through a line's letters, and the evidence for each word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scan_pipeline.reading.language import trigrams
from scan_pipeline.reading.language.build import built
from scan_pipeline.reading.language.evidence import align, core, gather, number_of
from scan_pipeline.reading.language.lexicon import OFF, ROOT, SIGNS, english
from scan_pipeline.reading.language.ngrams import STEP, Ngrams, pack, unpack
from scan_pipeline.reading.language.search import Search, Weights
from scan_pipeline.reading.language.trigrams import BINS, LOG, MAGIC
from scan_pipeline.reading.recognise.letters import greedy
from scan_pipeline.reading.recognise.model import Posteriors
from scan_pipeline.reading.recognise.ppocr import PpOcr

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
    words = lexicon.ngrams.words
    assert len(words) > 100_000 and len(set(words)) == len(words)
    for number in range(0, len(words), 97):
        if words[number] == core(words[number]):
            assert number_of(words[number], lexicon) == number
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
        assert node != OFF and ahead >= lexicon.ngrams.single[lexicon.word_at[node]]


def chance(*words: str) -> float:
    """The log chance of the last word after those before it."""
    lexicon = english()
    before = pair = np.array([-1])
    score = np.zeros(1)
    for word in words:
        number = np.array([number_of(word, lexicon)])
        score, pair = lexicon.ngrams.follow(pair, before, number)
        before = number
    return float(score[0])


def test_words_that_follow_each_other_are_likelier_together() -> None:
    assert chance("i", "have") > chance("have") > chance("zebra")
    assert chance("a", "lot", "of") >= chance("lot", "of") > chance("of")
    assert chance("i", "have", "zebra") < chance("i", "have", "been")


def test_what_is_packed_comes_out_again(tmp_path: Path) -> None:
    words = ("a", "b", "don't")
    model = Ngrams(
        words=words,
        single=np.log([0.5, 0.25, 0.25]),
        single_backoff=np.log([0.9, 0.5, 1.0]),
        pair_keys=np.array([1, 3, 8]),
        pair=np.log([0.2, 0.7, 0.001]),
        pair_backoff=np.log([0.4, 1.0, 0.6]),
        triple_keys=np.array([2, 5_000_000_000]),
        triple=np.log([0.1, 0.9]),
    )
    (tmp_path / "m.npz").write_bytes(pack(model))
    again = unpack(tmp_path / "m.npz")
    assert again.words == words
    assert again.pair_keys.tolist() == [1, 3, 8]
    assert again.triple_keys.tolist() == [2, 5_000_000_000]
    for name in ("single", "single_backoff", "pair", "pair_backoff", "triple"):
        assert np.abs(getattr(again, name) - getattr(model, name)).max() <= STEP / 2 + 1e-9


def bit_packed(rows: list[list[tuple[int, int]]]) -> bytes:
    """Rows of (number, bits), the first in the lowest bits."""
    whole = shift = 0
    for number, bits in (part for row in rows for part in row):
        whole |= number << shift
        shift += bits
    return whole.to_bytes((shift + 7) // 8 + 8, "little")


def a_trigram_file() -> bytes:
    """In the form of CMU Sphinx, last word first: "b" is said after "a", and after "c a"."""
    bins = np.zeros((3, BINS), "<f4")
    bins[0, 7], bins[1, 5], bins[2, 9] = -1000, -200, -300
    single = np.zeros(4, [("chance", "<f4"), ("backoff", "<f4"), ("next", "<u4")])
    single["chance"][:3], single["backoff"][:3] = (-5000, -6000, -7000), (-50, -60, -70)
    single["next"] = (0, 0, 1, 1)
    middle = bit_packed([[(0, 2), (5, 16), (7, 16), (0, 1)], [(0, 2), (0, 32), (1, 1)]])
    last = bit_packed([[(2, 2), (9, 16)], [(0, 18)]])
    counts = np.array([3, 1, 1], "<u4").tobytes()
    words = b"a\0b\0c\0"
    head = MAGIC + b"\x03" + counts + (1).to_bytes(4, "little")
    body = bins.tobytes() + single.tobytes() + middle + last
    return head + body + len(words).to_bytes(4, "little") + words


def test_a_trigram_file_is_taken_apart(tmp_path: Path) -> None:
    (tmp_path / "lm.bin").write_bytes(a_trigram_file())
    found = trigrams.read(tmp_path / "lm.bin")
    assert found.words == ("a", "b", "c")
    assert np.allclose(found.single / LOG, [-5000, -6000, -7000])
    assert found.pairs.tolist() == [[0, 1]] and found.triples.tolist() == [[2, 0, 1]]
    assert np.allclose(
        np.array([found.pair, found.pair_backoff, found.triple]) / LOG, [[-1000], [-200], [-300]]
    )
    (tmp_path / "other").write_bytes(b"no model")
    with pytest.raises(ValueError, match="no trigram model"):
        trigrams.read(tmp_path / "other")


def test_both_sources_are_mixed_and_all_chances_sum_to_one(tmp_path: Path) -> None:
    (tmp_path / "lm.bin").write_bytes(a_trigram_file())
    spoken = trigrams.read(tmp_path / "lm.bin")
    words = ["a", "600", "b", "300", "d", "100"]
    model = built(spoken, words, ["a", "d", "60", "d", "a", "2"], least_gain=0.0)
    assert model.words == ("a", "b", "c", "d")
    a, b, c, d = (np.array([k]) for k in range(4))
    none = np.array([-1])
    after_d = [float(np.exp(model.follow(none, d, w)[0][0])) for w in (a, b, c, d)]
    assert sum(after_d) <= np.exp(model.single).sum() + 1e-6
    _, pair = model.follow(none, c, a)
    assert model.follow(none, a, d)[0][0] > model.single[3]
    assert pair[0] == -1 or model.follow(pair, a, b)[0][0] > model.follow(none, a, b)[0][0]


def test_a_long_word_is_not_given_up_for_a_short_one() -> None:
    doubts = {k: (other, 0.75) for k, other in ((6, "x"), (8, "q"), (9, "z"))}
    assert first("I was suddenly home", doubts) == "I was suddenly home"


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
    (judged,) = reader.judge([posteriors])
    assert len(judged.words) == len(judged.alternatives) == len(judged.signals)
    assert np.isfinite(judged.signals).all() and np.isfinite(judged.letter_signals).all()
    assert len(judged.letter_signals) == sum(map(len, judged.words))
    offered = set(judged.words)
    for place, others in enumerate(judged.alternatives):
        assert all(place + other.words <= len(judged.words) for other in others)
        assert not any(other.by_letters for other in others[1:])
        offered |= {word for other in others for word in other.text.split()}
    assert set(greedy(posteriors, letters).split()) <= offered
