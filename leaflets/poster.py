"""Draw story and response sheets for the noticeboard: A4, for eyes two metres away."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

from PIL import UnidentifiedImageError
from reportlab.lib.colors import Color
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from leaflets.content import PosterContent, PublicText
from leaflets.errors import BadInvocation, BadTemplate, DoesNotFit
from leaflets.files import write_whole
from leaflets.fonts import BOLD, REGULAR
from leaflets.geometry import Rect, mm_to_pt
from leaflets.pdf import new_canvas
from leaflets.poster_frame import HEIGHT_MM, WIDTH_MM
from leaflets.poster_rows import Run, Shape
from leaflets.poster_sheet import Sheet, lay_out
from leaflets.typeset import missing_letters

# Both inks are dark enough to print as near-black on a mono printer; nothing is said by colour.
INKS = {"black": Color(0, 0, 0), "deep": Color(0.07, 0.19, 0.30), "warm": Color(0.69, 0.29, 0.10)}
PAPER = Color(1, 1, 1)


TITLE = "Stories and responses"
"""Of every file of posters: it tells them from printed leaflets."""


def draw_posters(contents: Sequence[PosterContent], path: Path) -> None:
    """Write one PDF with the sheets of every story, in order; the same contents give the same
    bytes. Nothing is written unless all of it can be.

    Raises `DoesNotFit` for a story too long for two sheets, `BadInvocation` for letters that
    cannot be printed or for no contents at all, `StorageFailure` when `path` cannot be written.
    """
    if not contents:
        raise BadInvocation(
            "There is no story to print.", remedy="See `leaflets posters --dry-run`."
        )
    stream = io.BytesIO()
    canvas = new_canvas(stream, WIDTH_MM, HEIGHT_MM, TITLE)
    for content in contents:
        _refuse_missing_letters(content)
        for number, sheet in enumerate(lay_out(content), start=1):
            if number == 1:
                canvas.bookmarkPage(content.number)
                canvas.addOutlineEntry(content.number, content.number)
            _draw_sheet(canvas, sheet, content.logo)
    canvas.save()
    write_whole(path, stream.getvalue())


class TooLong(str):
    """The reason of `why_not_printable` that a shorter extract mends."""

    __slots__ = ()


def why_not_printable(content: PosterContent) -> str:
    """Why a story cannot be drawn, in plain words (`TooLong`: it does not fit); "" when it can."""
    try:
        _refuse_missing_letters(content)
        lay_out(content)
    except (BadInvocation, DoesNotFit) as error:
        words = f"It {str(error).removeprefix(content.number).strip()} {error.remedy}"
        return TooLong(words) if isinstance(error, DoesNotFit) else words
    return ""


def _refuse_missing_letters(content: PosterContent) -> None:
    said = (getattr(content, name) for name in content.__dataclass_fields__)
    texts = [part for value in said for part in (value if isinstance(value, tuple) else (value,))]
    words = [t.text if isinstance(t, PublicText) else t for t in texts]
    letters = missing_letters("".join(word for word in words if isinstance(word, str)))
    if letters:
        raise BadInvocation(
            f"{content.number} has letters that posters cannot show: {' '.join(letters[:12])}.",
            remedy="On its page in the desk, write these words in other letters, or in "
            "translation.",
        )


def _draw_sheet(canvas: Canvas, sheet: Sheet, logo: Path | None) -> None:
    for shape in sheet.shapes:
        _draw_shape(canvas, shape)
    for run in sheet.runs:
        _draw_run(canvas, run)
    if logo is not None and sheet.logo_box is not None:
        _draw_logo(canvas, sheet.logo_box, logo)
    canvas.showPage()


def _draw_run(canvas: Canvas, run: Run) -> None:
    canvas.setFillColor(INKS[run.ink])
    canvas.setFont(BOLD if run.bold else REGULAR, run.size_pt)
    canvas.drawString(mm_to_pt(run.x_mm), mm_to_pt(HEIGHT_MM - run.y_mm), run.text)


def _draw_logo(canvas: Canvas, box: Rect, logo: Path) -> None:
    try:
        picture = ImageReader(str(logo))
    except (OSError, UnidentifiedImageError) as error:
        raise BadTemplate(
            f"{logo.name} cannot be opened as a picture.",
            remedy="Put a PNG or JPEG beside service.toml, or leave logo empty.",
        ) from error
    x, y, w, h = _pt(box)
    canvas.drawImage(picture, x, y, w, h, preserveAspectRatio=True, anchor="w", mask="auto")


def _pt(box: Rect) -> tuple[float, float, float, float]:
    """Left, bottom, width, height in points from the bottom left, as a PDF counts."""
    return (
        mm_to_pt(box.x_mm),
        mm_to_pt(HEIGHT_MM - box.bottom_mm),
        mm_to_pt(box.w_mm),
        mm_to_pt(box.h_mm),
    )


def _draw_shape(canvas: Canvas, shape: Shape) -> None:
    x, y, w, h = _pt(shape.box)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    if shape.kind == "rule":
        canvas.setFillColor(INKS["warm"])
        canvas.rect(x, y, w, h, stroke=0, fill=1)
        return
    canvas.setStrokeColor(INKS["deep"])
    if shape.kind == "badge":
        _draw_badge(canvas, shape)
        return
    canvas.setLineWidth(1.3 if shape.kind == "pill" else 2.2)
    canvas.roundRect(x, y, w, h, h / 2 if shape.kind == "pill" else mm_to_pt(5.0))
    if shape.kind == "bubble":
        _draw_tail(canvas, x + mm_to_pt(16.0), y + h)


def _draw_tail(canvas: Canvas, x: float, y: float) -> None:
    """The frame's edge opens into a point towards the story above."""
    wide, high = mm_to_pt(9.0), mm_to_pt(6.5)
    canvas.setFillColor(PAPER)
    path = canvas.beginPath()
    path.moveTo(x, y - 1.2)
    path.lineTo(x, y)
    path.lineTo(x - wide * 0.25, y + high)
    path.lineTo(x + wide, y)
    path.lineTo(x + wide, y - 1.2)
    canvas.drawPath(path, stroke=0, fill=1)
    path = canvas.beginPath()
    path.moveTo(x, y)
    path.lineTo(x - wide * 0.25, y + high)
    path.lineTo(x + wide, y)
    canvas.drawPath(path, stroke=1, fill=0)


def _draw_badge(canvas: Canvas, shape: Shape) -> None:
    """A sign of its own for each state, so that no word is needed to tell them apart."""
    x, y, size, _ = _pt(shape.box)
    middle_x, middle_y, radius = x + size / 2, y + size / 2, size / 2
    canvas.setFillColor(INKS["deep"])
    canvas.setLineWidth(size * 0.11)
    match shape.name:
        case "change_made":
            canvas.circle(middle_x, middle_y, radius, stroke=0, fill=1)
            _line(canvas, x, y, size, ((0.27, 0.50), (0.44, 0.33), (0.74, 0.66)), PAPER)
        case "change_planned":
            canvas.circle(middle_x, middle_y, radius * 0.89, stroke=1, fill=0)
            _line(canvas, x, y, size, ((0.5, 0.76), (0.5, 0.5), (0.69, 0.41)), INKS["deep"])
        case "cannot":
            canvas.roundRect(x, y, size, size, size * 0.14, stroke=0, fill=1)
            _line(canvas, x, y, size, ((0.25, 0.5), (0.75, 0.5)), PAPER)
        case "answered":
            _speech(canvas, x, y, size)
        case _:
            _star(canvas, middle_x, middle_y, radius)


def _line(
    canvas: Canvas,
    x: float,
    y: float,
    size: float,
    points: Sequence[tuple[float, float]],
    ink: Color,
) -> None:
    """A stroke through `points`, given in parts of `size` from the bottom left."""
    canvas.setStrokeColor(ink)
    path = canvas.beginPath()
    path.moveTo(x + points[0][0] * size, y + points[0][1] * size)
    for px, py in points[1:]:
        path.lineTo(x + px * size, y + py * size)
    canvas.drawPath(path, stroke=1, fill=0)


def _speech(canvas: Canvas, x: float, y: float, size: float) -> None:
    canvas.roundRect(x, y + size * 0.25, size, size * 0.68, size * 0.2, stroke=0, fill=1)
    path = canvas.beginPath()
    path.moveTo(x + size * 0.2, y + size * 0.3)
    path.lineTo(x + size * 0.16, y)
    path.lineTo(x + size * 0.52, y + size * 0.3)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _star(canvas: Canvas, x: float, y: float, radius: float) -> None:
    path = canvas.beginPath()
    for i in range(10):
        r = radius if i % 2 == 0 else radius * 0.45
        angle = math.pi / 2 + i * math.pi / 5
        point = (x + r * math.cos(angle), y + r * math.sin(angle))
        path.lineTo(*point) if i else path.moveTo(*point)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
