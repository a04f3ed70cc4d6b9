"""The reading benchmark: its counting, its split by writer, its folders and its fit."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.handwriting.__main__ import main
from benchmarks.handwriting.fit import Lesson, Lessons, left_out, logistic, rising
from benchmarks.handwriting.lines import from_folder, tight, tuning_writers
from benchmarks.handwriting.score import edits, right_letters, right_words, score, summary
from benchmarks.handwriting.strained import strained
from benchmarks.handwriting.voters import chance_of
from leaflets.errors import UnreadableInput
from scan_pipeline.story import LineReading, WordReading


def reading(*words: tuple[str, float]) -> LineReading:
    return LineReading(
        text=" ".join(w for w, _ in words),
        confidence=0.5,
        words=tuple(WordReading(text=w, confidence=c) for w, c in words),
    )


def folder(tmp_path: Path, texts: dict[str, str]) -> Path:
    rows = []
    for name, text in texts.items():
        picture = np.full((60, 400), 240, np.uint8)
        cv2.putText(picture, text, (10, 42), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 30, 2)
        cv2.imwrite(str(tmp_path / name), picture)
        rows.append(f"{name}\t{text}")
    (tmp_path / "lines.tsv").write_text("\n".join(rows), "utf-8")
    return tmp_path


def test_mistakes_are_counted() -> None:
    assert edits("kitten", "sitting") == 3
    assert edits("", "ab") == 2 and edits("ab", "") == 2 and edits("ab", "ab") == 0
    assert right_words(["the", "old", "house"], ["the", "hause"]) == [True, False]
    assert right_words(["a"], ["x", "a", "y"]) == [False, True, False]
    assert right_letters("The tea", ["the", "te"]) == [True] * 5
    assert right_letters("work", ["wxrk", "s"]) == [True, False, True, True, False]


def test_a_summary_says_what_was_wrong_without_saying_so() -> None:
    scores = [
        score("a", "Thank you all", reading(("thank", 0.95), ("you", 0.99), ("ail", 0.97))),
        score("b", "ok", reading(("ox", 0.2))),
    ]
    found = summary(scores)
    assert found.words == 4 and found.lines == 2
    assert found.flagged == pytest.approx(0.25)
    assert found.silent == pytest.approx(1 / 3)
    assert found.wer_lower == pytest.approx(2 / 4) and found.wer == pytest.approx(3 / 4)
    assert found.cer_lower == pytest.approx(2 / 15)
    assert found.writers["b"] == (0.5, 1.0) and found.cer_worst == 0.5
    assert sum(row["words"] for row in found.reliability) == 4


def test_writers_are_tuned_on_or_reported_never_both() -> None:
    writers = [f"w{k}" for k in range(10)]
    tuned = tuning_writers(writers)
    assert len(tuned) == 4 and tuned < set(writers)
    assert tuning_writers(list(reversed(writers)) * 3) == tuned


def test_lines_are_cropped_tight_and_evenly_lit() -> None:
    shade = np.linspace(150, 250, 500).astype(np.uint8)
    picture = np.broadcast_to(shade, (120, 500)).copy()
    cv2.putText(picture, "hello", (150, 80), cv2.FONT_HERSHEY_SIMPLEX, 2.0, 20, 4)
    picture[5, 5] = 60
    crop = tight(picture)
    assert crop.shape[0] < 70 and crop.shape[1] < 220
    assert np.percentile(crop, 90) > 245 and crop.min() < 80


def test_a_folder_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"lines\.tsv"):
        from_folder(tmp_path)
    (tmp_path / "lines.tsv").write_text("gone.png\thello", "utf-8")
    with pytest.raises(UnreadableInput, match=r"gone\.png"):
        from_folder(tmp_path)


def test_the_command_reports_the_writers_nobody_tuned_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.handwriting.__main__.STRAINED", (4, 3, 501))
    texts = {f"w{k}_1.png": "Thank you" for k in range(5)}
    call = [str(folder(tmp_path, texts)), "--engine", "ppocr", "--json"]
    found = json.loads(CliRunner().invoke(main, call, catch_exceptions=False).stdout)
    assert found["lines"] == 3 and found["engine"] == "ppocr"
    assert set(found["writers"]).isdisjoint(tuning_writers([n.split("_")[0] for n in texts]))
    assert found["cer_lower"] < 0.2 and found["seconds_per_line"] > 0
    said = CliRunner().invoke(main, [*call[:-1], "--part", "all"], catch_exceptions=False).stdout
    assert "5 lines" in said and "flagged" in said


def test_every_step_of_the_reader_is_measured(tmp_path: Path) -> None:
    call = [str(folder(tmp_path, {f"w{k}_1.png": "Thank you" for k in range(5)})), "--steps"]
    said = CliRunner().invoke(main, call, catch_exceptions=False).stdout
    assert said.count("3 lines") == 6 and "+ words" in said and "flagged" not in said


def test_nobody_is_judged_by_what_they_taught() -> None:
    rng = np.random.default_rng(3)
    signals = rng.normal(size=(900, 2))
    writers = np.repeat(["a", "b", "c"], 300)
    right = (signals[:, 0] > 0).astype(float)
    mine = Lesson(signals=signals, right=right, writers=writers)
    odd = right.copy()
    odd[writers == "c"] = 1 - odd[writers == "c"]
    other = Lesson(signals=signals, right=odd, writers=writers)
    taught, twisted = Lessons(mine, mine), Lessons(mine, other)
    same, unlike = (
        [left_out(lessons, writer).letters.weights for lessons in (taught, twisted)]
        for writer in ("c", "a")
    )
    assert np.array_equal(*same) and not np.allclose(*unlike)


def test_strained_hands_are_the_same_each_time_and_have_ink() -> None:
    lines, again = list(strained(8, 2, 7)), list(strained(8, 2, 7))
    assert len({line.writer for line in lines}) == 8 and len(lines) == 16
    for a, b in zip(lines, again, strict=True):
        assert a.text == b.text and np.array_equal(a.grey, b.grey)
        assert len(a.text.split()) >= 1 and (a.grey < 160).sum() > 50


def test_the_fit_finds_what_was_put_in() -> None:
    rng = np.random.default_rng(1)
    signals = rng.normal(size=(4000, 2))
    chance = 1 / (1 + np.exp(-(0.5 + 2.0 * signals[:, 0] - signals[:, 1])))
    right = (rng.random(4000) < chance).astype(float)
    assert np.allclose(logistic(signals, right), [0.5, 2.0, -1.0], atol=0.2)


def test_what_odds_are_worth_only_rises() -> None:
    rng = np.random.default_rng(2)
    odds = rng.normal(0, 2, 3000)
    right = (rng.random(3000) < 1 / (1 + np.exp(-odds))).astype(float)
    steps = np.array(rising(odds, right))
    assert np.all(np.diff(steps[:, 0]) > 0) and np.all(np.diff(steps[:, 1]) >= 0)
    assert np.abs(steps[:, 1] - 1 / (1 + np.exp(-steps[:, 0]))).max() < 0.12


def test_the_chance_of_a_text_is_that_of_all_ways_to_write_it() -> None:
    letters = ("", "a", "b", " ")
    chances = np.random.default_rng(1).dirichlet(np.ones(4), 5).astype(np.float32)
    summed: dict[str, float] = {}
    for way in itertools.product(range(4), repeat=5):
        text = "".join(letters[k] for k, _ in itertools.groupby(way))
        summed[text] = summed.get(text, 0.0) + float(np.prod(chances[range(5), way]))
    for text in ("", "a", "aa", "ab a", "bab"):
        assert chance_of(text, chances, letters) == pytest.approx(np.log(summed[text]), abs=1e-4)
    assert chance_of("z", chances, letters) < -1e8
