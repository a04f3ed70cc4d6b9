"""Handwriting, line by line: `python -m benchmarks.handwriting FOLDER… [--engine …] [--json]`.

Reported are the writers that nobody tuned on (`--part reported`); `--part tuned` shows the others,
`--part all` both. Lines are cropped tight, as the scanner does. The confidences of `ppocr` come
from tables that were fitted without the writer, one for each (`--shipped` uses the one that
travels with the program, which knows these writers). `--steps` shows what each step of the reader
brings; `--engine rapidocr` is the whole pipeline of that package, for comparison.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import cv2
import numpy as np

from benchmarks.handwriting import others
from benchmarks.handwriting.fit import STRAINED, left_out, lessons
from benchmarks.handwriting.lines import TrueLine, by_hand, drawn, from_folder
from benchmarks.handwriting.score import LineScore, Summary, as_json, score, summary
from benchmarks.handwriting.strained import strained
from scan_pipeline.reading.recognise import ENGINES, Recogniser, recogniser
from scan_pipeline.reading.recognise.ppocr import Judged, PpOcr, composed
from scan_pipeline.story import LineReading

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
    start = time.process_time()
    readings = by_hand(lines, reader.read)
    return counted(reader.name, name, lines, readings, time.process_time() - start)


def counted(
    engine: str, name: str, lines: list[TrueLine], readings: list[LineReading], seconds: float
) -> Part:
    """What these readings are worth; `seconds` of one core went into them."""
    scores = [score(t.writer, t.text, r) for t, r in zip(lines, readings, strict=True)]
    return Part(
        engine=engine,
        lines_of=name,
        seconds_per_line=round(seconds / max(1, len(lines)), 4),
        summary=summary(scores),
        curve=curve(scores),
    )


def unbiased(sets: dict[str, list[TrueLine]], chosen: dict[str, list[TrueLine]]) -> list[Part]:
    """`ppocr`, each writer's confidences from a table that all other writers taught.

    `sets`: every line there is to learn from; `chosen`: those to report, by the same names.
    """
    reader = PpOcr()
    learnt = [*(line for lines in sets.values() for line in lines), *strained(*STRAINED)]
    judged: dict[int, Judged] = {}
    spent: dict[str, float] = {}
    for name, lines in [*sets.items(), ("", learnt)]:
        new = [line for line in lines if id(line) not in judged]
        start = time.process_time()
        found = by_hand(new, reader.judge_hand)
        spent[name] = (time.process_time() - start) / max(1, len(new))
        judged |= {id(line): one for line, one in zip(new, found, strict=True)}
    taught = lessons(learnt, [judged[id(line)] for line in learnt])
    tables = {
        w: left_out(taught, w) for lines in chosen.values() for w in {t.writer for t in lines}
    }
    return [
        counted(
            reader.name,
            name,
            lines,
            [composed(judged[id(t)], tables[t.writer]) for t in lines],
            spent[name] * len(lines),
        )
        for name, lines in chosen.items()
    ]


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
    said = (
        f"{part.engine}, {part.lines_of}: {s.lines} lines, {s.words} words, "
        f"{1000 * part.seconds_per_line:.0f} ms of one core a line\n"
        f"  errors {100 * s.cer_lower:.1f} / {100 * s.wer_lower:.1f}"
        f" (with capitals {100 * s.cer:.1f} / {100 * s.wer:.1f});"
        f" writers: median {100 * s.cer_median:.1f}, worst {100 * s.cer_worst:.1f}\n"
        f"  {writers}"
    )
    if not s.reliability:
        return said
    said += (
        f"\n  flagged {100 * s.flagged:.1f} % of words; of the others {100 * s.silent:.1f} % wrong;"
        f" calibration error {s.calibration_error:.3f}\n"
    )
    said += "  said → right (words): " + ", ".join(
        f"{row['said']:.2f} → {row['right']:.2f} ({row['words']:.0f})" for row in s.reliability
    )
    said += (
        f"\n  letters: flagged {100 * s.letters_flagged:.1f} %, of the others"
        f" {100 * s.letters_silent:.1f} % wrong;"
        f" calibration error {s.letters_calibration_error:.3f}"
    )
    return (
        said
        + "\n  flagged below: share, wrong among the rest: "
        + ", ".join(
            f"{level}: {100 * flagged:.0f} %, {100 * wrong:.1f} %"
            for level, flagged, wrong in part.curve
        )
    )


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--engine", "engines", multiple=True, type=click.Choice([*ENGINES, "rapidocr"]))
@click.option("--part", type=click.Choice(["reported", "tuned", "all"]), default="reported")
@click.option("--steps", is_flag=True, help="What each step of the reader brings.")
@click.option("--shipped", is_flag=True, help="Use the confidence table of the program.")
@click.option("--drawn", "leaflets", default=0, help="Leaflets by drawn hands, in turn scanned.")
@click.option("--seed", default=1000, help="Of the drawn leaflets; below 1000 is for tuning.")
@click.option("--workspace", default="output", type=click.Path(path_type=Path))
@click.option("--json", "as_data", is_flag=True, help="Everything, as JSON Lines.")
def main(
    folders: tuple[Path, ...],
    engines: tuple[str, ...],
    part: str,
    steps: bool,
    shipped: bool,
    leaflets: int,
    seed: int,
    workspace: Path,
    as_data: bool,
) -> None:
    """Read lines of handwriting whose truth is known, and count the mistakes."""
    cv2.setNumThreads(1)
    every = {folder.name: from_folder(folder) for folder in folders}
    if leaflets:
        every["drawn hands"] = list(drawn(leaflets, seed, workspace))
    wanted = {"reported": (False,), "tuned": (True,), "all": (False, True)}[part]
    sets = {
        k: [t for t in v if t.tuned_on in wanted or k == "drawn hands"] for k, v in every.items()
    }
    for found in _parts(every, sets, engines or tuple(ENGINES), steps=steps, shipped=shipped):
        if as_data:
            data = {**as_json(found.summary), "engine": found.engine, "lines_of": found.lines_of}
            data |= {"seconds_per_line": found.seconds_per_line, "curve": found.curve}
            click.echo(json.dumps(data))
        else:
            click.echo(told(found))


def _parts(
    every: dict[str, list[TrueLine]],
    sets: dict[str, list[TrueLine]],
    engines: tuple[str, ...],
    *,
    steps: bool,
    shipped: bool,
) -> Iterator[Part]:
    if steps:
        for step in others.steps():
            yield from (measured(step, name, lines) for name, lines in sets.items())
        return
    for engine in engines:
        if engine == "ppocr" and not shipped:
            yield from unbiased(every, sets)
            continue
        reader = others.rapidocr() if engine == "rapidocr" else recogniser(engine)
        yield from (measured(reader, name, lines) for name, lines in sets.items())


if __name__ == "__main__":
    main()
