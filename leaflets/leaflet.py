"""Print leaflets: a layout to a PDF for a duplex printer."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import IO

from leaflets.errors import BadInvocation
from leaflets.files import write_whole
from leaflets.layout import SheetLayout
from leaflets.markers import FormCode, encode
from leaflets.pdf import draw_side, new_canvas
from leaflets.settings import Service

MAX_COPIES = 500


def print_leaflets(
    layout: SheetLayout,
    target: Path | IO[bytes],
    *,
    copies: int,
    batch: str,
    service: Service,
) -> None:
    """Write `copies` identical leaflets to `target`: inside, outside, inside, outside, …

    Print at actual size, on both sides, "flip on short edge": an A4 landscape sheet turned about
    its short edge keeps both sides upright, and the front cover (the right half of the outside)
    lies behind the left half of the inside, so that it opens like a book. `batch` is four letters
    or digits, such as the year and month (2611): it says when a pile was printed, never who was
    given a leaflet.
    """
    if not re.fullmatch(r"[0-9A-Z]{4}", batch, re.ASCII):
        raise BadInvocation(
            f"{batch!r} cannot be a batch.",
            remedy="Use four capital letters or digits, such as 2611 for November 2026.",
        )
    if not 1 <= copies <= MAX_COPIES:
        raise BadInvocation(f"{copies} copies: choose from 1 to {MAX_COPIES}.")
    stream = io.BytesIO()
    first = layout.page(1)
    canvas = new_canvas(
        stream,
        first.width_mm,
        first.height_mm,
        f"{service.name}: {layout.template} leaflet",
        language=layout.language,
        two_sided=len(layout.pages) > 1,
    )
    logo = None if service.logo is None else str(service.logo)
    for page in layout.pages:
        code = FormCode(
            template=layout.template, page=page.number, version=layout.version, batch=batch
        )
        draw_side(canvas, page, encode(code), logo, f"side{page.number}")
    for _ in range(copies):
        for page in layout.pages:
            canvas.doForm(f"side{page.number}")
            canvas.showPage()
    canvas.save()
    if not isinstance(target, Path):
        target.write(stream.getvalue())
        return
    write_whole(target, stream.getvalue())
