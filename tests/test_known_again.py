"""One paper scanned twice counts once; two papers that look alike are a story each."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scan_pipeline import pipeline
from scan_pipeline.demo.fill import PX_PER_MM
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.reading import assemble, prints
from scan_pipeline.story import LineReading, PageReading, TextValue, WordReading
from tests import made_stories, papers, pens


def leaflet(words: str, folder: Path, name: str, font: str, condition: str) -> Path:
    """A leaflet with the same ticks each time and these words, scanned."""
    ticked = papers.story_with({"feelings": ("safe",), "rating": "good", "consent_display": True})
    image = papers.filled(ticked, 3).image
    page = papers.layout().page(1)
    field = next(f for f in page.fields if f.name == "story")
    pens.write(image, words, field.box.x_mm + 3, field.lines_mm[1] - 0.5, font=font)
    seen = distort(image, PX_PER_MM, CONDITIONS[condition], [len(words), len(name)], layout=page)
    return papers.save(
        np.ascontiguousarray(seen.image[..., ::-1] if seen.image.ndim == 3 else seen.image),
        folder / name,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My dose was cut to 30 ml and I was ill", "My dose was cut to 80 ml and I was ill"),
        ("I waited 2 hours for my script", "I waited 3 hours for my script"),
        ("I feel safe when I come here now", "I felt safe when I came here not"),
    ],
)
@pytest.mark.parametrize("font", ["Kalam", "Caveat"])
def test_one_other_word_in_the_same_hand_is_another_story(
    tmp_path: Path, one: str, other: str, font: str
) -> None:
    """As somebody makes them who helps several people to write."""
    scans = [
        leaflet(words, tmp_path, f"{k}.png", font, ("flat", "skew")[k])
        for k, words in enumerate((one, other))
    ]
    found = list(pipeline.scan(scans, workspace=tmp_path / "w", engine="none", workers=1))
    assert [o.status for o in found] == ["read", "read"]
    assert found[1].reading is not None
    assert any(f"looks like {found[0].story_id}" in n for n in found[1].reading.notices)


@pytest.mark.parametrize("condition", ["turned", "dpi-200", "crumple", "photo"])
def test_the_same_paper_scanned_otherwise_counts_once(tmp_path: Path, condition: str) -> None:
    words = "My dose was cut to 30 ml and I was ill"
    scans = [leaflet(words, tmp_path, f"{c}.png", "Caveat", c) for c in ("flat", condition)]
    found = list(pipeline.scan(scans, workspace=tmp_path / "w", engine="none", workers=1))
    assert [o.status for o in found] == ["read", "duplicate"]


@pytest.mark.parametrize(
    ("shade", "said"), [(50, "not"), (200, "or not"), (218, "or not"), (50, "7")]
)
def test_a_word_that_was_added_makes_another_story(tmp_path: Path, shade: int, said: str) -> None:
    """In the same pen, or in a pencil that is far paler than what was there before."""
    words = "My dose was cut to 30 ml and I was ill"
    scans = [leaflet(words, tmp_path, f"{k}.png", "Caveat", "flat") for k in range(2)]
    more = cv2.imread(str(scans[1]), cv2.IMREAD_GRAYSCALE)
    assert more is not None
    field = next(f for f in papers.layout().page(1).fields if f.name == "story")
    page = np.asarray(more, np.uint8)
    pens.write(page, said, field.box.x_mm + 30, field.lines_mm[4] - 0.5, shade=shade)
    papers.save(page, scans[1])
    found = list(pipeline.scan(scans, workspace=tmp_path / "w", engine="none", workers=1))
    assert [o.status for o in found] == ["read", "read"]
    assert found[1].reading is not None
    assert any(f"looks like {found[0].story_id}" in n for n in found[1].reading.notices)


def test_other_words_in_the_same_hand_are_not_said_to_be_scanned_again(tmp_path: Path) -> None:
    scans = [
        leaflet(words, tmp_path, f"{k}.png", "Kalam", "flat")
        for k, words in enumerate(
            ("Nobody rang me back about my detox date", "Groups are too early for people who work")
        )
    ]
    found = list(pipeline.scan(scans, workspace=tmp_path / "w", engine="none", workers=1))
    assert [o.status for o in found] == ["read", "read"]
    assert found[1].reading is not None
    assert not any("scanned again" in n for n in found[1].reading.notices)


def test_two_papers_whose_words_differ_for_sure_are_not_the_same() -> None:
    def said(*words: tuple[str, float]) -> PageReading:
        told = tuple(WordReading(text=w, confidence=c) for w, c in words)
        line = LineReading(text=" ".join(w.text for w in told), confidence=0.9, words=told)
        value = TextValue(text=line.text, confidence=0.9, review=False, lines=(line,), quad_px=())
        return replace(made_stories.reading(), fields={"story": value})

    one = said(("30", 0.95), ("ml", 0.99))
    assert assemble.same_words(one, said(("30.", 0.99), ("ML", 0.92)))
    assert assemble.same_words(one, said(("80", 0.6), ("ml", 0.99)))
    assert not assemble.same_words(one, said(("80", 0.95), ("ml", 0.99)))
    assert not assemble.same_words(one, said(("30", 0.95), ("bad", 0.95), ("ml", 0.99)))


def scrawl(seed: int) -> prints.Inked:
    """Lines of something like writing, in cells."""
    rng = np.random.default_rng(seed)
    page = np.zeros((594, 420), np.uint8)
    for y in range(60, 540, 24):
        ends = np.column_stack([np.arange(40, 380, 4), y + rng.integers(-7, 8, 85)])
        cv2.polylines(page, [ends.astype(np.int32)], False, 1)
    return page > 0


def print_(inked: prints.Inked) -> bytes:
    return int(inked.shape[1]).to_bytes(2, "big") + np.packbits(inked).tobytes()


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 99),
    moved=st.tuples(st.integers(-1, 1), st.integers(-1, 1)),
    gone=st.floats(0, 0.06),
    lines=st.integers(0, 4),
    swapped=st.booleans(),
)
def test_of_many_papers_the_one_that_came_back_is_found(
    seed: int, moved: tuple[int, int], gone: float, lines: int, swapped: bool
) -> None:
    """With some of its ink lost to the scanner, or lines put in since, and either scan first."""
    first = scrawl(seed)
    again = np.roll(first, moved, (0, 1))
    again &= np.random.default_rng(seed).random(first.shape) >= gone
    for k in range(lines):
        again[72 + 24 * k, 40:380] = True
    one, other = (print_(again), print_(first)) if swapped else (print_(first), print_(again))
    assert prints.likeness(one, other, np.ones_like(first)) != "other"
    known = prints.Papers()
    known.add("it", one)
    for k in range(5):
        known.add(f"other {k}", print_(scrawl(100 + k)))
    assert known.similar(other) == [("it", one)]  # lines in the same places tell nothing


def test_a_paper_that_is_known_takes_little_memory() -> None:
    """A clinic's store holds thousands, and a scan knows them all."""
    known, papers_ = prints.Papers(), [print_(scrawl(k)) for k in range(40)]
    known.add("first", print_(scrawl(99)))  # what is loaded once is no paper's
    tracemalloc.start()
    try:
        for k, paper in enumerate(papers_):
            known.add(str(k), paper)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept / len(papers_) < 20_000


def test_a_paper_of_another_size_is_never_the_same() -> None:
    known = prints.Papers()
    known.add("it", print_(scrawl(1)))
    assert known.similar(print_(scrawl(1)[:, :-8])) == []
    assert known.similar(print_(np.zeros((594, 420), bool))) == []
