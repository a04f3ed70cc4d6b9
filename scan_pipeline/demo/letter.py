"""A page that is no leaflet at all: it lay on the scanner by mistake, as such pages do."""

from __future__ import annotations

import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from leaflets.fonts import font_path
from leaflets.geometry import MM_PER_INCH
from scan_pipeline.demo.sheet import Image

A4_MM = (210.0, 297.0)
POINTS = 12.0
LINE_MM = 6.4
MARGIN_MM = 25.0

LETTER = """\
Example Housing Association
1 Example Street
Exampleton

3 November 2026

Dear tenant,

The lift in your building will be out of use

    from Monday 16 November, 9 am,
    to Wednesday 18 November, 5 pm,

while the doors are mended. The stairs stay open, and they are lit at all hours.
If you cannot use the stairs, please tell us by Friday and we will find a way.

We are sorry for the trouble and thank you for your patience.

Yours faithfully,


Example Housing Association, Repairs
"""


def draw_letter(px_per_mm: float) -> Image:
    """An invented letter on A4, upright: uint8 (height, width), 255 is paper."""
    width, height = (round(side * px_per_mm) for side in A4_MM)
    page = PilImage.new("L", (width, height), 255)
    pen = ImageDraw.Draw(page)
    size = POINTS / 72 * MM_PER_INCH * px_per_mm
    regular = ImageFont.truetype(str(font_path()), size)
    bold = ImageFont.truetype(str(font_path(bold=True)), size * 1.25)
    for number, line in enumerate(LETTER.splitlines()):
        at = (MARGIN_MM * px_per_mm, (MARGIN_MM + number * LINE_MM) * px_per_mm)
        pen.text(at, line, fill=25, font=bold if number == 0 else regular)
    return np.asarray(page, np.uint8)
