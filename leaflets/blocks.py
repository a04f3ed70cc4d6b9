"""Place one item of a template: words, writing lines, ruler, code, logo. Pure, in millimetres."""

from __future__ import annotations

from string import Formatter

from leaflets.boxes import place_choice, place_comb, place_tick
from leaflets.design import (
    ChoiceItem,
    CodeItem,
    CombItem,
    Item,
    LinesItem,
    LogoItem,
    RulerItem,
    TextItem,
    TickItem,
)
from leaflets.flow import BODY_PT, Placed, block, from_left
from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect
from leaflets.layout import FieldLayout, Stroke, TextRun
from leaflets.markers import CODE_MM
from leaflets.settings import Service

CODE_PT = 12.0
DESCENT_MM = 2.0
"""Room for descenders below the last writing line."""
RULE_MM, RULE_GREY = 0.2, 0.55
HELP_GAP_MM = 5.0
HELP_NAMES = 0.62
"""The share of the width that the names of help lines may take."""


def place(item: Item, area: Rect, service: Service) -> Placed:
    """Place `item` at the top left of `area` and no wider; its height is not bounded here."""
    if isinstance(item, TextItem):
        return _place_text(item, area, service)
    if isinstance(item, LinesItem):
        return _place_lines(item, area)
    if isinstance(item, ChoiceItem):
        return place_choice(item, area, service)
    if isinstance(item, TickItem):
        return place_tick(item, area)
    if isinstance(item, CombItem):
        return place_comb(item, area)
    if isinstance(item, RulerItem):
        return _place_ruler(item, area)
    if isinstance(item, CodeItem):
        return _place_code(item, area)
    return _place_logo(item, area)


def _place_text(item: TextItem, area: Rect, service: Service) -> Placed:
    if item.text == "{help_lines}":
        return _place_help_lines(item.size_pt, area, service)
    words = _filled_in(item.text, service)
    if not words.strip():
        return Placed(bottom_mm=area.y_mm)
    indent = 0.0 if item.number is None else 7.0
    inner = from_left(area, indent)
    runs, bottom = block(words, inner, item.size_pt, bold=item.bold, centre=item.align == "centre")
    if item.number is not None:
        number = TextRun(
            text=str(item.number),
            x_mm=area.x_mm,
            y_mm=runs[0].y_mm,
            size_pt=item.size_pt,
            bold=True,
        )
        runs = (number, *runs)
    return Placed(bottom_mm=bottom, texts=runs)


def _filled_in(text: str, service: Service) -> str:
    """`text` with what the service says in the place of braces. A role that begins a sentence
    begins with a capital, however it was typed."""
    said = {
        "service_name": service.name,
        "take_down_route": service.take_down_route,
        "complaint_route": service.complaint_route,
        "other_formats": service.other_formats,
    }
    roles = {"box_opener": service.box_opener, "typist": service.typist}
    filled = ""
    for literal, name, _, _ in Formatter().parse(text):
        filled += literal
        if name in roles:
            role, begins = roles[name], not filled or filled.endswith((". ", "! ", "? ", "\n"))
            filled += role[:1].upper() + role[1:] if begins else role
        elif name is not None:
            filled += said[name]
    return filled


def _place_help_lines(size_pt: float, area: Rect, service: Service) -> Placed:
    """Two columns: who, then how, in bold, so that a number is found at a glance."""
    runs: list[TextRun] = []
    widest = max(text_width_mm(h.name, size_pt) for h in service.help_lines)
    names_mm = min(widest, HELP_NAMES * area.w_mm)
    top = area.y_mm
    for line in service.help_lines:
        row = Rect(x_mm=area.x_mm, y_mm=top, w_mm=area.w_mm, h_mm=area.h_mm)
        left = Rect(x_mm=area.x_mm, y_mm=top, w_mm=names_mm, h_mm=area.h_mm)
        names, under_names = block(line.name, left, size_pt)
        right = from_left(row, names_mm + HELP_GAP_MM)
        contacts, under_contacts = block(line.contact, right, size_pt, bold=True)
        runs += [*names, *contacts]
        top = max(under_names, under_contacts) + 0.6
    if service.help_checked:
        row = Rect(x_mm=area.x_mm, y_mm=top + 0.4, w_mm=area.w_mm, h_mm=area.h_mm)
        checked, top = block(f"Numbers checked: {service.help_checked}", row, BODY_PT)
        runs += checked
    return Placed(bottom_mm=top, texts=tuple(runs))


def _place_lines(item: LinesItem, area: Rect) -> Placed:
    texts: tuple[TextRun, ...]
    left, top = area.x_mm, area.y_mm
    if item.inline:
        left += text_width_mm(item.caption, BODY_PT, True) + 3.0
        baseline = top + item.first_mm
        texts = (
            TextRun(text=item.caption, x_mm=area.x_mm, y_mm=baseline, size_pt=BODY_PT, bold=True),
        )
    else:
        x_mm = area.x_mm if item.caption_x_mm is None else item.caption_x_mm
        width = area.right_mm - x_mm if item.caption_w_mm is None else item.caption_w_mm
        over = Rect(x_mm=x_mm, y_mm=top, w_mm=width, h_mm=area.h_mm)
        texts, top = block(item.caption, over, BODY_PT, bold=True)
        top += item.caption_gap_mm
    rules = tuple(top + item.first_mm + i * item.pitch_mm for i in range(item.lines))
    bottom = rules[-1] + DESCENT_MM
    box = Rect(x_mm=left, y_mm=top, w_mm=area.right_mm - left, h_mm=bottom - top)
    strokes = tuple(
        Stroke(
            x1_mm=box.x_mm,
            y1_mm=y,
            x2_mm=box.right_mm,
            y2_mm=y,
            width_mm=RULE_MM,
            grey=RULE_GREY,
        )
        for y in rules
    )
    laid = FieldLayout(name=item.name, kind="text", caption=item.caption, box=box, lines_mm=rules)
    return Placed(bottom_mm=bottom, texts=texts, strokes=strokes, fields=(laid,))


def _place_ruler(item: RulerItem, area: Rect) -> Placed:
    y = area.y_mm + 4.0
    strokes = [
        Stroke(x1_mm=area.x_mm, y1_mm=y, x2_mm=area.x_mm + item.length_mm, y2_mm=y, width_mm=0.2)
    ]
    for mm in range(item.length_mm + 1):
        high = 4.0 if mm % 10 == 0 else 2.6 if mm % 5 == 0 else 1.6
        x = area.x_mm + mm
        strokes.append(Stroke(x1_mm=x, y1_mm=y - high, x2_mm=x, y2_mm=y, width_mm=0.12))
    below = Rect(x_mm=area.x_mm, y_mm=y + 0.8, w_mm=item.length_mm, h_mm=area.h_mm)
    texts, bottom = block(item.caption, below, BODY_PT, centre=True)
    return Placed(bottom_mm=bottom, texts=texts, strokes=tuple(strokes))


def _place_code(item: CodeItem, area: Rect) -> Placed:
    box = Rect(x_mm=area.x_mm, y_mm=area.y_mm, w_mm=CODE_MM, h_mm=CODE_MM)
    captions: tuple[TextRun, ...] = ()
    if item.text_x_mm is not None and item.text_y_mm is not None:
        captions = (
            TextRun(
                text="",
                x_mm=item.text_x_mm,
                y_mm=item.text_y_mm,
                size_pt=CODE_PT,
                align=item.text_align,
            ),
        )
    return Placed(bottom_mm=box.bottom_mm, code_boxes=(box,), code_captions=captions)


def _place_logo(item: LogoItem, area: Rect) -> Placed:
    box = Rect(x_mm=area.x_mm, y_mm=area.y_mm, w_mm=area.w_mm, h_mm=item.h_mm)
    return Placed(bottom_mm=box.bottom_mm, logo_box=box)
