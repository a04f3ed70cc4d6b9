"""Placing and ticks under the paper simulator, page by page.

Every page is an invented leaflet, filled in by a drawn hand, with known ticks and the known place
of every printed point. Seeds below 1000 are for tuning; the figures in the README use 1000 on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.placing.laid import layer
from benchmarks.truth import grey_of, same_answer, simulated
from leaflets.layout import PageLayout
from leaflets.settings import EXAMPLE
from leaflets.sheet import layout_for
from scan_pipeline.demo.fill import FilledLeaflet
from scan_pipeline.demo.ink import FAINT_PENCIL
from scan_pipeline.demo.paper import CONDITIONS
from scan_pipeline.demo.sheet import Sheet
from scan_pipeline.forms import Forms, load_forms
from scan_pipeline.reading import assemble
from scan_pipeline.story import ChoiceValue, PageReading
from scan_pipeline.worker import read_page

MISPLACED_MM = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageResult:
    """What became of one simulated page; `errors_mm` at the corners of every field and option;
    `chances`: of every box, how sure it was said to be chosen or not, and whether that is true;
    `seconds` of one core; `ink`: what was written with; `looks_blank`: nothing that was written is
    in the picture, and a person is told so once, for the whole page."""

    condition: str
    index: int
    status: str
    reason: str
    errors_mm: tuple[float, ...]
    right: int
    flagged: int
    silent: tuple[str, ...]
    seconds: float
    ink: str
    looks_blank: bool = False
    chances: tuple[tuple[float, bool], ...] = ()


@cache
def _forms(workspace: Path) -> Forms:
    cv2.setNumThreads(1)
    return load_forms(workspace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A page to make and to read. `strokes`: a folder of handwriting whose strokes make its
    marks; "" for drawn lines."""

    condition: str
    seed: int
    index: int
    workspace: str
    odd_marks: float
    strokes: str


def one_page(job: Job) -> PageResult:
    """Make page `index` of `seed`, put it through the condition, read its ticks, compare."""
    forms = _forms(Path(job.workspace))
    name, index = job.condition, job.index
    # Strokes are chosen apart from all else, so that the page is the same but for its marks' ink.
    lay = layer(job.strokes, [job.seed, index]) if job.strokes else None
    filled, sheet = simulated(CONDITIONS[name], job.seed, index, job.odd_marks, lay)
    grey = grey_of(sheet.image)
    start = time.process_time()
    reading, _ = read_page(grey, forms=forms)
    seconds = time.process_time() - start
    if not isinstance(reading, PageReading) or not reading.fields:
        reason = getattr(reading, "reason", "another page of the form")
        status = "refused" if not isinstance(reading, PageReading) else "misread"
        return PageResult(
            condition=name, index=index, status=status, reason=reason, errors_mm=(),
            right=0, flagged=0, silent=(), seconds=seconds, ink=filled.ink,
        )  # fmt: skip
    errors = placing_errors_mm(reading, filled.page, sheet)
    right, flagged, silent = compare_ticks(reading, filled)
    return PageResult(
        condition=name,
        index=index,
        status="misplaced" if max(errors) > MISPLACED_MM else "placed",
        reason="",
        errors_mm=tuple(round(e, 4) for e in errors),
        right=right,
        flagged=flagged,
        silent=silent,
        seconds=seconds,
        ink=filled.ink,
        looks_blank=assemble.is_blank(reading),
        chances=tuple(_chances(reading, filled)),
    )


def _chances(reading: PageReading, filled: FilledLeaflet) -> Iterator[tuple[float, bool]]:
    for name, truth in filled.choices.items():
        value = reading.fields[name]
        assert isinstance(value, ChoiceValue)
        chosen = truth if isinstance(truth, tuple) else (truth,)
        for mark in value.marks:
            true = (mark.value or True) in chosen
            said = mark.state in {"ticked", "unsure"}
            yield mark.confidence, true == said


def placing_errors_mm(reading: PageReading, page: PageLayout, sheet: Sheet) -> list[float]:
    """Distance of every field corner and option corner from where it truly lies, in mm."""
    errors: list[float] = []
    for field in page.fields:
        value = reading.fields[field.name]
        pairs = [(field.box, value.quad_px)]
        if isinstance(value, ChoiceValue):
            boxes = {o.value: o.box for o in field.options} or {"": field.box}
            pairs += [(boxes[m.value], m.quad_px) for m in value.marks]
        for box, quad in pairs:
            true = sheet.to_px(np.array(box.quad_mm))
            errors += _in_mm(np.array(quad) - true, sheet, np.array(box.quad_mm))
    return errors


def _in_mm(off_px: NDArray[np.float64], sheet: Sheet, at_mm: NDArray[np.float64]) -> list[float]:
    """Pixel errors to paper millimetres by the local scale (perspective changes it)."""
    dx = sheet.to_px(at_mm + np.array([0.5, 0.0])) - sheet.to_px(at_mm - np.array([0.5, 0.0]))
    dy = sheet.to_px(at_mm + np.array([0.0, 0.5])) - sheet.to_px(at_mm - np.array([0.0, 0.5]))
    out = []
    for off, x, y in zip(off_px, dx, dy, strict=True):
        mm = np.linalg.solve(np.column_stack([x, y]), off)
        out.append(float(np.hypot(*mm)))
    return out


def compare_ticks(reading: PageReading, filled: FilledLeaflet) -> tuple[int, int, tuple[str, ...]]:
    """(right, flagged, names of silently wrong fields) of the page's choices."""
    right, flagged, silent = 0, 0, []
    for name, truth in filled.choices.items():
        value = reading.fields[name]
        assert isinstance(value, ChoiceValue)
        if value.review:
            flagged += 1
        elif same_answer(value.value, truth):
            right += 1
        else:
            silent.append(f"{name}: {truth} read as {value.value}")
    return right, flagged, tuple(silent)


def table(results: Sequence[PageResult]) -> list[dict[str, object]]:
    """One row a condition; `in_faint_pencil`: how much of `flagged`, and of `ticks`; `looks_blank`:
    how much of `flagged` is on pages of which the scan shows nothing."""
    rows = []
    for name in dict.fromkeys(r.condition for r in results):
        mine = [r for r in results if r.condition == name]
        errors = np.array([e for r in mine for e in r.errors_mm] or [np.nan])
        statuses = Counter(r.status for r in mine)
        faint = [r for r in mine if r.ink == FAINT_PENCIL.name]
        rows.append(
            {
                "condition": name,
                "pages": len(mine),
                "placed": statuses["placed"],
                "refused": statuses["refused"],
                "misplaced": statuses["misplaced"] + statuses["misread"],
                "median_mm": round(float(np.median(errors)), 3),
                "p95_mm": round(float(np.percentile(errors, 95)), 3),
                "worst_mm": round(float(errors.max()), 3),
                "ticks": _ticks(mine),
                "flagged": sum(r.flagged for r in mine),
                "in_faint_pencil": f"{sum(r.flagged for r in faint)} of {_ticks(faint)}",
                "looks_blank": sum(r.flagged for r in mine if r.looks_blank),
                "silent": sum(len(r.silent) for r in mine),
                "core_seconds": round(float(np.median([r.seconds for r in mine])), 3),
            }
        )
    return rows


def _ticks(results: Iterable[PageResult]) -> int:
    return sum(r.right + r.flagged + len(r.silent) for r in results)


def run(
    names: Iterable[str],
    count: int,
    seed: int,
    workspace: Path,
    workers: int,
    odd_marks: float = 0.0,
    strokes: str = "",
) -> list[PageResult]:
    """Every page of every condition, in a pool of single-threaded processes, each of
    which cuts the strokes of the folder `strokes` once, if there is one."""
    load_forms(workspace).blank(layout_for("story", EXAMPLE), 1)
    jobs = [
        Job(
            condition=name,
            seed=seed,
            index=index,
            workspace=str(workspace),
            odd_marks=odd_marks,
            strokes=strokes,
        )
        for name in names
        for index in range(count)
    ]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(one_page, jobs, chunksize=4))
