"""The printed leaflet, measured on real renderings: what is on paper is what the layout says."""

from __future__ import annotations

import io
import json
import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

from leaflets.errors import BadInvocation, StorageFailure
from leaflets.geometry import MM_PER_INCH, Rect
from leaflets.layout import PageLayout, SheetLayout, Stroke
from leaflets.leaflet import print_leaflets
from leaflets.markers import FormCode, decode
from leaflets.settings import EXAMPLE, Service
from leaflets.sheet import layout_for
from scan_pipeline.cli import main

DPI = 600
PX = DPI / MM_PER_INCH
SIDES = [1, 2]
Grey = NDArray[np.uint8]


@cache
def layout() -> SheetLayout:
    return layout_for("story", EXAMPLE)


def pdf_bytes(service: Service = EXAMPLE, copies: int = 1) -> bytes:
    stream = io.BytesIO()
    print_leaflets(
        layout_for("story", service), stream, copies=copies, batch="2611", service=service
    )
    return stream.getvalue()


def poppler(program: str, *options: str, pdf: bytes) -> bytes:
    return subprocess.run(
        [program, *options], input=pdf, capture_output=True, check=True, timeout=60
    ).stdout


@cache
def rendered(side: int) -> Grey:
    """A side as a printer would lay it down: shape (4961, 7016), 255 is paper."""
    data = poppler("pdftoppm", *f"-r {DPI} -gray -f {side} -l {side} -".split(), pdf=pdf_bytes())
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image, np.uint8)


def cut(picture: Grey, box: Rect) -> Grey:
    return picture[
        round(box.y_mm * PX) : round(box.bottom_mm * PX),
        round(box.x_mm * PX) : round(box.right_mm * PX),
    ]


def edge_mm(profile: NDArray[np.float64]) -> float:
    """The middle of the first dark stroke along a profile of darkness 0..1, in millimetres."""
    dark = profile > 0.5
    first = int(np.argmax(dark))
    assert dark[first], "no stroke"
    last = first + int(np.argmin(np.append(dark[first:], False)))
    return (first + last) / 2 / PX


def test_every_font_is_embedded() -> None:
    table = poppler("pdffonts", "-", pdf=pdf_bytes()).decode().splitlines()[2:]
    assert len(table) == 2
    for row in table:
        assert "AtkinsonHyperlegible" in row
        assert row.split()[-5:-2] == ["yes", "yes", "yes"], "embedded, subset, with unicode"


def test_same_input_same_bytes_and_nothing_of_the_day_or_the_person_in_it() -> None:
    one, two = pdf_bytes(), pdf_bytes()
    assert one == two
    info = poppler("pdfinfo", "-isodates", "-", pdf=one).decode()
    assert "2000-01-01" in info
    assert re.search(r"Creator:\s+leaflets", info)


def test_the_printer_is_told_actual_size_and_short_edge() -> None:
    pdf = pdf_bytes()
    assert b"/PrintScaling /None" in pdf
    assert b"/Duplex /DuplexFlipShortEdge" in pdf
    assert b"/Lang" in pdf


@pytest.mark.parametrize("copies", [1, 3])
def test_copies_are_pairs_of_sides_and_all_alike(copies: int) -> None:
    pdf = pdf_bytes(copies=copies)
    info = poppler("pdfinfo", "-", pdf=pdf).decode()
    assert re.search(rf"^Pages:\s+{2 * copies}$", info, re.M)
    texts = poppler("pdftotext", "-layout", "-", "-", pdf=pdf).decode().split("\f")[:-1]
    assert len(set(texts)) == 2
    assert texts == texts[:2] * copies


@pytest.mark.parametrize("side", SIDES)
def test_fiducials_are_found_exactly_where_the_layout_says(side: int) -> None:
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    corners, ids, _ = cv2.aruco.ArucoDetector(dictionary, settings).detectMarkers(rendered(side))
    page = layout().page(side)
    assert sorted(ids.ravel().tolist()) == sorted(m.id for m in page.markers)
    said = {m.id: np.array(m.box.quad_mm) for m in page.markers}
    for marker_id, quad in zip(ids.ravel(), corners, strict=True):
        seen_mm = (quad.reshape(4, 2) + 0.5) / PX
        assert np.abs(seen_mm - said[int(marker_id)]).max() < 0.1


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_both_codes_of_a_side_are_read_and_say_the_same_as_the_words(side: int, dpi: int) -> None:
    scale = dpi / DPI
    small = cv2.resize(rendered(side), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    page = layout().page(side)
    assert len(page.code_boxes) == 2
    told = set()
    for box in page.code_boxes:
        around = box.grown(3.0)
        rows = slice(round(around.y_mm * PX * scale), round(around.bottom_mm * PX * scale))
        columns = slice(round(around.x_mm * PX * scale), round(around.right_mm * PX * scale))
        found = zxingcpp.read_barcodes(np.ascontiguousarray(small[rows, columns]))
        assert [b.format for b in found] == [zxingcpp.BarcodeFormat.DataMatrix]
        told.add(found[0].text)
    (text,) = told
    expected = FormCode(template="story", page=side, version=layout().version, batch="2611")
    assert decode(text) == expected
    words = poppler("pdftotext", *f"-f {side} -l {side} - -".split(), pdf=pdf_bytes())
    assert text in words.decode()


def test_codes_lie_in_the_same_places_on_both_sides() -> None:
    assert layout().page(1).code_boxes == layout().page(2).code_boxes


def ruler() -> list[Stroke]:
    ticks = [s for s in layout().page(2).strokes if s.x1_mm == s.x2_mm and s.width_mm == 0.12]
    assert len(ticks) == 101
    return sorted(ticks, key=lambda s: s.x1_mm)


def test_the_check_ruler_measures_100_mm_on_the_rendering() -> None:
    first, last = ruler()[0], ruler()[-1]
    row = round((first.y1_mm + 0.5) * PX)
    dark = 1 - rendered(2)[row].astype(np.float64) / 255

    def centre(x_mm: float) -> float:
        start = round((x_mm - 0.4) * PX)
        near = dark[start : round((x_mm + 0.4) * PX)]
        assert near.max() > 0.5
        return float((near * (np.arange(len(near)) + start + 0.5)).sum() / near.sum()) / PX

    assert abs(centre(last.x1_mm) - centre(first.x1_mm) - 100.0) < 0.1


def boxes(page: PageLayout) -> list[Rect]:
    ticks = [f.box for f in page.fields if f.kind == "tick"]
    return ticks + [o.box for f in page.fields for o in f.options]


def test_tick_boxes_are_the_printed_squares() -> None:
    page, picture = layout().page(1), rendered(1)
    assert len(boxes(page)) == 12 + 6 + 4 + 8 + 3 + 2
    for box in boxes(page):
        around = 1 - cut(picture, box.grown(1.0)).astype(np.float64) / 255
        across, down = around[around.shape[0] // 2], around[:, around.shape[1] // 2]
        seen = [edge_mm(p) for p in (across, across[::-1], down, down[::-1])]
        assert np.abs(np.array(seen) - 1.0).max() < 0.1
        assert cut(picture, box.grown(-0.5)).min() == 255, "the box is empty"


def test_writing_rules_are_printed_where_the_layout_says_and_nothing_else_is_there() -> None:
    page, picture = layout().page(1), rendered(1)
    fields = [f for f in page.fields if f.kind == "text"]
    assert {f.name for f in fields} == {
        "story_title", "story", "good", "improve", "feelings_other", "handle",
    }  # fmt: skip
    for field in fields:
        inside = cut(picture, field.box.grown(-0.3)).astype(np.float64)
        rows = np.flatnonzero(inside.mean(axis=1) < 200)
        groups = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
        seen = [(g.mean() + 0.5) / PX + field.box.y_mm + 0.3 for g in groups]
        assert seen == pytest.approx(field.lines_mm, abs=0.1)
        inside[rows] = 255
        clear = np.ones(len(inside), bool)
        clear[np.clip(np.concatenate([rows - 1, rows + 1]), 0, len(inside) - 1)] = False
        assert inside[clear].min() == 255, "only rules are printed in a writing area"


@pytest.mark.parametrize("side", SIDES)
def test_nothing_is_printed_at_the_edges_or_the_fold_but_the_fold_guides(side: int) -> None:
    picture = rendered(side)
    edge = round(5.0 * PX) - 2
    assert min(picture[:edge].min(), picture[-edge:].min()) == 255
    assert min(picture[:, :edge].min(), picture[:, -edge:].min()) == 255
    fold = picture[:, round((148.5 - 6.0) * PX) : round((148.5 + 6.0) * PX)] < 255
    columns = np.flatnonzero(fold.any(axis=0)) / PX - 6.0
    assert columns.size > 0
    assert np.abs(columns).max() < 0.2
    rows = np.flatnonzero(fold.any(axis=1)) / PX
    assert set(np.round(rows[(rows > 10) & (rows < 200)]).tolist()) == set()
    assert fold[: round(10 * PX)].any()
    assert fold[round(200 * PX) :].any(), "a guide at the top and one at the bottom"


def test_folds_of_both_sides_agree_and_it_opens_like_a_book() -> None:
    """Turned about its short edge, x becomes width - x: the front lies behind the inside's left."""
    inside, outside = layout().pages
    guides = [
        {round(s.x1_mm, 3) for s in page.strokes if s.x1_mm == s.x2_mm and s.y1_mm < 9.0}
        for page in (inside, outside)
    ]
    assert guides[0] == {round(inside.width_mm - x, 3) for x in guides[1]} == {148.5}
    front = next(t for t in outside.texts if t.text.startswith("Tell us"))
    assert outside.width_mm - front.x_mm < 148.5, "behind the left half of the inside"
    story = next(f for f in inside.fields if f.name == "story")
    assert story.box.right_mm < 148.5, "the story begins on the page that opens first"


def test_the_sides_carry_the_wording_that_writers_rely_on() -> None:
    words = poppler("pdftotext", "-raw", "-", "-", pdf=pdf_bytes()).decode()
    inside, outside = (re.sub(r"\s+", " ", side) for side in words.split("\f")[:2])
    for sentence in (
        "In a few words, what is it about?",
        "What happened? How did it make you feel?",
        "What was good?",
        "What could be better?",
        "Overall, how was your experience of our service?",
        "Changed your mind? Fill the whole box in and tick another.",
        "Yes, show my story on the clinic noticeboard, with names taken out.",
        "(Leave empty and only the team learns from it.)",
        "Someone wrote this for me",
        "not your own",
    ):
        assert sentence in inside
    for sentence in (
        "Tell us your story. Good, bad or both. You do not have to give your name.",
        "Riverbank Example Clinic",
        "A peer volunteer, who is not your worker, opens the box.",
        "Workers see typed words, not your writing.",
        "The code just tells our scanner which form this is. It does not tell us who you are.",
        "If what you write makes us think someone is in danger, we may have to act.",
        "This is not read at once.",
        "Samaritans 116 123",
        "To complain, or for an advocate",
        "Large print, Easy Read or another language",
        "To take a story down",
        "Printed at 100 %, this ruler is 100 mm long.",
    ):
        assert sentence in outside


def test_the_rating_has_the_exact_options_in_the_exact_order() -> None:
    rating = next(f for f in layout().page(1).fields if f.name == "rating")
    labels = [o.label for o in rating.options]
    assert labels == [
        "Very good", "Good", "Neither good nor poor", "Poor", "Very poor", "Don’t know",
    ]  # fmt: skip


def test_a_logo_is_printed_in_its_own_shape_and_changes_the_version(tmp_path: Path) -> None:
    Image.new("RGB", (300, 100), "black").save(tmp_path / "logo.png")
    service = replace(EXAMPLE, logo=tmp_path / "logo.png")
    laid = layout_for("story", service)
    box = laid.page(2).logo_box
    assert box is not None
    assert laid.version != layout().version
    data = poppler(
        "pdftoppm", "-r", "150", "-gray", "-f", "2", "-l", "2", "-", pdf=pdf_bytes(service)
    )
    with Image.open(io.BytesIO(data)) as image:
        page = np.asarray(image)
    px = 150 / MM_PER_INCH
    area = page[
        round(box.y_mm * px) : round(box.bottom_mm * px),
        round(box.x_mm * px) : round(box.right_mm * px),
    ]
    rows, columns = np.nonzero(area < 128)
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(3.0, rel=0.05)
    assert np.ptp(columns) / px == pytest.approx(box.w_mm, abs=0.5)


@pytest.mark.parametrize("batch", ["261", "26111", "26-1", "261a", "２６１１"])
def test_a_batch_that_is_none_is_refused(batch: str) -> None:
    with pytest.raises(BadInvocation):
        print_leaflets(layout(), io.BytesIO(), copies=1, batch=batch, service=EXAMPLE)


@pytest.mark.parametrize("copies", [0, 501])
def test_copies_out_of_range_are_refused(copies: int) -> None:
    with pytest.raises(BadInvocation):
        print_leaflets(layout(), io.BytesIO(), copies=copies, batch="2611", service=EXAMPLE)


def test_a_target_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageFailure, match=r"leaflets\.pdf could not be written"):
        print_leaflets(
            layout(), tmp_path / "no" / "leaflets.pdf", copies=1, batch="2611", service=EXAMPLE
        )


def test_the_command_prints_in_an_empty_folder_and_says_that_it_is_the_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["print", "story", "-o", "out/leaflets.pdf", "--copies", "2"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "leaflets.pdf").read_bytes().startswith(b"%PDF-1.7")
    assert "example" in done.stderr
    kept = json.loads(next((tmp_path / "output" / "forms").glob("story-*.json")).read_text())
    assert kept["version"] == layout().version
    assert CliRunner().invoke(main, ["print", "stroy", "-o", "x.pdf"]).exit_code == 2
