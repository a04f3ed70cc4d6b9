"""Reading engines on drawn handwriting, on nothing, and on what no scanner should send."""

from __future__ import annotations

from collections.abc import Sequence

import fontpkg
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from leaflets.errors import BadInvocation
from scan_pipeline.page import Grey
from scan_pipeline.reading.recognise import ENGINES, Recogniser, model, recogniser
from scan_pipeline.reading.recognise.ppocr import scaled
from scan_pipeline.story import LineReading, WordReading

SENTENCE = "The worker listened to me and I felt safe"


class Silent:
    """Reads nothing."""

    name = "silent"

    def read(self, lines: Sequence[Grey]) -> list[LineReading]:
        return [LineReading(text="", confidence=0.0) for _ in lines]


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
    with pytest.raises(BadInvocation, match="ppocr, tesseract"):
        recogniser("crystal ball")


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
    picture = scaled(written(SENTENCE))
    expected = whole.posteriors(picture)[:, kept]
    expected /= expected.sum(axis=1, keepdims=True)
    assert np.allclose(cut.posteriors(picture), expected, atol=1e-4)
