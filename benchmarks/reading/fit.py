"""Fits the confidence table: `python -m benchmarks.reading.fit FOLDER… [--drawn N]`.

Only writers of the tuning part are used (and drawn hands of a tuning seed). The weights are a
logistic regression; what its odds are worth is then learnt on writers left out one after another,
as a rising line (isotonic), because every hand is new to the reader.
"""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.reading.lines import TrueLine, drawn, from_folder
from benchmarks.reading.score import bare, right_words
from scan_pipeline.reading.recognise.confidence import SIGNALS, TABLE
from scan_pipeline.reading.recognise.ppocr import PpOcr

DRAWN_SEED = 501
RIDGE = 1.0
KNOTS = 24
CAUTION = 2.0

Floats = NDArray[np.float64]


def gathered(lines: list[TrueLine]) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Signals (words, signals), right or not (words,), and the writer of every word read."""
    reader, rows, right, writers = PpOcr(), [], [], []
    for line in lines:
        judged = reader.judge(reader.posteriors(line.grey))
        if judged.words:
            rows.append(judged.signals)
            got = [bare(w) for w in judged.words]
            right += right_words([bare(w) for w in line.text.split()], got)
            writers += [line.writer] * len(judged.words)
    return np.concatenate(rows), np.array(right, np.float64), np.array(writers)


def logistic(signals: Floats, right: Floats) -> Floats:
    """Weights of the constant and the signals, by Newton's method with a ridge."""
    design = np.column_stack([np.ones(len(signals)), signals])
    ridge = RIDGE * np.eye(design.shape[1])
    ridge[0, 0] = 1e-3
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-design @ weights))
        spread = chance * (1.0 - chance) + 1e-6
        slope = design.T @ (right - chance) - ridge @ weights
        weights += np.linalg.solve(design.T @ (design * spread[:, None]) + ridge, slope)
    return weights


def rising(odds: Floats, right: Floats) -> list[tuple[float, float]]:
    """(odds, chance) steps that only rise: neighbours that fall are pooled, ends are cautious."""
    order = np.argsort(odds)
    groups = np.array_split(order, KNOTS)
    pools = [[float(odds[g].mean()), float(right[g].sum()), float(len(g))] for g in groups]
    done: list[list[float]] = []
    for pool in pools:
        done.append(pool)
        while len(done) > 1 and done[-2][1] / done[-2][2] > done[-1][1] / done[-1][2]:
            (a, r, n), (b, q, m) = done[-2:]
            done[-2:] = [[(a * n + b * m) / (n + m), r + q, n + m]]
    return [(round(x, 3), round((r + CAUTION / 2) / (n + CAUTION), 4)) for x, r, n in done]


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--drawn", "leaflets", default=14, help="Leaflets by drawn hands to learn from, too.")
@click.option("--workspace", default="output", type=click.Path(path_type=Path))
@click.option("-o", "--output", default=TABLE, type=click.Path(path_type=Path))
def main(folders: tuple[Path, ...], leaflets: int, workspace: Path, output: Path) -> None:
    """Learn how far the reader may be trusted, from lines whose truth is known."""
    lines = [line for folder in folders for line in from_folder(folder) if line.tuned_on]
    lines += drawn(leaflets, DRAWN_SEED, workspace)
    signals, right, writers = gathered(lines)
    odds = np.zeros(len(right))
    for writer in sorted(set(writers.tolist())):
        mine = writers == writer
        weights = logistic(signals[~mine], right[~mine])
        odds[mine] = weights[0] + signals[mine] @ weights[1:]
    weights = logistic(signals, right)
    stored = {
        "constant": round(float(weights[0]), 4),
        "weights": {n: round(float(v), 4) for n, v in zip(SIGNALS, weights[1:], strict=True)},
        "steps": rising(odds, right),
        "learnt_from": {"lines": len(lines), "words": len(right), "writers": len(set(writers))},
    }
    output.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")
    click.echo(f"{len(right)} words by {len(set(writers))} writers -> {output}")


if __name__ == "__main__":
    main()
