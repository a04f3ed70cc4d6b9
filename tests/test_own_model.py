"""A reading model of the service's own: read with more care, or refused in one clear sentence."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import papers
import pytest
from click.testing import CliRunner, Result
from onnx import helper, numpy_helper
from test_recognise import SENTENCE, blank, written

from leaflets.errors import BadTemplate
from leaflets.settings import EXAMPLE, load_settings, write_settings
from scan_pipeline import doctor, pipeline
from scan_pipeline.cli import main
from scan_pipeline.learning.learned import Learned, known_here, save_learned
from scan_pipeline.reading.recognise import confidence, model, ppocr_name, recogniser
from scan_pipeline.reading.recognise.picture import ready
from scan_pipeline.reading.recognise.ppocr import PpOcr
from scan_pipeline.story import PageReading, TextValue

SERVICE = replace(EXAMPLE, learn=True, example=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose settings name a copy of the real weights, in a folder beside them."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "models").mkdir()
    own = folder / "models" / "mine.onnx"
    shutil.copyfile(model.weights_path(), own)
    write_settings(replace(SERVICE, reading_model=own), folder / "service.toml")
    return folder


def leaflets(workspace: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(workspace), *map(str, arguments)])


def real() -> onnx.ModelProto:
    return onnx.load(str(model.weights_path()))


def refused(path: Path) -> str:
    with pytest.raises(BadTemplate) as why:
        PpOcr(weights=path)
    assert why.value.exit_code == 3 and "leave reading_model empty" in why.value.remedy
    told = str(why.value)
    assert told.startswith("service.toml, key reading_model: ") and told.count("\n") == 0
    return told


# Which model


def test_the_settings_name_it_from_where_they_are(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (place / "service.toml").read_text("utf-8")
    assert 'reading_model = "models/mine.onnx"' in text
    monkeypatch.chdir(tmp_path)
    assert load_settings(place).reading_model == place / "models" / "mine.onnx"
    elsewhere = place / "models" / "mine.onnx"
    write_settings(replace(SERVICE, reading_model=elsewhere), tmp_path / "service.toml")
    assert load_settings(tmp_path).reading_model == elsewhere, "a whole path stays what it is"
    assert known_here(place).weights == elsewhere


def test_settings_from_before_have_none(tmp_path: Path) -> None:
    write_settings(SERVICE, tmp_path / "service.toml")
    path = tmp_path / "service.toml"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(x for x in lines if not x.startswith("reading_model")), "utf-8")
    assert load_settings(tmp_path) == SERVICE and known_here(tmp_path).weights is None


def test_the_same_file_has_the_same_name_wherever_it_lies(place: Path, tmp_path: Path) -> None:
    copy = shutil.copyfile(place / "models" / "mine.onnx", tmp_path / "copy.onnx")
    assert ppocr_name(copy) == ppocr_name(place / "models" / "mine.onnx") != ppocr_name(None)
    assert ppocr_name(tmp_path / "gone") not in {"ppocr", ppocr_name(copy)}


# Reading


def test_it_reads_the_same_words_and_is_less_sure_of_them(place: Path) -> None:
    lines = [written(SENTENCE, font) for font in ("Kalam", "Zeyada")] + [blank(90, 600)]
    ours, own = PpOcr(), PpOcr(weights=place / "models" / "mine.onnx")
    for one, other in zip(ours.read(lines), own.read(lines), strict=True):
        assert one.text == other.text
        for word, careful in zip(one.words, other.words, strict=True):
            assert careful.by_table == word.by_table
            assert careful.confidence <= word.confidence
            assert careful.confidence < 0.9 or (word.by_table or 0.0) >= 0.98 - 1e-4
    taught = PpOcr(weights=place / "models" / "mine.onnx", steps=((0.0, 0.0), (1.0, 1.0)))
    assert [r.words for r in taught.read(lines)] == [r.words for r in ours.read(lines)]


def test_single_characters_are_read_by_the_model_that_thresholds_were_made_for(place: Path) -> None:
    own = PpOcr(weights=place / "models" / "mine.onnx")
    del own._model._session  # it has no say about digits
    glyphs = [written(d, tall_px=60) for d in "07"]
    said = own.read_cells(glyphs, [20, 20], "0123456789")
    assert np.array_equal(said, PpOcr().read_cells(glyphs, [20, 20], "0123456789"))


def test_weights_that_cannot_be_cut_give_the_same_chances(tmp_path: Path) -> None:
    """PP-OCRv4 keeps its weights in constants; and has its characters in a file of their own."""
    net = real()
    constants = [w for w in net.graph.initializer if w.dims and w.dims[-1] == 18710]
    assert len(constants) == 2
    for weights in constants:
        node = helper.make_node("Constant", [], [weights.name], value=weights)
        net.graph.node.insert(0, node)
        net.graph.initializer.remove(weights)
    letters = net.metadata_props[0].value
    del net.metadata_props[:]
    onnx.save(net, str(tmp_path / "v4.onnx"))
    (tmp_path / "v4.txt").write_text(letters + "\n", "utf-8")
    other, ours = model.Model(weights=tmp_path / "v4.onnx"), model.Model()
    assert other.letters == ours.letters
    line = ready(written(SENTENCE))
    assert np.allclose(other.posteriors(line), ours.posteriors(line), atol=1e-4)


def test_a_scan_reads_with_it_and_says_so_in_the_reading(place: Path, tmp_path: Path) -> None:
    page = papers.save(papers.filled(papers.WRITTEN, 2).image, tmp_path / "page.png")
    (outcome,) = pipeline.scan([page], workspace=place, workers=1)
    assert isinstance(outcome.reading, PageReading)
    assert outcome.reading.reader == ppocr_name(place / "models" / "mine.onnx")
    (plain,) = pipeline.scan([page], workspace=tmp_path / "w", workers=1)
    assert plain.reading is not None and plain.reading.reader == "ppocr"
    mine, ours = outcome.reading.fields["story"], plain.reading.fields["story"]
    assert isinstance(mine, TextValue) and isinstance(ours, TextValue)
    assert mine.text == ours.text and mine.confidence < ours.confidence
    (typed,) = pipeline.scan([page], workspace=tmp_path / "v", workers=1, engine="none")
    assert typed.reading is not None and typed.reading.reader == ""


# What was learned


def test_what_was_learned_with_another_model_is_not_believed(place: Path) -> None:
    steps = ((0.0, 0.0), (1.0, 0.5))
    learned = Learned(
        on=dt.date(2026, 11, 24), stories=3, words_seen=300, words=("bronagh",), steps=steps
    )
    save_learned(place, learned)
    assert known_here(place).steps == () and "bronagh" in known_here(place).words
    check = next(c for c in doctor.examine(place) if c.name == doctor.MODEL_NAME)
    assert check.ok and "more words are marked as doubtful until" in check.found
    own = ppocr_name(place / "models" / "mine.onnx")
    save_learned(place, replace(learned, reader=own))
    assert known_here(place).steps == steps
    check = next(c for c in doctor.examine(place) if c.name == doctor.MODEL_NAME)
    assert check.ok and "was learned here" in check.found and "mine.onnx" in check.found
    write_settings(SERVICE, place / "plain" / "service.toml")
    save_learned(place / "plain", replace(learned, reader=own))
    assert known_here(place / "plain").steps == (), "nor the other way round"


# What cannot be used


def _text(path: Path) -> None:
    path.write_text("not a model at all, " * 50, "utf-8")


def _noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(5000))


def _half(path: Path) -> None:
    path.write_bytes(model.weights_path().read_bytes()[:9_000_000])


def _finder(path: Path) -> None:
    shutil.copyfile(model.weights_path().with_name("PP-OCRv6_det_small.onnx"), path)


def _turner(path: Path) -> None:
    turner = model.weights_path().with_name("ch_ppocr_mobile_v2.0_cls_mobile.onnx")
    shutil.copyfile(turner, path)


def _without_letters(path: Path) -> None:
    net = real()
    del net.metadata_props[:]
    onnx.save(net, str(path))


def _one_letter_short(path: Path) -> None:
    net = real()
    del net.metadata_props[:]
    onnx.save(net, str(path))
    letters = real().metadata_props[0].value.split("\n")
    path.with_suffix(".txt").write_text("\n".join(letters[:-1]), "utf-8")


def _another_alphabet(path: Path) -> None:
    net = real()
    net.metadata_props[0].value = net.metadata_props[0].value.replace("\ne\n", "\nя\n")
    onnx.save(net, str(path))


def _lies_about_its_classes(path: Path) -> None:
    net = real()
    for weights in list(net.graph.initializer):
        if weights.dims and weights.dims[-1] == 18710:
            some = np.ascontiguousarray(numpy_helper.to_array(weights)[..., :500])
            weights.CopyFrom(numpy_helper.from_array(some, weights.name))
    onnx.save(net, str(path))


def _of_another_height(path: Path) -> None:
    net = real()
    net.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 32
    onnx.save(net, str(path))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "does not exist"),
        (Path.mkdir, "is a folder"),
        (Path.touch, "is not an ONNX model"),
        (_text, "is not an ONNX model"),
        (_noise, "is not an ONNX model"),
        (_half, "is not an ONNX model"),
        (_finder, "is an ONNX model, but not a PP-OCR reading model"),
        (_turner, "is an ONNX model, but not a PP-OCR reading model"),
        (_without_letters, "has no list of characters, neither inside nor in mine.txt beside it"),
        (_one_letter_short, "tells 18710 classes apart, but its list of characters needs 18709"),
        (_another_alphabet, "does not know all letters and digits of English (not e)"),
        (_lies_about_its_classes, "fails at reading a line"),
        (_of_another_height, "fails at reading a line that is 48 pixels high"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(
    make: Callable[[Path], None], says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.onnx"
    make(path)
    assert says in refused(path)
    assert capfd.readouterr().err == "", "and onnxruntime says nothing of its own"


def test_scan_and_doctor_say_so_and_end_with_3(tmp_path: Path) -> None:
    page = papers.save(papers.printed(), tmp_path / "page.png")
    write_settings(
        replace(SERVICE, reading_model=tmp_path / "w" / "gone.onnx"),
        tmp_path / "w" / "service.toml",
    )
    done = leaflets(tmp_path / "w", "scan", page)
    assert done.exit_code == 3 and done.stdout == ""
    assert "gone.onnx does not exist" in done.stderr and "Traceback" not in done.stderr
    looked = leaflets(tmp_path / "w", "doctor")
    assert "gone.onnx does not exist" in looked.stdout
    assert f"To mend: {doctor.MODEL_NAME}." in looked.stdout and looked.exit_code == 3
    assert leaflets(tmp_path / "w", "scan", page, "--engine", "none").exit_code == 0, "no model"
    assert leaflets(tmp_path / "w", "print", "story", "-o", tmp_path / "a.pdf").exit_code == 0


def test_caution_only_ever_takes_away() -> None:
    chances = np.linspace(0, 1, 200)
    careful = confidence.corrected(chances, confidence.CAUTIOUS)
    assert (careful <= chances + 1e-9).all() and (np.diff(careful) > 0).all()


def test_a_reader_is_made_once_for_each_model(place: Path) -> None:
    own = place / "models" / "mine.onnx"
    one = recogniser("ppocr", (), (), own)
    assert one is recogniser("ppocr", (), (), own) and one is not recogniser("ppocr")
