"""Handwriting, line by line: `python -m benchmarks.reading FOLDER… [--engine …] [--json]`.

Reported are the writers that nobody tuned on (`--part reported`); `--part tuned` shows the others,
`--part all` both. Lines are cropped tight, as the scanner does.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import click
import cv2
import numpy as np

from benchmarks.reading.lines import TrueLine, drawn, from_folder
from benchmarks.reading.score import LineScore, Summary, as_json, score, summary
from scan_pipeline.reading.recognise import ENGINES, Recogniser, recogniser

CURVE = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one engine made of one folder."""

    engine: str
    lines_of: str
    seconds_per_line: float
    summary: Summary
    curve: tuple[tuple[float, float, float], ...]


def measured(reader: Recogniser, name: str, lines: list[TrueLine]) -> Part:
    """Read the lines and count."""
    reader.read([line.grey for line in lines[:1]])
    start = time.perf_counter()
    readings = reader.read([line.grey for line in lines])
    seconds = (time.perf_counter() - start) / max(1, len(lines))
    scores = [score(t.writer, t.text, r) for t, r in zip(lines, readings, strict=True)]
    return Part(
        engine=reader.name,
        lines_of=name,
        seconds_per_line=round(seconds, 4),
        summary=summary(scores),
        curve=curve(scores),
    )


def curve(scores: list[LineScore]) -> tuple[tuple[float, float, float], ...]:
    """(threshold, share of words flagged below it, share wrong among the rest)."""
    sure = np.array([pair for s in scores for pair in s.sure], np.float64).reshape(-1, 2)
    rows = []
    for level in CURVE:
        rest = sure[sure[:, 0] >= level]
        wrong = float(1.0 - rest[:, 1].mean()) if len(rest) else 0.0
        rows.append((level, round(1.0 - len(rest) / max(1, len(sure)), 4), round(wrong, 4)))
    return tuple(rows)


def told(part: Part) -> str:
    """One engine and folder in a few lines; character / word errors in per cent."""
    s = part.summary
    writers = ", ".join(
        f"{name} {100 * cer:.1f}/{100 * wer:.1f}" for name, (cer, wer) in s.writers.items()
    )
    return (
        f"{part.engine}, {part.lines_of}: {s.lines} lines, {s.words} words, "
        f"{1000 * part.seconds_per_line:.0f} ms a line\n"
        f"  errors {100 * s.cer_lower:.1f} / {100 * s.wer_lower:.1f}"
        f" (with capitals {100 * s.cer:.1f} / {100 * s.wer:.1f});"
        f" writers: median {100 * s.cer_median:.1f}, worst {100 * s.cer_worst:.1f}\n"
        f"  flagged {100 * s.flagged:.1f} % of words; of the others {100 * s.silent:.1f} % wrong;"
        f" calibration error {s.calibration_error:.3f}\n"
        f"  {writers}"
    )


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--engine", "engines", multiple=True, type=click.Choice(sorted(ENGINES)))
@click.option("--part", type=click.Choice(["reported", "tuned", "all"]), default="reported")
@click.option("--drawn", "leaflets", default=0, help="Leaflets by drawn hands, in turn scanned.")
@click.option("--seed", default=1000, help="Of the drawn leaflets; below 1000 is for tuning.")
@click.option("--workspace", default="output", type=click.Path(path_type=Path))
@click.option("--json", "as_data", is_flag=True, help="Everything, as JSON Lines.")
def main(
    folders: tuple[Path, ...],
    engines: tuple[str, ...],
    part: str,
    leaflets: int,
    seed: int,
    workspace: Path,
    as_data: bool,
) -> None:
    """Read lines of handwriting whose truth is known, and count the mistakes."""
    cv2.setNumThreads(1)
    sets = {folder.name: from_folder(folder) for folder in folders}
    if part != "all":
        sets = {k: [t for t in v if t.tuned_on == (part == "tuned")] for k, v in sets.items()}
    if leaflets:
        sets["drawn hands"] = list(drawn(leaflets, seed, workspace))
    for engine in engines or tuple(ENGINES):
        for name, lines in sets.items():
            found = measured(recogniser(engine), name, lines)
            if as_data:
                data = {**as_json(found.summary), "engine": engine, "lines_of": name}
                data |= {"seconds_per_line": found.seconds_per_line, "curve": found.curve}
                click.echo(json.dumps(data))
            else:
                click.echo(told(found))


if __name__ == "__main__":
    main()
