"""Reading engines on drawn handwriting, on nothing, and on what no scanner should send."""

from __future__ import annotations

from collections import Counter

import cv2
import fontpkg
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from leaflets.errors import BadInvocation
from scan_pipeline.page import Grey
from scan_pipeline.reading.recognise import (
    ENGINES,
    Recogniser,
    confidence,
    model,
    picture,
    recogniser,
)
from scan_pipeline.reading.recognise.letters import greedy
from scan_pipeline.reading.recognise.model import Posteriors
from scan_pipeline.reading.recognise.ppocr import PpOcr, letters_shared, likelihood
from scan_pipeline.story import LineReading, WordReading

SENTENCE = "The worker listened to me and I felt safe"


def written(text: str, font: str = "Kalam", tall_px: int = 70) -> Grey:
    """The text drawn in a handwriting font, cropped tight as the scanner does."""
    face = ImageFont.truetype(str(fontpkg.path(font)), tall_px)
    left, top, right, bottom = (int(v) for v in face.getbbox(text))
    image = Image.new("L", (right - left + 2, bottom - top + 2), 255)
    ImageDraw.Draw(image).text((1 - left, 1 - top), text, fill=40, font=face)
    return np.asarray(image, np.uint8)


def blank(height: int, width: int, seed: int = 0) -> Grey:
    noise = np.random.default_rng(seed).normal(250, 4, (height, width))
    return np.clip(noise, 0, 255).astype(np.uint8)


def errors(truth: str, text: str) -> int:
    """Letters to put in, take out or change."""
    row = list(range(len(text) + 1))
    for i, a in enumerate(truth, start=1):
        above, row = row, [i]
        for j, b in enumerate(text, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Recogniser:
    return recogniser(request.param)


def test_an_unknown_engine_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(BadInvocation, match="crystal ball") as refused:
        recogniser("crystal ball")
    assert "ppocr, tesseract; or none" in refused.value.remedy


def test_an_engine_is_made_once_per_process() -> None:
    assert recogniser("ppocr") is recogniser("ppocr")


def test_every_engine_keeps_its_promises(engine: Recogniser) -> None:
    readings = engine.read([written("Thank you"), blank(90, 600), written("better")])
    assert engine.name in ENGINES
    assert len(readings) == 3
    assert readings[1] == LineReading(text="", confidence=0.0)
    for reading in readings:
        assert reading.text == " ".join(word.text for word in reading.words)
        assert 0.0 <= reading.confidence <= 1.0
        for word in reading.words:
            assert isinstance(word, WordReading) and word.text.strip()
            assert 0.0 <= word.confidence <= 1.0


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (1, 900), (900, 1), (3, 3), (2, 40)])
def test_what_is_no_line_reads_as_nothing(engine: Recogniser, shape: tuple[int, int]) -> None:
    for level in (0, 255):
        assert engine.read([np.full(shape, level, np.uint8)])[0].text == ""
    assert engine.read([]) == []


@pytest.mark.parametrize("font", ["Kalam", "Delius", "Caveat", "Indie Flower"])
def test_drawn_handwriting_is_read(font: str) -> None:
    (reading,) = recogniser("ppocr").read([written(SENTENCE, font)])
    assert errors(SENTENCE.lower(), reading.text.lower()) <= 2, reading.text


def test_lines_do_not_influence_each_other() -> None:
    lines = [written(text) for text in ("Thank you", SENTENCE, "very warm", "I")]
    reader = recogniser("ppocr")
    assert reader.read(lines) == [reader.read([line])[0] for line in lines]


def test_the_cut_model_agrees_with_the_whole_one_on_the_letters_it_keeps() -> None:
    whole, cut = model.Model(alphabet=None), model.Model()
    assert len(whole.letters) > 18_000 > 200 > len(cut.letters)
    place = {letter: k for k, letter in enumerate(whole.letters)}
    kept = [place[letter] for letter in cut.letters]
    line = picture.ready(written(SENTENCE))
    expected = whole.posteriors(line)[:, kept]
    expected /= expected.sum(axis=1, keepdims=True)
    assert np.allclose(cut.posteriors(line), expected, atol=1e-4)


def test_the_letters_as_they_stand_are_kept_beside_what_the_lexicon_makes_of_them() -> None:
    reader = PpOcr()
    line = written("I recieved a realy nise welcomn")
    (reading,) = reader.read([line])
    by_letters = greedy(reader.posteriors(line), reader.letters).split()
    seen = {word.text for word in reading.words}
    for word in reading.words:
        seen |= {part for other in word.alternatives for part in other.split()}
    assert set(by_letters) <= seen


def test_what_the_letters_alone_say_is_known_and_so_is_what_each_alternative_stands_for() -> None:
    reader, words = PpOcr(), []
    for font in ("Zeyada", "Shadows Into Light", "Indie Flower"):
        line = written("ask for Zubrowkin at the wendow", font)
        (reading,) = reader.read([line])
        looks = (picture.USUAL, *picture.OTHERS)
        alone = [greedy(reader.posteriors(line, look), reader.letters).split() for look in looks]
        for place, word in enumerate(reading.words):
            assert len(word.stands_for) == len(word.alternatives)
            assert all(1 <= n <= len(reading.words) - place for n in word.stands_for)
            if word.by_letters:
                words.append(word.alternatives[0])
                assert any(set(words[-1].split()) <= set(letters) for letters in alone)
    assert words


def test_every_letter_has_a_chance_and_the_wrong_one_a_low_one() -> None:
    sure, wrong = [], []
    for font in ("Caveat", "Zeyada", "Shadows Into Light", "Indie Flower"):
        (reading,) = PpOcr().read([written("ask for Zubrowkin at the wendow", font)])
        assert [len(word.letters) for word in reading.words] == [len(w.text) for w in reading.words]
        assert all(0.0 < chance < 1.0 for word in reading.words for chance in word.letters)
        for word, truth in zip(
            reading.words, ["ask", "for", "Zubrowkin", "at", "the", "wendow"], strict=False
        ):
            if len(word.text) == len(truth):
                for letter, chance, true in zip(word.text, word.letters, truth, strict=True):
                    (sure if letter == true else wrong).append(chance)
    assert wrong and max(wrong) < 0.9 < np.median(sure)


@given(
    words=st.lists(st.text("abcAB.", min_size=1, max_size=6), min_size=1, max_size=5),
    others=st.lists(st.text("abcAB.", min_size=1, max_size=6), max_size=5),
)
def test_letters_that_two_readings_share_are_theirs_in_both(
    words: list[str], others: list[str]
) -> None:
    same = letters_shared(words, others)
    assert len(same) == sum(map(len, words))
    assert set(same.tolist()) <= {0.0, 1.0}
    ours = "".join(words).lower()
    assert Counter(c for c, s in zip(ours, same, strict=True) if s) <= Counter(
        "".join(others).lower()
    )
    assert letters_shared(words, words).all()


WIDE = (
    "I was listened to and nobody rushed me",
    "the lady at the front desk was kind",
    "it would help to have a quiet room",
)


def test_a_hand_is_read_in_the_way_that_suits_it() -> None:
    class Short(PpOcr):
        """To whom a line set as usual is a blur."""

        def posteriors(self, line: Grey, look: picture.Look = picture.USUAL) -> Posteriors:
            if look == picture.USUAL:
                line = np.asarray(cv2.resize(line, None, fx=0.3, fy=1.0), np.uint8)
            return super().posteriors(line, look)

    reader = Short()
    lines = [written(text, "Zeyada") for text in WIDE]
    usual = reader.judge([reader.posteriors(line) for line in lines])
    suited = reader.judge_hand(lines)
    wrong = [
        sum(
            errors(text.lower(), " ".join(j.words).lower()) for text, j in zip(WIDE, x, strict=True)
        )
        for x in (usual, suited)
    ]
    assert wrong[0] > 10 and wrong[1] == 0, wrong
    assert likelihood(suited) > likelihood(usual)
    assert [j.english for j in suited] == [j.english for j in usual]


def test_a_hand_that_reads_well_is_not_looked_at_again() -> None:
    class Counting(PpOcr):
        looks = 0

        def posteriors(self, line: Grey, look: picture.Look = picture.USUAL) -> Posteriors:
            self.looks += 1
            return super().posteriors(line, look)

    reader = Counting()
    lines = [written(text, "Delius") for text in WIDE]
    assert len(reader.read(lines)) == reader.looks == len(lines)


def test_words_of_the_service_help() -> None:
    line = written("ask for Zubrowkin", "Zeyada")
    (reading,) = recogniser("ppocr", ("Zubrowkin",)).read([line])
    assert "zubrowkin" in reading.text.lower()


def test_nothing_is_read_on_a_thousand_blank_lines() -> None:
    rng = np.random.default_rng(5)
    reader = recogniser("ppocr")
    for seed in range(1000):
        paper = np.full((100, 600), rng.uniform(235, 255))
        noise = rng.normal(0, rng.uniform(1, 14), paper.shape)
        fold = 8 * np.sin(np.arange(600) / rng.uniform(60, 300))
        line = np.clip(paper + noise + fold, 0, 255).astype(np.uint8)
        assert reader.read([line])[0].words == (), seed


def test_scribbles_are_never_sure() -> None:
    rng = np.random.default_rng(3)
    image = Image.new("L", (700, 90), 255)
    points = [(int(x), int(rng.integers(5, 85))) for x in range(5, 695, 6)]
    ImageDraw.Draw(image).line(points, fill=30, width=5)
    (reading,) = recogniser("ppocr").read([np.asarray(image, np.uint8)])
    assert all(word.confidence < 0.9 for word in reading.words)


def test_confidence_never_falls_when_the_odds_rise() -> None:
    for table, names, least in zip(
        confidence.tables(),
        (confidence.SIGNALS, confidence.LETTER_SIGNALS),
        (0.2, 0.5),
        strict=True,
    ):
        assert np.all(np.diff(table.steps[0]) > 0) and np.all(np.diff(table.steps[1]) >= 0)
        assert 0.0 < table.steps[1][0] < least and 0.95 < table.steps[1][-1] < 1.0
        assert len(table.weights) == len(names) + 1


@pytest.mark.parametrize("lean", [-0.2, 0.0, 0.5, 0.9])
def test_the_lean_of_strokes_is_found_and_ink_kept(lean: float) -> None:
    image = Image.new("L", (500, 100), 255)
    for x in range(120, 400, 30):
        ImageDraw.Draw(image).line([(x + lean * 90, 5), (x, 95)], fill=0, width=5)
    line = np.asarray(image, np.uint8)
    assert abs(picture.lean(line) - lean) <= 0.11
    ink = int((line < 128).sum())
    assert abs(int((picture.straightened(line) < 128).sum()) - ink) < 0.1 * ink
