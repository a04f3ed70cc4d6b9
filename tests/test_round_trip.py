"""The headline: print, fill in, distort, scan; the same answers come back, or a flag. No lies."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import papers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.page import Grey, Unplaced
from scan_pipeline.story import AnswerValue, ChoiceValue, PageReading
from scan_pipeline.worker import read_page

CHOICES = [f for f in papers.layout().page(1).fields if f.kind != "text"]
SETTLED = settings(
    deadline=None,
    max_examples=40,
    derandomize=True,  # the same cases on every machine; the benchmark is where new ones are tried
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@st.composite
def answers(draw: st.DrawFn) -> dict[str, AnswerValue]:
    """Any answers to the form's questions, none too."""
    drawn: dict[str, AnswerValue] = {}
    for field in CHOICES:
        options = [o.value for o in field.options]
        if field.kind == "tick":
            drawn[field.name] = draw(st.booleans())
        elif field.multiple:
            chosen = draw(st.sets(st.sampled_from(options)))
            drawn[field.name] = tuple(o for o in options if o in chosen)
        else:
            drawn[field.name] = draw(st.none() | st.sampled_from(options))
    return drawn


@st.composite
def journeys(draw: st.DrawFn) -> dict[str, float]:
    """What a page may suffer, within what an office scanner or a phone does to it."""
    return {
        "turn_deg": draw(st.sampled_from([0, 90, 180, 270])) + draw(st.floats(-12, 12)),
        "scale": draw(st.floats(0.62, 1.35)),  # 185 to 400 dpi at true size
        "lean_x": draw(st.floats(-0.06, 0.06)),
        "lean_y": draw(st.floats(-0.06, 0.06)),
        "blur_px": draw(st.floats(0.3, 1.6)),
        "noise": draw(st.floats(0, 9)),
        "ink": draw(st.floats(0, 60)),
        "paper": draw(st.floats(205, 255)),
        "lost": draw(st.integers(0, 2)),
        "seed": draw(st.integers(0, 2**32 - 1)),
    }


def travel(image: Grey, trip: dict[str, float]) -> Grey:
    """`image` after the journey: any way up, scaled, leaning, blurred, noisy, marks covered."""
    rng = np.random.default_rng(int(trip["seed"]))
    image = image.copy()
    markers = papers.layout().page(1).markers
    for k in rng.choice(len(markers), int(trip["lost"]), replace=False):
        box = markers[int(k)].box
        x, y = (round(v * 300 / 25.4) for v in (box.x_mm, box.y_mm))
        image[y : y + 90, x : x + 90] = 255
    height, width = image.shape
    angle, scale = np.deg2rad(trip["turn_deg"]), trip["scale"]
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    out_w = round(abs(width * cos) + abs(height * sin)) + 80
    out_h = round(abs(width * sin) + abs(height * cos)) + 80
    matrix = np.array([[cos, -sin, out_w / 2], [sin, cos, out_h / 2], [0, 0, 1.0]])
    lean = np.array([[1, 0, 0], [0, 1, 0], [trip["lean_x"] / width, trip["lean_y"] / width, 1.0]])
    middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1.0]])
    out = cv2.warpPerspective(
        image, matrix @ lean @ middle, (out_w, out_h), flags=cv2.INTER_AREA, borderValue=(255,)
    )
    out = cv2.GaussianBlur(out, (0, 0), trip["blur_px"])
    tones = trip["ink"] + out.astype(np.float32) / 255 * (trip["paper"] - trip["ink"])
    tones += rng.normal(0, trip["noise"], out.shape).astype(np.float32) if trip["noise"] else 0
    return np.clip(tones, 0, 255).astype(np.uint8)


def lies(reading: PageReading, truth: dict[str, AnswerValue]) -> list[str]:
    """Fields that say something wrong without a flag."""
    wrong = []
    for name, wanted in truth.items():
        value = reading.fields[name]
        assert isinstance(value, ChoiceValue)
        got = value.value
        same = (
            set(got) == set(wanted)
            if isinstance(got, tuple) and isinstance(wanted, tuple)
            else (got == wanted)
        )
        if not same and not value.review:
            wrong.append(f"{name}: {wanted} came back as {got}")
    return wrong


@SETTLED
@given(answers(), journeys(), st.integers(0, 10_000))
def test_any_answers_come_back_from_any_journey_or_are_flagged(
    workspace: Path, chosen: dict[str, AnswerValue], trip: dict[str, float], seed: int
) -> None:
    leaflet = papers.filled(papers.story_with(chosen), seed, handwriting=False)
    reading, _ = read_page(travel(leaflet.image, trip), forms=papers.forms(workspace))
    assert isinstance(reading, PageReading), getattr(reading, "reason", "")
    assert lies(reading, leaflet.choices) == []


@SETTLED
@given(answers(), st.integers(0, 10_000))
def test_a_gentle_journey_needs_no_flag(
    workspace: Path, chosen: dict[str, AnswerValue], seed: int
) -> None:
    leaflet = papers.filled(papers.story_with(chosen), seed, handwriting=False)
    if any(style in {"faint", "scribble"} for style in leaflet.styles.values()):
        return  # these may be doubted; the next test sees that they are never lost
    sheet = distort(leaflet.image, leaflet.px_per_mm, CONDITIONS["skew"], seed)
    reading, _ = read_page(sheet.image, forms=papers.forms(workspace))
    assert isinstance(reading, PageReading)
    assert lies(reading, leaflet.choices) == []
    assert [n for n in leaflet.choices if reading.fields[n].review] == []


@pytest.mark.parametrize("name", sorted(CONDITIONS))
def test_every_named_condition_places_the_page_and_tells_no_lie(workspace: Path, name: str) -> None:
    leaflet = papers.filled(papers.WRITTEN, 11, condition=CONDITIONS[name])
    sheet = distort(
        leaflet.image, leaflet.px_per_mm, CONDITIONS[name], 11, layout=papers.layout().page(1)
    )
    grey = sheet.image
    if grey.ndim == 3:
        grey = np.asarray(cv2.cvtColor(grey, cv2.COLOR_RGB2GRAY), np.uint8)
    reading, _ = read_page(grey, forms=papers.forms(workspace))
    if name == "photo-curled" and isinstance(reading, Unplaced):
        return  # as many as one in three curl too much
    assert isinstance(reading, PageReading), getattr(reading, "reason", "")
    assert lies(reading, leaflet.choices) == []
    for field in papers.layout().page(1).fields:
        quad = np.array(reading.fields[field.name].quad_px)
        truth = sheet.to_px(np.array(field.box.quad_mm))
        px_per_mm = np.linalg.norm(truth[1] - truth[0]) / field.box.w_mm
        assert np.abs(quad - truth).max() / px_per_mm < 3.0


def test_a_mirrored_page_is_refused(workspace: Path) -> None:
    leaflet = papers.filled(papers.WRITTEN, 3)
    reading, _ = read_page(
        np.ascontiguousarray(leaflet.image[:, ::-1]), forms=papers.forms(workspace)
    )
    assert isinstance(reading, Unplaced)
