"""Draw layout records with ReportLab. Millimetres in, nothing computed twice, no dates inside."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from leaflets.fonts import BOLD, REGULAR, register_fonts
from leaflets.geometry import PT_PER_MM, Rect, mm_to_pt
from leaflets.layout import FieldLayout, PageLayout, Stroke, TextRun
from leaflets.markers import code_modules, marker_bits

BOX_STROKE_MM = 0.26
MADE_BY = "leaflets"


def new_canvas(
    stream: IO[bytes],
    width_mm: float,
    height_mm: float,
    title: str,
    *,
    language: str = "en",
    two_sided: bool = False,
) -> Canvas:
    """A canvas whose bytes depend on nothing but what is drawn."""
    register_fonts()
    canvas = Canvas(
        stream,
        pagesize=(mm_to_pt(width_mm), mm_to_pt(height_mm)),
        invariant=1,
        pageCompression=1,
        # ReportLab starts with Helvetica, which no PDF embeds.
        initialFontName=REGULAR,
        pdfVersion=(1, 7),
        lang=language,
    )
    canvas.setTitle(title)
    canvas.setAuthor(MADE_BY)
    canvas.setCreator(MADE_BY)
    canvas.setSubject("")
    if two_sided:
        canvas.setViewerPreference("Duplex", "DuplexFlipShortEdge")
    # Printers offer to shrink a page to fit; the form must come out at its own size.
    canvas.setViewerPreference("PrintScaling", "None")
    return canvas


def is_ours(path: Path, title: str = "") -> bool:
    """Whether the file is a PDF that `new_canvas` began; with `title`, under this title. Raises
    `OSError` for one not readable."""
    data = path.read_bytes()
    ours = data.startswith(b"%PDF") and f"/Creator ({MADE_BY})".encode() in data
    return ours and (not title or f"/Title ({title})".encode() in data)


def draw_side(
    canvas: Canvas, page: PageLayout, code_text: str, logo: str | None, name: str
) -> None:
    """Draw one side once, as the form `name`: `canvas.doForm(name)` repeats it at no cost."""
    canvas.beginForm(name, 0, 0, mm_to_pt(page.width_mm), mm_to_pt(page.height_mm))
    for marker in page.markers:
        _draw_cells(canvas, page, marker.box, marker_bits(marker.id))
    for box in page.code_boxes:
        _draw_cells(canvas, page, box, code_modules(code_text))
    for stroke in page.strokes:
        _draw_stroke(canvas, page, stroke)
    for field in page.fields:
        _draw_boxes(canvas, page, field)
    for run in page.texts:
        draw_text(canvas, page, run, run.text)
    for run in page.code_captions:
        draw_text(canvas, page, run, code_text)
    if logo is not None and page.logo_box is not None:
        _draw_logo(canvas, page, page.logo_box, logo)
    canvas.endForm()


def draw_text(canvas: Canvas, page: PageLayout, run: TextRun, text: str) -> None:
    """One line of text, `text` in the style and place of `run`."""
    canvas.setFillGray(0)
    canvas.setFont(BOLD if run.bold else REGULAR, run.size_pt)
    x, y = mm_to_pt(run.x_mm), mm_to_pt(page.height_mm - run.y_mm)
    if run.align == "centre":
        canvas.drawCentredString(x, y, text)
    elif run.align == "right":
        canvas.drawRightString(x, y, text)
    else:
        canvas.drawString(x, y, text)


def _draw_cells(canvas: Canvas, page: PageLayout, box: Rect, bits: NDArray[np.bool_]) -> None:
    """Black cells as one filled path: vector squares with no hairlines between neighbours."""
    canvas.setFillGray(0)
    rows, columns = bits.shape
    h_mm, w_mm = box.h_mm / rows, box.w_mm / columns
    path = canvas.beginPath()
    for row in range(rows):
        for first, count in _runs(bits[row]):
            x, top = box.x_mm + first * w_mm, box.y_mm + row * h_mm
            path.rect(
                mm_to_pt(x),
                mm_to_pt(page.height_mm - top - h_mm),
                mm_to_pt(count * w_mm),
                mm_to_pt(h_mm),
            )
    canvas.drawPath(path, stroke=0, fill=1)


def _runs(row: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first, count) of every stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return [(int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _draw_stroke(canvas: Canvas, page: PageLayout, stroke: Stroke) -> None:
    canvas.setStrokeGray(stroke.grey)
    canvas.setLineWidth(mm_to_pt(stroke.width_mm))
    canvas.setDash([mm_to_pt(stroke.dash_mm)] if stroke.dash_mm else [])
    canvas.line(
        mm_to_pt(stroke.x1_mm),
        mm_to_pt(page.height_mm - stroke.y1_mm),
        mm_to_pt(stroke.x2_mm),
        mm_to_pt(page.height_mm - stroke.y2_mm),
    )


def _draw_boxes(canvas: Canvas, page: PageLayout, field: FieldLayout) -> None:
    """Tick boxes and comb cells; the middle of the stroke lies on the edge of the box."""
    boxes = [o.box for o in field.options] + list(field.cells)
    if field.kind == "tick":
        boxes.append(field.box)
    canvas.setStrokeGray(0.1)
    canvas.setLineWidth(mm_to_pt(BOX_STROKE_MM))
    canvas.setDash([])
    for box in boxes:
        canvas.rect(
            mm_to_pt(box.x_mm),
            mm_to_pt(page.height_mm - box.bottom_mm),
            mm_to_pt(box.w_mm),
            mm_to_pt(box.h_mm),
            stroke=1,
            fill=0,
        )


def _draw_logo(canvas: Canvas, page: PageLayout, box: Rect, logo: str) -> None:
    """The logo, as large as the box allows without changing its shape."""
    canvas.drawImage(
        ImageReader(logo),
        box.x_mm * PT_PER_MM,
        mm_to_pt(page.height_mm - box.bottom_mm),
        mm_to_pt(box.w_mm),
        mm_to_pt(box.h_mm),
        preserveAspectRatio=True,
        anchor="c",
        mask="auto",
    )
