"""`leaflets proof`: one true and understandable sentence about a scan of a blank leaflet."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import papers
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from leaflets.geometry import MM_PER_INCH
from leaflets.leaflet import print_leaflets
from leaflets.settings import EXAMPLE, write_settings
from leaflets.sheet import layout_for
from scan_pipeline.cli import main
from scan_pipeline.demo.fill import blank_side

Grey = NDArray[np.uint8]
DPI = 300
LAYOUT = layout_for("story", EXAMPLE)


@cache
def blank(side: int = 1) -> Grey:
    return np.asarray(blank_side(LAYOUT, EXAMPLE, side, DPI))


def saved(folder: Path, picture: Grey, dpi: int | None = DPI, name: str = "scan.png") -> Path:
    path = folder / name
    Image.fromarray(picture).save(path, **({} if dpi is None else {"dpi": (dpi, dpi)}))
    return path


def proof(folder: Path, path: Path, *options: str) -> Result:
    return CliRunner().invoke(
        main, ["--workspace", str(folder / "out"), "proof", str(path), *options]
    )


def turned(picture: Grey, degrees: float, scale: float = 1.0) -> Grey:
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    out = cv2.warpAffine(picture, matrix, (width, height), borderValue=(255,))
    return np.asarray(out, np.uint8)


def test_a_good_scan_works_in_one_sentence(tmp_path: Path) -> None:
    done = proof(tmp_path, saved(tmp_path, blank()))
    assert done.exit_code == 0
    assert done.stdout == (
        "Page 1: This will work: all 8 marks found, straight, 300 dpi, printed at 100 %.\n"
    )
    assert done.stderr == ""


def test_the_printed_pdf_itself_works(tmp_path: Path) -> None:
    path = tmp_path / "leaflets.pdf"
    print_leaflets(LAYOUT, path, copies=1, batch="2611", service=EXAMPLE)
    done = proof(tmp_path, path)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "Pages 1 to 2: This will work: all 8 marks found, straight, 300 dpi, printed at 100 %."
    ]


def test_the_outside_alone_is_not_enough(tmp_path: Path) -> None:
    done = proof(tmp_path, saved(tmp_path, blank(2)))
    assert done.exit_code == 0
    assert "This would work: all 8 marks found" in done.stdout
    assert "the outside only: scan the inside too" in done.stdout


def test_a_leaflet_that_is_written_on_is_no_proof_of_a_blank_one(tmp_path: Path) -> None:
    done = proof(tmp_path, saved(tmp_path, papers.filled(papers.WRITTEN, 2).image))
    assert done.exit_code == 0
    assert "This would work: " in done.stdout
    assert "but this one is written on: use a blank." in done.stdout


def test_several_pages_are_one_sentence_by_the_worst_of_them(tmp_path: Path) -> None:
    good = Image.fromarray(blank())
    poor = Image.fromarray(turned(blank(), 7.0, 0.85))
    good.save(tmp_path / "s.tif", save_all=True, append_images=[poor], dpi=(300, 300))
    done = proof(tmp_path, tmp_path / "s.tif")
    assert done.exit_code == 0
    (said,) = done.stdout.splitlines()
    assert said.startswith("Pages 1 to 2: This can be read, but could be better: ")
    assert "7.0° askew" in said and "printed at 85 %" in said
    empty = Image.fromarray(np.full((3508, 2480), 250, np.uint8))
    good.save(tmp_path / "s.tif", save_all=True, append_images=[empty, empty], dpi=(300, 300))
    done = proof(tmp_path, tmp_path / "s.tif")
    assert done.exit_code == 5
    (said,) = done.stdout.splitlines()
    assert said.startswith("Page 2 of 3: This will not work yet: the page is empty.")
    assert said.endswith("Page 3: not yet either.")


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_any_way_up_works(tmp_path: Path, turn: int) -> None:
    done = proof(tmp_path, saved(tmp_path, np.rot90(blank(), turn).copy()))
    assert done.exit_code == 0
    assert "This will work: all 8 marks found, straight" in done.stdout


@pytest.mark.parametrize("percent", [94, 97, 103])
def test_the_wrong_size_is_measured_and_the_remedy_said(tmp_path: Path, percent: int) -> None:
    canvas = np.full((blank().shape[0] + 200, blank().shape[1] + 200), 255, np.uint8)
    scale = percent / 100
    small = cv2.resize(blank(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas[40 : 40 + small.shape[0], 30 : 30 + small.shape[1]] = small
    done = proof(tmp_path, saved(tmp_path, canvas))
    assert done.exit_code == 0
    assert f"printed at {percent} %" in done.stdout
    assert "This can be read, but could be better" in done.stdout
    assert "without “fit to page”" in done.stdout


@pytest.mark.parametrize("degrees", [-9.0, -3.0, 2.0, 7.0])
def test_skew_is_measured(tmp_path: Path, degrees: float) -> None:
    done = proof(tmp_path, saved(tmp_path, turned(blank(), degrees, 0.85)), "--json")
    told = json.loads(done.stdout)
    assert told["works"]
    assert told["skew_deg"] == pytest.approx(-degrees, abs=0.1)
    assert f"{abs(degrees):.1f}° askew" in told["sentence"]
    assert ("Lay the sheet straight" in told["sentence"]) == (abs(degrees) > 5)


@pytest.mark.parametrize(("dpi", "fine"), [(150, False), (200, True), (600, True)])
def test_the_resolution_is_said_and_a_low_one_refused_kindly(
    tmp_path: Path, dpi: int, fine: bool
) -> None:
    how = cv2.INTER_AREA if dpi < DPI else cv2.INTER_LINEAR
    picture = cv2.resize(blank(), None, fx=dpi / DPI, fy=dpi / DPI, interpolation=how)
    done = proof(tmp_path, saved(tmp_path, np.asarray(picture, np.uint8), dpi))
    assert done.exit_code == 0, done.output
    assert f"{dpi} dpi" in done.stdout
    assert ("Scan at 300 dpi" in done.stdout) == (not fine)


def test_a_picture_that_does_not_know_its_resolution_says_nothing_of_size(tmp_path: Path) -> None:
    for dpi in (None, 96):
        done = proof(tmp_path, saved(tmp_path, blank(), dpi))
        assert done.exit_code == 0
        assert "printed at" not in done.stdout
        assert "300 dpi" in done.stdout


def without_marks(count: int) -> Grey:
    picture = blank().copy()
    px = DPI / MM_PER_INCH
    for marker in LAYOUT.page(1).markers[:count]:
        box = marker.box.grown(1.0)
        picture[
            round(box.y_mm * px) : round(box.bottom_mm * px),
            round(box.x_mm * px) : round(box.right_mm * px),
        ] = 255
    return picture


@pytest.mark.parametrize("missing", [1, 2, 4])
def test_missing_marks_are_counted(tmp_path: Path, missing: int) -> None:
    done = proof(tmp_path, saved(tmp_path, without_marks(missing)))
    assert done.exit_code == 0
    assert f"{8 - missing} of 8 marks found" in done.stdout
    assert "Check that the whole sheet is scanned" in done.stdout
    assert ("More than two are missing" in done.stdout) == (missing > 2)


@pytest.mark.parametrize("missing", [6, 8])
def test_too_few_marks_do_not_work(tmp_path: Path, missing: int) -> None:
    done = proof(tmp_path, saved(tmp_path, without_marks(missing)))
    assert done.exit_code == 5
    assert "This will not work yet: " in done.stdout
    assert "marks" in done.stdout


def test_another_services_form_does_not_work_and_says_why(tmp_path: Path) -> None:
    other = tmp_path / "out"
    changed = EXAMPLE.__class__(
        **{f: getattr(EXAMPLE, f) for f in EXAMPLE.__slots__} | {"name": "Another"}
    )
    write_settings(changed, other / "service.toml")
    done = proof(tmp_path, saved(tmp_path, blank()))
    assert done.exit_code == 5
    assert "This will not work yet: this leaflet is story version" in done.stdout
    assert "not printed from this workspace" in done.stdout
    assert "copy that folder's forms." in done.stdout


def test_a_page_that_is_no_leaflet_does_not_work(tmp_path: Path) -> None:
    letter = Image.new("L", (2480, 3508), 255)
    draw = ImageDraw.Draw(letter)
    for line in range(30):
        draw.text((200, 200 + 100 * line), "Dear neighbour, thank you for the plums. " * 3, 0)
    done = proof(tmp_path, saved(tmp_path, np.asarray(letter)))
    assert done.exit_code == 5
    assert "not one of our forms" in done.stdout


def test_an_empty_page_does_not_work(tmp_path: Path) -> None:
    done = proof(tmp_path, saved(tmp_path, np.full((3508, 2480), 250, np.uint8)))
    assert done.exit_code == 5
    assert "This will not work yet: the page is empty." in done.stdout


@pytest.mark.parametrize("content", [b"", b"not a picture", b"%PDF-1.4 cut off"])
def test_a_file_that_cannot_be_opened_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scan.pdf").write_bytes(content)
    done = proof(tmp_path, tmp_path / "scan.pdf")
    assert done.exit_code == 5
    assert done.stdout == ""
    assert "scan.pdf" in done.stderr
    assert "Traceback" not in done.output


def test_json_has_the_figures(tmp_path: Path) -> None:
    told = json.loads(proof(tmp_path, saved(tmp_path, blank()), "--json").stdout)
    assert set(told) == {
        "schema", "page", "works", "sentence", "markers_found", "markers_printed",
        "skew_deg", "dpi", "file_dpi", "scale", "agreement", "inside", "written",
    }  # fmt: skip
    assert (told["schema"], told["page"], told["works"]) == (1, 1, True)
    assert told["markers_found"] == told["markers_printed"] == 8
    assert told["dpi"] == pytest.approx(300, abs=1)
    assert told["scale"] == pytest.approx(1.0, abs=0.002)
    assert told["agreement"] == 1.0


def test_proof_keeps_nothing_of_what_it_was_shown(tmp_path: Path) -> None:
    proof(tmp_path, saved(tmp_path, blank()))
    kept = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert kept == [f"out/forms/story-{LAYOUT.version}-1.png", "scan.png"]
