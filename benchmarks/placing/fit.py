"""Fit how sure a tick is: `python -m benchmarks.placing.fit`, on pages whose truth is known.

Pages of all conditions with seeds below 1000, half of them with marks made in unusual ways. The
figures in the README come from other pages.
"""

from __future__ import annotations

import json
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.options import workspace
from benchmarks.truth import grey_of, simulated
from scan_pipeline.demo.paper import CONDITIONS
from scan_pipeline.forms import load_forms
from scan_pipeline.page import RegisteredPage
from scan_pipeline.reading import choices, marks, strokes
from scan_pipeline.reading.place import place

Floats = NDArray[np.float64]
STEPS = 60
RIDGE = 0.3
NEIGHBOURS = 250


def fitted(signals: Floats, chosen: Floats) -> tuple[float, Floats]:
    """Constant and weights of a logistic model with a ridge, by Newton's method."""
    design = np.column_stack([np.ones(len(signals)), signals])
    weights = np.zeros(design.shape[1])
    ridge = RIDGE * np.eye(design.shape[1])
    for _ in range(STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (chosen - chance) - ridge @ weights
        bend = (design * (chance * (1 - chance))[:, None]).T @ design + ridge
        weights = weights + np.linalg.solve(bend, slope)
    return float(weights[0]), weights[1:]


def steps(odds: Floats, chosen: Floats) -> list[tuple[float, float]]:
    """(odds, chance), rising: the share of truths among neighbours of equal number."""
    order = np.argsort(odds)
    parts = np.array_split(order, max(1, len(order) // NEIGHBOURS))
    chances = [(chosen[p].sum() + 0.5) / (len(p) + 1) for p in parts]
    rising = np.maximum.accumulate(chances)
    middles = np.array([odds[p].mean() for p in parts])
    fresh = np.flatnonzero(np.diff(middles, prepend=-np.inf) > 1e-6)
    return [(round(float(middles[k]), 4), round(float(rising[k]), 5)) for k in fresh]


@click.command()
@click.option("-n", "count", default=6, show_default=True, help="Pages a condition.")
@click.option("--seed", default=21, show_default=True)
@workspace("fit")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
def main(count: int, seed: int, workspace: Path, output: Path) -> None:
    """Write the weights of `scan_pipeline/reading/marks.json`."""
    cv2.setNumThreads(1)
    forms = load_forms(workspace)
    rows, truth = [], []
    for condition in CONDITIONS.values():
        for index in range(count):
            odd = 0.3 if index % 2 else 0.0
            filled, sheet = simulated(condition, seed, index, odd)
            page = place(grey_of(sheet.image), forms)
            if not isinstance(page, RegisteredPage):
                continue
            ink = strokes.find_ink(page.coarse, page.blank)
            drawn, _ = choices.box_marks(page, ink)
            for name, seen in drawn.held.boxes.items():
                field, option = name.split("/")
                answer = filled.choices[field]
                chosen = answer if isinstance(answer, tuple) else (answer,)
                rows.append(marks.signals(seen))
                truth.append((option or True) in chosen)
    signals, chosen = np.array(rows), np.array(truth, dtype=np.float64)
    constant, weights = fitted(signals, chosen)
    stored = {
        "made by": f"python -m benchmarks.placing.fit -n {count} --seed {seed}",
        "constant": round(constant, 4),
        "weights": [round(float(w), 4) for w in weights],
        "steps": steps(constant + signals @ weights, chosen),
    }
    output.write_text(json.dumps(stored, indent=2) + "\n", "utf-8")
    click.echo(f"{len(rows)} boxes, {int(np.sum(truth))} chosen: {output}")


if __name__ == "__main__":
    main()
