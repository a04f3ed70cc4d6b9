"""Pure: a `Design` and a `Service` to a `SheetLayout`, every millimetre computed once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from leaflets.blocks import place
from leaflets.clear import refuse_crowding, refuse_overflow
from leaflets.design import ChoiceItem, Design, Item, Panel, Side, TextItem, load_design
from leaflets.flow import Placed
from leaflets.geometry import Rect
from leaflets.layout import Marker, PageLayout, SheetLayout, Stroke
from leaflets.markers import MARKER_MM, version_of
from leaflets.settings import Service

EDGE_MM = 5.0
FOLD_TICK_MM = 4.0
FOLD_TICK_WIDTH_MM = 0.15


def layout_for(template: str, service: Service) -> SheetLayout:
    """The sheet of the template called `template`, for `service`."""
    return lay_out(load_design(template), service)


def lay_out(design: Design, service: Service) -> SheetLayout:
    """Place every item of `design`. The same words and places always give the same version.

    Raises `BadTemplate` when something does not fit, or would be printed over something else:
    words are never shrunk, cut or crowded.
    """
    pages = tuple(_page(design, n, side, service) for n, side in enumerate(design.page, 1))
    for side, page in zip(design.page, pages, strict=True):
        refuse_crowding(page, side.name, design.crease_mm)
    return SheetLayout(
        template=design.template,
        version=_version(design, service, pages),
        language=design.language,
        pages=pages,
    )


def _version(design: Design, service: Service, pages: tuple[PageLayout, ...]) -> str:
    """Stands for everything that is printed, the logo's picture included."""
    laid = [design.template, design.language, [_told(page) for page in pages]]
    digest = hashlib.sha256(json.dumps(laid, sort_keys=True).encode())
    if service.logo is not None:
        digest.update(service.logo.read_bytes())
    return version_of(digest.digest())


def _told(page: PageLayout) -> dict[str, Any]:
    """The page as plain values. What only combs have is left out of other fields, so that a form
    without combs kept its version when there came to be any.
    """
    told = dataclasses.asdict(page)
    for field in told["fields"]:
        if not field["allows"]:
            del field["allows"]
    return told


def _page(design: Design, number: int, side: Side, service: Service) -> PageLayout:
    placed = [p for panel in side.panel for p in _panel(panel, side.name, service)]
    logos = [p.logo_box for p in placed if p.logo_box is not None]
    return PageLayout(
        number=number,
        width_mm=design.width_mm,
        height_mm=design.height_mm,
        markers=_markers(design, side),
        fields=tuple(f for p in placed for f in p.fields),
        code_boxes=tuple(b for p in placed for b in p.code_boxes),
        code_captions=tuple(t for p in placed for t in p.code_captions),
        texts=tuple(t for p in placed for t in p.texts),
        strokes=(*_fold_ticks(design), *(s for p in placed for s in p.strokes)),
        logo_box=logos[0] if logos and service.logo is not None else None,
    )


def _panel(panel: Panel, side: str, service: Service) -> list[Placed]:
    """Items flow down; an item `beside` the last one starts where that one started."""
    out: list[Placed] = []
    top = bottom = panel.top_mm
    longest = (0.0, "")
    for item in panel.item:
        if item.top_mm is not None:
            top = item.top_mm
        elif not item.beside:
            top = bottom + (item.gap_mm if out else 0.0)
        x = panel.x_mm if item.x_mm is None else item.x_mm
        w = panel.x_mm + panel.w_mm - x if item.w_mm is None else item.w_mm
        limit = panel.bottom_mm if item.bottom_mm is None else item.bottom_mm
        area = Rect(x_mm=x, y_mm=top, w_mm=w, h_mm=limit - top)
        placed = place(item, area, service)
        if placed.texts and _from_service(item):
            longest = max(longest, (placed.bottom_mm - top, _first_words(item, placed)))
        refuse_overflow(placed, area, side, longest[1])
        bottom = max(bottom, placed.bottom_mm) if item.beside else placed.bottom_mm
        out.append(placed)
    return out


def _from_service(item: Item) -> bool:
    """Whether the service's own words are in it."""
    if isinstance(item, TextItem):
        return "{" in item.text
    return isinstance(item, ChoiceItem) and item.options_from is not None


def _first_words(item: Item, placed: Placed) -> str:
    """Of the service's own words: a choice's caption is the form's."""
    return placed.texts[1 if isinstance(item, ChoiceItem) else 0].text


def _markers(design: Design, side: Side) -> tuple[Marker, ...]:
    places = [(x, y) for y in design.marker_y_mm for x in design.marker_x_mm]
    return tuple(
        Marker(
            id=side.first_marker + i,
            box=Rect(x_mm=x, y_mm=y, w_mm=MARKER_MM, h_mm=MARKER_MM),
        )
        for i, (x, y) in enumerate(places)
    )


def _fold_ticks(design: Design) -> tuple[Stroke, ...]:
    """Two small ticks on the crease show where to fold; nothing else comes near it."""
    x, far = design.crease_mm, design.height_mm - EDGE_MM
    return tuple(
        Stroke(x1_mm=x, y1_mm=y1, x2_mm=x, y2_mm=y2, width_mm=FOLD_TICK_WIDTH_MM)
        for y1, y2 in ((EDGE_MM, EDGE_MM + FOLD_TICK_MM), (far - FOLD_TICK_MM, far))
    )
