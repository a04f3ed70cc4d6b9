"""Marks of real pens' ink in the placing benchmark: cutting single strokes, and laying them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pens
import pytest
from click.testing import CliRunner

from benchmarks.placing.__main__ import main
from benchmarks.placing.laid import layer, parts
from benchmarks.placing.strokes import PEN_PX, cut, strokes_of
from benchmarks.truth import simulated
from leaflets.errors import UnreadableInput
from scan_pipeline.demo.hands import FONTS
from scan_pipeline.demo.paper import CONDITIONS
from scan_pipeline.page import Grey

INKED_PX = 7.3
"""How wide a smooth line of five px comes out."""
WORDS = "the little hill it fell, till then"


def paper(height: int = 160, width: int = 700) -> Grey:
    return np.full((height, width), 235, np.uint8)


def line(page: Grey, *points: tuple[int, int]) -> None:
    cv2.polylines(page, [np.array(points, np.int32)], False, 40, 5, cv2.LINE_AA)


@pytest.fixture(scope="module")
def handwriting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of lines of handwriting, each in another font."""
    folder = tmp_path_factory.mktemp("handwriting")
    for font in FONTS:
        page = paper(180, 1400)
        pens.write(page, WORDS, 4.0, 10.0, small_mm=3.0, font=font)
        cv2.imwrite(str(folder / f"{font}.png"), page)
    (folder / "lines.tsv").write_text("no picture", "utf-8")
    return folder


def test_single_lines_are_cut_out_whole() -> None:
    page = paper()
    line(page, (30, 40), (130, 60))
    line(page, (200, 130), (230, 30))
    found = sorted(cut(page), key=lambda stroke: stroke.length_px)
    assert [s.length_px for s in found] == pytest.approx([107, 109], abs=6)
    assert [s.width_px for s in found] == pytest.approx([INKED_PX] * 2, abs=0.5)
    assert all(np.abs(s.bow_px).max() < 1.5 for s in found)
    assert all(s.cover.min() >= 0.0 and s.cover.max() <= 1.0 for s in found)


def test_a_mild_bow_is_kept_beside_the_straightened_stroke() -> None:
    page = paper()
    line(page, *[(30 + 2 * k, 60 + round(8 * np.sin(np.pi * k / 60))) for k in range(61)])
    [stroke] = cut(page)
    assert stroke.bow_px[len(stroke.bow_px) // 2] == pytest.approx(8, abs=2.5)
    middle = stroke.cover.shape[0] // 2
    assert (stroke.cover[middle, 4:-4] > 0.5).all()


def test_a_coarse_picture_is_enlarged() -> None:
    page = paper()
    line(page, (30, 40), (330, 60))
    line(page, (30, 140), (330, 100))
    coarse = cv2.resize(page, None, fx=0.35, fy=0.35, interpolation=cv2.INTER_AREA)
    found = cut(np.asarray(coarse, np.uint8))
    assert [s.length_px for s in found] == pytest.approx([306 * PEN_PX / INKED_PX] * 2, rel=0.15)
    assert [s.width_px for s in found] == pytest.approx([PEN_PX] * 2, rel=0.15)


def test_rings_blots_and_branches_are_no_strokes() -> None:
    page = paper()
    cv2.circle(page, (80, 80), 40, 40, 5, cv2.LINE_AA)
    cv2.circle(page, (200, 80), 14, 40, -1, cv2.LINE_AA)
    line(page, (300, 80), (312, 80))
    for off in (0, 8):  # two lines that touch all along
        line(page, (500, 40 + off), (600, 40 + off))
    assert cut(page) == []
    line(page, (380, 30), (440, 130))
    line(page, (440, 30), (380, 130))
    arms = cut(page)
    assert len(arms) == 4 and all(30 < s.length_px < 60 for s in arms)


def test_what_is_cut_from_handwriting_is_one_line_of_ink(handwriting: Path) -> None:
    strokes = strokes_of(str(handwriting))
    assert len(strokes) > 40
    single = 0
    for stroke in strokes:
        ink = (stroke.cover > 0.5).astype(np.int8)
        runs = (np.diff(ink, axis=0, prepend=0) == 1).sum(axis=0)
        single += bool(np.mean(runs == 1) > 0.9)
        assert stroke.length_px > 3 * stroke.width_px
        assert len(stroke.bow_px) == stroke.length_px
    assert single >= 0.95 * len(strokes)


def test_a_way_is_cut_at_its_corners_and_not_in_its_bends() -> None:
    tick = np.array([(0.0, 0.0), (15.0, 25.0), (60.0, -40.0)])
    short, long = parts(tick, 5.0)
    assert (short.ends, long.ends) == (("free", "corner"), ("corner", "free"))
    assert len(short.points) == pytest.approx(29, abs=4)
    turns = np.linspace(0, 4 * np.pi, 120)[:, None]
    for radius in (8, 50):
        assert len(parts(radius * np.hstack([np.cos(turns), np.sin(turns)]), 5.0)) == 1


@pytest.mark.parametrize("width_px", [4.0, 5.5, 11.0])
def test_a_mark_covers_its_way_and_nothing_else(handwriting: Path, width_px: float) -> None:
    way = np.array([(60.0, 90.0), (80.0, 120.0), (150.0, 40.0)])
    near = np.zeros((180, 220), np.uint8)
    cv2.polylines(near, [way.astype(np.int32)], False, 1, round(3 * width_px) + 16)
    middle = np.zeros((180, 220), np.uint8)
    cv2.polylines(middle, [way[1:].astype(np.int32)], False, 1, 1)
    for seed in range(12):
        cover = np.zeros((180, 220), np.float32)
        layer(str(handwriting), [seed])(cover, way, width_px, True)
        assert cover.min() >= 0.0 and cover.max() <= 1.0
        assert not (cover[near == 0] > 0.05).any()
        broad = cv2.dilate(cover, np.ones((9, 9), np.uint8))  # strokes bow off the straight way
        assert np.mean(np.asarray(broad)[middle > 0] > 0.3) > 0.9
        length = float(np.hypot(*np.diff(way, axis=0).T).sum())
        assert cover.sum() == pytest.approx(length * width_px, rel=0.4)


def test_a_page_is_the_same_again_and_differs_from_a_drawn_one_in_its_marks_alone(
    handwriting: Path,
) -> None:
    flat = CONDITIONS["flat"]
    drawn, _ = simulated(flat, 5, 0)
    first, second = (simulated(flat, 5, 0, 0.0, layer(str(handwriting), [5, 0])) for _ in range(2))
    assert np.array_equal(first[1].image, second[1].image)
    assert (first[0].choices, first[0].styles) == (drawn.choices, drawn.styles)
    differs = np.argwhere(first[0].image != drawn.image) / drawn.px_per_mm
    assert len(differs)
    boxes = [o.box for f in drawn.page.fields for o in f.options]
    boxes += [f.box for f in drawn.page.fields if f.kind == "tick"]
    inside = np.zeros(len(differs), bool)
    for box in (b.grown(2 * b.w_mm) for b in boxes):
        inside |= (
            (differs[:, 1] > box.x_mm) & (differs[:, 1] < box.right_mm)
            & (differs[:, 0] > box.y_mm) & (differs[:, 0] < box.bottom_mm)
        )  # fmt: skip
    assert inside.all()


def test_a_folder_without_strokes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no pictures of handwriting"):
        strokes_of(str(tmp_path))
    said = CliRunner().invoke(main, ["--strokes", str(tmp_path)])
    assert said.exit_code == 2 and "no pictures of handwriting" in said.output
    blank = tmp_path / "blank"
    blank.mkdir()
    cv2.imwrite(str(blank / "blank.png"), paper())
    said = CliRunner().invoke(main, ["--strokes", str(blank)])
    assert said.exit_code == 2 and "0 single strokes" in " ".join(said.output.split())
    (blank / "torn.png").write_bytes(b"not a picture")
    with pytest.raises(UnreadableInput, match=r"torn\.png"):
        strokes_of(str(blank))
