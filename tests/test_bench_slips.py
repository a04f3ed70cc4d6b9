"""The benchmark of contact slips counts what it says it counts."""

from __future__ import annotations

from benchmarks.slips.measure import Comb, row
from scan_pipeline.story import CharacterReading, CombValue


def comb(truth: str, read: str | None, *, flagged: bool = False) -> Comb:
    value = None
    if read is not None:
        characters = tuple(CharacterReading(text=c, confidence=1.0, review=False) for c in read)
        value = CombValue(
            value=read or None, confidence=1.0, review=flagged, characters=characters, quad_px=()
        )
    return Comb(condition="flat", font="", field="phone", truth=truth, read=value)


def test_only_a_wrong_number_without_a_flag_is_silent() -> None:
    assert not comb("123", "123").silent
    assert comb("123", "128").silent
    assert not comb("123", "128", flagged=True).silent
    assert comb("123", "").silent  # a number that was lost
    assert not comb("123", None).silent  # a page that was refused


def test_characters_are_counted_one_by_one() -> None:
    line = row("field", [comb("123", "123"), comb("123", "128"), comb("123", None)])
    assert (line["combs"], line["refused"], line["whole right"]) == (3, 1, 1)
    assert (line["silent wrong"], line["unmarked wrong"]) == (1, 1)
    assert line["characters"] == 9 and line["right %"] == "55.6" and line["marked %"] == "33.3"
