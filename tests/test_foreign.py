"""Other languages: read by their letters, noticed where the form is English, always in doubt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.languages.__main__ import main as benchmark
from benchmarks.languages.measure import has_all, read_of
from benchmarks.languages.sentences import AS_SPOKEN, POLISH, ROMANIAN, TUNED, WELSH
from scan_pipeline.demo.fill import PX_PER_MM, FilledLeaflet, fill
from scan_pipeline.demo.hands import make_hand
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.forms import Forms
from scan_pipeline.page import Grey, RegisteredPage
from scan_pipeline.reading import assemble
from scan_pipeline.reading.beyond import NOT_ENGLISH, OTHER_FORM
from scan_pipeline.reading.language.foreign import LEAST_WORDS, seems_foreign, spelt
from scan_pipeline.reading.place import place
from scan_pipeline.reading.recognise import ENGINES, Recogniser, model, recogniser
from scan_pipeline.reading.recognise.letters import LATIN, MOST_SURE, by_letters
from scan_pipeline.reading.recognise.ppocr import PpOcr
from scan_pipeline.reading.writing import REVIEW_BELOW
from scan_pipeline.store.codec import dump_reading, load_reading
from scan_pipeline.story import LineReading, PageReading, TextValue, WordReading
from tests import papers
from tests.test_recognise import blank, errors, written

ACCENTED = "ĄĆĘŁŃÓŚŹŻ ÂÊÎÔÛŴŶ ĂÂÎȘȚ".replace(" ", "")
FONT = {"Polish": "Kalam", "Welsh": "Caveat", "Romanian": "Indie Flower"}


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Forms:
    return papers.forms(tmp_path_factory.mktemp("forms"))


def leaflet(said: Sequence[str], font: str, seed: int = 3) -> tuple[FilledLeaflet, Grey]:
    """The example leaflet with these sentences on it, scanned."""
    rng = np.random.default_rng(seed)
    page = papers.layout().page(1)
    story = replace(papers.EMPTY, story=" ".join(said[:-1]), good=said[-1])
    filled = fill(papers.printed().copy(), page, story, make_hand(rng, font), rng)
    image = distort(filled.image, PX_PER_MM, CONDITIONS["flat"], seed, layout=page).image
    return filled, np.asarray(image if image.ndim == 2 else image[..., 0], np.uint8)


def read(grey: Grey, forms: Forms, engine: Recogniser, language: str = "en") -> PageReading:
    """As on a form in that language."""
    placed = place(grey, forms)
    assert isinstance(placed, RegisteredPage)
    placed = replace(placed, layout=replace(placed.layout, language=language))
    return assemble.read_fields(placed, engine)


def wrong(filled: FilledLeaflet, reading: PageReading) -> float:
    """Share of the characters that are wrong."""
    told = [
        (" ".join(filled.texts[name]), value.lines)
        for name, value in reading.fields.items()
        if isinstance(value, TextValue)
    ]
    return read_of(told).wrong / sum(len(truth) for truth, _ in told)


def words_of(reading: PageReading) -> list[WordReading]:
    values = [v for v in reading.fields.values() if isinstance(v, TextValue)]
    return [word for value in values for line in value.lines for word in line.words]


class OnlyEnglish:
    """The real reader, which must not be asked for letters."""

    def __init__(self) -> None:
        self.reader = recogniser("ppocr")
        self.name, self.read_cells = self.reader.name, self.reader.read_cells
        self.read = self.reader.read

    def read_letters(self, lines: Sequence[Grey]) -> list[LineReading]:
        raise AssertionError("English was read a second time")


def test_the_reading_model_knows_the_letters_of_polish_welsh_and_romanian() -> None:
    known = set(model.opened(model.weights_path()).known)
    assert set(ACCENTED + ACCENTED.lower()) <= known
    assert set(ACCENTED + ACCENTED.lower()) <= set(LATIN)
    assert len(LATIN) == len(set(LATIN))


@pytest.mark.parametrize(
    ("text", "font"), [(POLISH[7], "Kalam"), (WELSH[8], "Caveat"), (ROMANIAN[3], "Indie Flower")]
)
def test_letters_are_read_with_their_accents_and_never_as_sure(text: str, font: str) -> None:
    line = written(text, font)
    (english,), (letters,) = (
        recogniser("ppocr").read([line]),
        recogniser("ppocr").read_letters([line]),
    )
    assert errors(text, letters.text) <= 3 < errors(text, english.text), letters.text
    assert letters.english is None
    assert all(0 < word.confidence <= MOST_SURE < REVIEW_BELOW for word in letters.words)


@pytest.mark.parametrize("engine", list(ENGINES))
def test_every_engine_reads_letters_and_doubts_every_word(engine: str) -> None:
    lines = [written("Thank you"), blank(90, 600), written("better")]
    readings = recogniser(engine).read_letters(lines)
    assert len(readings) == 3
    assert readings[1] == LineReading(text="", confidence=0.0)
    for reading in readings:
        assert reading.text == " ".join(word.text for word in reading.words)
        assert all(word.confidence < REVIEW_BELOW for word in reading.words)


def test_letters_are_parted_into_words_with_their_own_chances() -> None:
    letters = ("", "a", "b", " ")
    steps = np.full((7, 4), 0.02, np.float32)
    for step, (letter, chance) in enumerate(
        [(3, 0.9), (1, 0.9), (1, 0.5), (0, 0.9), (1, 0.9), (3, 0.9), (2, 0.8)]
    ):
        steps[step, letter] = chance
    line = by_letters(steps, letters)
    assert line.text == "aa b"
    sure = [MOST_SURE * 0.9 * 0.5 * 0.9 * 0.9, MOST_SURE * 0.8]
    assert [w.confidence for w in line.words] == pytest.approx(sure, abs=1e-4)
    assert by_letters(np.eye(4, dtype=np.float32)[[0, 3, 0]], letters) == LineReading(
        text="", confidence=0.0
    )


@pytest.mark.parametrize("language", list(FONT))
def test_another_language_on_the_english_form_is_noticed(language: str, forms: Forms) -> None:
    filled, grey = leaflet(TUNED[language][:4], FONT[language])
    reading = read(grey, forms, recogniser("ppocr"))
    assert reading.by_letters and reading.notices == (NOT_ENGLISH,)
    assert wrong(filled, reading) < 0.12
    assert all(word.confidence < REVIEW_BELOW for word in words_of(reading))
    texts = [v for v in reading.fields.values() if isinstance(v, TextValue)]
    assert all(value.review == bool(value.lines) for value in texts)
    assert load_reading(dump_reading(reading)) == reading


def test_a_form_in_another_language_is_read_by_letters_however_few(forms: Forms) -> None:
    filled, grey = leaflet(("Diolch", "Te cynnes"), "Caveat")
    reading = read(grey, forms, recogniser("ppocr"), language="cy")
    assert reading.by_letters and reading.notices == (OTHER_FORM,)
    assert wrong(filled, reading) < 0.12
    for language in ("en", "en-GB"):
        assert not read(grey, forms, recogniser("ppocr"), language=language).by_letters


def test_a_form_in_another_language_without_a_word_says_nothing(forms: Forms) -> None:
    _, grey = leaflet(("", ""), "Caveat")
    reading = read(grey, forms, recogniser("ppocr"), language="pl")
    assert not reading.by_letters and not reading.notices


@pytest.mark.parametrize(
    ("said", "font"),
    [
        (("The group was kind and nobody rushed me.", "I came back the week after."), "Zeyada"),
        (AS_SPOKEN[:4], "Kalam"),
        (AS_SPOKEN[4:8], "Caveat"),
        (("Dziękuję bardzo", POLISH[4]), "Kalam"),  # six words: too few to tell
    ],
)
def test_in_doubt_it_is_english_and_english_is_read_once(
    said: tuple[str, ...], font: str, forms: Forms
) -> None:
    _, grey = leaflet(said, font)
    reading = read(grey, forms, OnlyEnglish())
    assert words_of(reading) and not reading.by_letters and not reading.notices


def line(words: str, english: float | None) -> LineReading:
    told = tuple(WordReading(text=w, confidence=0.5) for w in words.split())
    return LineReading(text=words, confidence=0.5, words=told, english=english)


def test_both_signs_and_enough_words_are_needed() -> None:
    strange = "gwybod ystafell cynnes garedig teimlo ddiogel gadeiriau arhosais"
    assert len(strange.split()) == LEAST_WORDS
    low = -1.5 * len(strange)
    assert seems_foreign([line(strange, low)])
    assert not seems_foreign([line(strange, -0.5 * len(strange))])
    assert not seems_foreign([line(strange.replace("cynnes", "they"), low)])
    assert not seems_foreign([line(strange.rpartition(" ")[0], low)])
    assert not seems_foreign([line(strange, None)])
    assert not seems_foreign([])
    assert seems_foreign([line("arall", -10.0), line(strange, low)])


def test_what_the_letters_say_is_found_again_in_a_reading() -> None:
    (reading,) = recogniser("ppocr").read([written(WELSH[8], "Caveat")])
    assert errors(WELSH[8], " ".join(spelt(reading))) <= 3 < errors(WELSH[8], reading.text)


def test_the_model_of_all_latin_letters_is_made_only_when_it_is_needed() -> None:
    reader = PpOcr()
    reader.read([written("Thank you")])
    assert reader._latin is None
    reader.read_letters([written("Diolch", "Caveat")])
    assert reader._latin is not None


def test_a_font_that_lacks_a_letter_is_known() -> None:
    assert has_all("Caveat", ACCENTED + ACCENTED.lower())
    assert not has_all("Kalam", "ŵ") and not has_all("Delius", "ą")
    assert not has_all("Zeyada", "ț") and has_all("Zeyada", "a b")


def test_the_story_that_scan_reports_carries_the_notice(forms: Forms, tmp_path: Path) -> None:
    from scan_pipeline.pipeline import scan
    from scan_pipeline.report import contract

    _, grey = leaflet(POLISH[:4], "Kalam")
    path = papers.save(grey, tmp_path / "leaflet.png")
    (outcome,) = scan([path], workspace=tmp_path / "work", workers=1)
    told = json.loads(json.dumps(contract(outcome)))
    assert NOT_ENGLISH in told["notices"]
    assert told["fields"]["story"]["review"]


def test_the_benchmark_counts_what_came_out() -> None:
    told = CliRunner().invoke(benchmark, ["-n", "1", "--part", "tuned"])
    assert told.exit_code == 0, told.output
    for language in ("Polish", "Welsh", "Romanian"):
        said = told.output.partition(f"{language}:")[2].splitlines()[1]
        assert said.split(";")[0].split() == ["flat", "noticed", "1", "of", "1"]
        english, letters, out = (
            float(part.split(" %")[0].split()[-1]) for part in said.split(";")[1:]
        )
        assert letters == out < english
    assert told.output.count("noticed 0 of 1") == 4  # English, twice
