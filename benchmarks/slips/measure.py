"""Contact slips through the whole reader: every character of every comb against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.truth import grey_of
from leaflets.settings import EXAMPLE
from leaflets.sheet import layout_for
from scan_pipeline.demo.fill import PX_PER_MM, blank_side
from scan_pipeline.demo.hands import FONTS, make_hand
from scan_pipeline.demo.paper import CONDITIONS, distort
from scan_pipeline.demo.slip import fill_slip, invented
from scan_pipeline.forms import CONTACT, load_forms
from scan_pipeline.reading.recognise import recogniser
from scan_pipeline.story import CombValue, PageReading
from scan_pipeline.worker import read_page


@dataclass(frozen=True, slots=True, kw_only=True)
class Comb:
    """One comb as it was written and read. `read` is None on a page that was refused; its
    characters then count as flagged."""

    condition: str
    font: str
    field: str
    truth: str
    read: CombValue | None

    @property
    def text(self) -> str:
        return (self.read.value or "") if self.read else ""

    @property
    def flagged(self) -> bool:
        return self.read is None or self.read.review

    @property
    def silent(self) -> bool:
        return not self.flagged and self.text != self.truth

    @property
    def characters(self) -> list[tuple[str, str, bool]]:
        """(written, read, flagged) of each character; all flagged where the counts differ."""
        found = self.read.characters if self.read else ()
        if len(found) != len(self.truth):
            return [(c, "", True) for c in self.truth]
        return [(t, c.text, c.review) for t, c in zip(self.truth, found, strict=True) if t != " "]


def run(condition: str, count: int, seed: int, workspace: Path, engine: str) -> list[Comb]:
    """`count` slips in drawn hands, fonts in turn; each depends on (seed, place) alone."""
    page = layout_for(CONTACT, EXAMPLE).page(1)
    blank = blank_side(layout_for(CONTACT, EXAMPLE), EXAMPLE, 1)
    forms = load_forms(workspace)
    combs = []
    for k in range(count):
        rng = np.random.default_rng([seed, k])
        font = FONTS[k % len(FONTS)]
        filled = fill_slip(blank, page, invented(rng), make_hand(rng, font), rng)
        sheet = distort(filled.image, PX_PER_MM, CONDITIONS[condition], [seed, k], layout=page)
        reading, _ = read_page(grey_of(sheet.image), forms=forms, engine=recogniser(engine))
        for name, truth in filled.cells.items():
            value = reading.fields[name] if isinstance(reading, PageReading) else None
            combs.append(
                Comb(
                    condition=condition,
                    font=font,
                    field=name,
                    truth=truth,
                    read=value if isinstance(value, CombValue) else None,
                )
            )
    return combs


def row(name: str, combs: Sequence[Comb]) -> dict[str, object]:
    """One line of the table."""
    characters = [c for comb in combs for c in comb.characters]
    right = sum(written == read for written, read, _ in characters)
    flagged = sum(flag for *_, flag in characters)
    wrong = sum(written != read and not flag for written, read, flag in characters)
    return {
        name: combs[0].field if combs else "",
        "combs": len(combs),
        "refused": sum(c.read is None for c in combs),
        "whole right": sum(c.text == c.truth for c in combs),
        "flagged": sum(c.flagged for c in combs),
        "silent wrong": sum(c.silent for c in combs),
        "characters": len(characters),
        "right %": f"{100 * right / max(1, len(characters)):.1f}",
        "marked %": f"{100 * flagged / max(1, len(characters)):.1f}",
        "unmarked wrong": wrong,
    }
