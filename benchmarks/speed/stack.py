"""A stack of filled-in leaflets as PDFs of 300 dpi grey JPEGs, as an office scanner writes them."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import cv2
from PIL import Image as PilImage
from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks.truth import grey_of, simulated
from scan_pipeline.demo.paper import CONDITIONS

A_FILE = 100


def make_stack(folder: Path, count: int, seed: int) -> None:
    """`count` different leaflets, `A_FILE` in a PDF, as an office scanner feeds them."""
    begun = folder.with_suffix(".part")
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir(parents=True)
    rl_config.useA85 = 0  # scanners write pictures as they are, not as text
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        scans = pool.map(_scan, [(seed, k) for k in range(count)], chunksize=4)
        for number, few in enumerate(_by_file(scans)):
            canvas = Canvas(str(begun / f"{number:03}.pdf"))
            for jpeg in few:
                image = ImageReader(io.BytesIO(jpeg))
                size = tuple(px / 300 * 72 for px in image.getSize())
                canvas.setPageSize(size)
                canvas.drawImage(image, 0, 0, *size)
                canvas.showPage()
            canvas.save()
    begun.rename(folder)


def _by_file(scans: Iterator[bytes]) -> Iterator[list[bytes]]:
    while few := list(islice(scans, A_FILE)):
        yield few


def _scan(job: tuple[int, int]) -> bytes:
    cv2.setNumThreads(1)
    data = io.BytesIO()
    page = grey_of(simulated(CONDITIONS["skew"], *job)[1].image)
    PilImage.fromarray(page).save(data, "JPEG", quality=85, dpi=(300, 300))
    return data.getvalue()
