"""Whether another look at the same line would help: `benchmarks.handwriting.looks FOLDER…`.

Each look changes the picture of a line a little and keeps its width, so that what two looks say of
each place along the line can be averaged. Said: characters / words wrong in per cent, lower-cased,
with the average of ours and each look, and of all looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.handwriting.lines import TrueLine, from_folder
from benchmarks.handwriting.voters import errors
from scan_pipeline.reading.language.lexicon import english
from scan_pipeline.reading.language.search import Search
from scan_pipeline.reading.recognise.model import Model, Posteriors
from scan_pipeline.reading.recognise.picture import HEIGHT_PX, ready
from scan_pipeline.reading.recognise.ppocr import READINGS

Picture = NDArray[np.float32]
Look = Callable[[Picture], Picture]
PAPER = 1.0
MIDDLE = HEIGHT_PX / 2


def moved(*rows: Sequence[float]) -> Look:
    """By the two rows of an affine matrix, in pixels."""
    matrix = np.array(rows, np.float32)

    def look(picture: Picture) -> Picture:
        size = (picture.shape[1], picture.shape[0])
        out = cv2.warpAffine(picture, matrix, size, borderValue=(PAPER,))
        return np.asarray(out, np.float32)

    return look


def flattened(share: float) -> Look:
    """Lower or higher about the middle of the line."""
    return moved((1, 0, 0), (0, share, MIDDLE * (1 - share)))


def contrast(power: float) -> Look:
    """Paler or darker ink."""
    return lambda picture: np.asarray(2 * ((picture + 1) / 2).clip(0, 1) ** power - 1, np.float32)


def blurred(picture: Picture, sigma: float = 0.7) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def sharpened(picture: Picture) -> Picture:
    return np.clip(1.8 * picture - 0.8 * blurred(picture, 1.2), -1, 1)


PEN = np.ones((2, 2), np.uint8)
LOOKS: dict[str, Look] = {
    "darker": contrast(1.6),
    "paler": contrast(0.6),
    "blurred": blurred,
    "sharpened": sharpened,
    "2 px higher": moved((1, 0, 0), (0, 1, -2)),
    "2 px lower": moved((1, 0, 0), (0, 1, 2)),
    "a tenth lower": flattened(0.9),
    "a fifth lower": flattened(0.8),
    "a twelfth taller": flattened(1.08),
    "thicker": lambda picture: np.asarray(cv2.erode(picture, PEN), np.float32),
    "thinner": lambda picture: np.asarray(cv2.dilate(picture, PEN), np.float32),
    "leaning right": moved((1, -0.12, 0.12 * MIDDLE), (0, 1, 0)),
    "leaning left": moved((1, 0.12, -0.12 * MIDDLE), (0, 1, 0)),
    "4 px further on": moved((1, 0, 4), (0, 1, 0)),
}


def averaged(looks: Sequence[Sequence[Posteriors]]) -> list[Posteriors]:
    """The mean of what several looks say, line by line."""
    return [np.mean(said, axis=0, dtype=np.float32) for said in zip(*looks, strict=True)]


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
def main(folders: tuple[Path, ...]) -> None:
    """Read each line in several ways and together."""
    cv2.setNumThreads(1)
    model = Model()
    search = Search(model.letters, english(()))
    sets = {
        f"{folder.name}, {part}": [t for t in from_folder(folder) if t.tuned_on == tuned]
        for folder in folders
        for part, tuned in (("tuned", True), ("untouched", False))
    }
    for name, lines in sets.items():
        pictures = [ready(line.grey) for line in lines]
        ours = [model.posteriors(picture) for picture in pictures]
        others = {k: [model.posteriors(look(p)) for p in pictures] for k, look in LOOKS.items()}
        click.echo(f"{name}: ours alone {wrong(search, lines, ours)}")
        for look, said in others.items():
            click.echo(f"  with {look}: {wrong(search, lines, averaged([ours, said]))}")
        every = averaged([ours, *others.values()])
        click.echo(f"  with all: {wrong(search, lines, every)}")


def wrong(search: Search, lines: Sequence[TrueLine], said: list[Posteriors]) -> str:
    """Characters / words wrong of these lines in per cent."""
    found = search.best_of(said, READINGS)
    return errors(lines, [next((r.text for r in some if r.text), "") for some in found])


if __name__ == "__main__":
    main()
