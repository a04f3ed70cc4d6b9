"""A picture of what was seen: fields, marks and doubts, told apart by colour and by shape."""

from __future__ import annotations

import io
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain, count
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from leaflets.files import write_whole
from leaflets.fonts import font_path
from scan_pipeline.page import (
    OVERLAY_MARK,
    BlankPage,
    Grey,
    Placement,
    RegisteredPage,
    Unplaced,
)
from scan_pipeline.story import (
    ChoiceValue,
    LineReading,
    MarkReading,
    PageReading,
    QuadPx,
    TextValue,
)

SURE, DOUBT, FIELD = (0, 110, 60), (190, 50, 0), (40, 90, 200)
LONG_SIDE_PX = 2000
DOUBTFUL_BELOW = 0.9

Points = NDArray[np.float64]
ToOverlay = Callable[[QuadPx], Points]
"""Corners in the original picture to corners in the overlay."""


def overlay_names(paths: Sequence[Path]) -> dict[Path, str]:
    """What each file's overlays begin with: the file's name without its ending; where several files
    have that, their folder before it, then their ending after it, then a number."""
    files = list(dict.fromkeys(paths))
    stems = Counter(path.stem.casefold() for path in files)
    names: dict[Path, str] = {}
    taken: set[str] = set()
    for path in sorted(files, key=lambda path: stems[path.stem.casefold()] > 1):
        beside = f"{path.absolute().parent.name}-{path.stem}".lstrip("-")
        ended = f"{beside}-{path.suffix.lstrip('.')}"
        plain = [path.stem] if stems[path.stem.casefold()] == 1 else []
        numbered = (f"{ended}-{k}" for k in count(2))
        wanted = chain(plain, (beside, ended), numbered)
        names[path] = next(name for name in wanted if name.casefold() not in taken)
        taken.add(names[path].casefold())
    return names


def draw_overlay(
    grey: Grey,
    result: PageReading | BlankPage | Unplaced,
    placed: RegisteredPage | None,
    path: Path,
) -> None:
    """Write a PNG of the page as it was scanned, upright, with everything that was seen.

    Green tick: ticked. Orange diamond: a person must look. Cross: filled in, a changed mind. Blue
    frame: a field, empty or read without doubt; orange: in doubt, a drawing, or writing where no
    field is; an orange line upwards: words struck out. What was read stands beside the
    page, line for line; doubtful words carry a question mark.
    """
    turns = quarter_turns(placed.placement) if placed is not None else 0
    upright = np.ascontiguousarray(np.rot90(grey, turns))
    scale = min(1.0, LONG_SIDE_PX / max(upright.shape))
    small = cv2.resize(upright, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    size = max(16, height // 62)
    band, panel = round(size * 1.9), max(26 * size, width // 3)
    picture = Image.new("RGB", (width + panel, height + band), "white")
    picture.paste(Image.fromarray(small), (0, band))
    pen = ImageDraw.Draw(picture)
    offset = np.array([0.0, band])

    def to_overlay(quad: QuadPx) -> Points:
        at = turned(np.array(quad, dtype=np.float64), turns, grey.shape)
        return np.asarray(at * scale + offset)

    if isinstance(result, PageReading) and placed is not None:
        _draw_reading(pen, result, to_overlay)
        _draw_words(pen, result, (width + size, band), size)
        title = f"{result.template}, side {result.sheet_page}: {result.markers_found} marks found"
    else:
        title = "" if isinstance(result, PageReading) else result.reason
    font = ImageFont.truetype(str(font_path(bold=True)), round(size * 1.1))
    colour = DOUBT if isinstance(result, Unplaced) else SURE
    pen.text((size // 2, size // 4), title, fill=colour, font=font)
    mark = PngInfo()
    mark.add_text("Software", OVERLAY_MARK)
    stream = io.BytesIO()
    picture.save(stream, "PNG", pnginfo=mark)
    write_whole(path, stream.getvalue(), private=True)


def quarter_turns(placement: Placement) -> int:
    """Turns anticlockwise (as of `np.rot90`) that bring the page nearest to upright."""
    ends = np.array([[0.0, 0.0, 1.0], [10.0, 0.0, 1.0]]) @ placement.px_from_mm.T
    (x0, y0), (x1, y1) = ends[:, :2] / ends[:, 2:]
    return round(float(np.degrees(np.arctan2(y1 - y0, x1 - x0))) / 90.0) % 4


def turned(points: Points, turns: int, shape: tuple[int, ...]) -> Points:
    """Pixels (n, 2) of a picture of `shape` after `np.rot90(picture, turns)`."""
    height, width = shape[:2]
    x, y = points[:, 0], points[:, 1]
    by_turn = (
        (x, y),
        (y, width - 1 - x),
        (width - 1 - x, height - 1 - y),
        (height - 1 - y, x),
    )
    return np.column_stack(by_turn[turns % 4])


def _draw_reading(pen: ImageDraw.ImageDraw, reading: PageReading, to_overlay: ToOverlay) -> None:
    for quad in reading.elsewhere:
        pen.polygon(_flat(to_overlay(quad)), outline=DOUBT, width=4)
    for value in reading.fields.values():
        colour = DOUBT if value.review else FIELD
        pen.polygon(_flat(to_overlay(value.quad_px)), outline=colour, width=2)
        if isinstance(value, TextValue):
            _draw_lines(pen, value, to_overlay)
        elif isinstance(value, ChoiceValue):
            for mark in value.marks:
                _draw_mark(pen, mark, to_overlay(mark.quad_px))


def _draw_lines(pen: ImageDraw.ImageDraw, value: TextValue, to_overlay: ToOverlay) -> None:
    for line in value.lines:
        corners = to_overlay(line.quad_px)
        colour = DOUBT if _in_doubt(line) else SURE
        pen.line([tuple(corners[3]), tuple(corners[2])], fill=colour, width=2)
    for quad in value.struck_out:
        corners = to_overlay(quad)
        pen.line([tuple(corners[3]), tuple(corners[1])], fill=DOUBT, width=3)
    for quad in value.drawings:
        pen.polygon(_flat(to_overlay(quad)), outline=DOUBT, width=3)


def _draw_words(
    pen: ImageDraw.ImageDraw, reading: PageReading, start: tuple[int, int], size: int
) -> None:
    """The fields that say something, one under the other, and the notices."""
    plain, bold = (ImageFont.truetype(str(font_path(bold=b)), size) for b in (False, True))
    x, y = start
    rows: list[tuple[str, bool, bool]] = [(n, True, True) for n in reading.notices]
    for name, value in reading.fields.items():
        rows.append((name, True, value.review))
        if isinstance(value, TextValue):
            rows += [(_words(line), False, _in_doubt(line)) for line in value.lines]
        elif isinstance(value.value, tuple):
            rows += [(option, False, False) for option in value.value]
        else:
            rows.append(("" if value.value is None else str(value.value), False, False))
    for text, heading, doubtful in rows:
        font, colour = (bold if heading else plain), DOUBT if doubtful else SURE
        for part in textwrap.wrap(text, 50):
            pen.text((x, y), part, fill=colour, font=font)
            y += round(size * 1.25)


def _words(line: LineReading) -> str:
    return (
        " ".join(w.text if w.confidence >= DOUBTFUL_BELOW else f"{w.text}(?)" for w in line.words)
        or "(?)"
    )


def _in_doubt(line: LineReading) -> bool:
    return not line.text or any(w.confidence < DOUBTFUL_BELOW for w in line.words)


def _draw_mark(pen: ImageDraw.ImageDraw, mark: MarkReading, corners: Points) -> None:
    centre = corners.mean(axis=0)
    reach = float(np.linalg.norm(corners[1] - corners[0])) * 0.9
    x, y = float(centre[0]), float(centre[1])
    if mark.state == "ticked":
        points = [
            (x - reach * 1.2, y),
            (x - reach * 0.9, y + reach * 0.4),
            (x - reach * 0.5, y - reach * 0.5),
        ]
        pen.polygon(_flat(corners), outline=SURE, width=3)
        pen.line(points, fill=SURE, width=4)
    elif mark.state == "unsure":
        diamond = [(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)]
        pen.polygon(diamond, outline=DOUBT, width=4)
    elif mark.state == "filled":
        pen.line([tuple(corners[0]), tuple(corners[2])], fill=DOUBT, width=3)
        pen.line([tuple(corners[1]), tuple(corners[3])], fill=DOUBT, width=3)
    else:
        pen.polygon(_flat(corners), outline=FIELD, width=1)


def _flat(corners: Points) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in corners]
