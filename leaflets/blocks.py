"""Place one item of a template: words, writing lines, tick boxes, ruler. Pure, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from leaflets.design import (
    ChoiceItem,
    CodeItem,
    Item,
    LinesItem,
    LogoItem,
    OptionSpec,
    RulerItem,
    TextItem,
    TickItem,
)
from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect, pt_to_mm
from leaflets.layout import FieldLayout, Option, Stroke, TextRun
from leaflets.markers import CODE_MM
from leaflets.settings import Service

BODY_PT = 12.0
CODE_PT = 8.0
TICK_MM = 5.0
LABEL_GAP_MM = 3.4
OPTION_GAP_MM = 4.0
CAPTION_GAP_MM = 0.8
DESCENT_MM = 2.0
"""Room for descenders below the last writing line."""
RULE_MM, RULE_GREY = 0.2, 0.55
FRAME_MM, FRAME_GREY = 0.3, 0.25
FRAME_PAD_MM = 2.4
_ASCENT, _DESCENT, _LEADING = 0.74, 0.24, 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What one item prints, and the y in millimetres at which it ends."""

    bottom_mm: float
    texts: tuple[TextRun, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    fields: tuple[FieldLayout, ...] = ()
    code_boxes: tuple[Rect, ...] = ()
    code_captions: tuple[TextRun, ...] = field(default=())
    logo_box: Rect | None = None


def place(item: Item, area: Rect, service: Service) -> Placed:
    """Place `item` at the top left of `area` and no wider; its height is not bounded here."""
    if isinstance(item, TextItem):
        return _place_text(item, area, service)
    if isinstance(item, LinesItem):
        return _place_lines(item, area)
    if isinstance(item, ChoiceItem):
        return _place_choice(item, area, service)
    if isinstance(item, TickItem):
        return _place_tick(item, area)
    if isinstance(item, RulerItem):
        return _place_ruler(item, area)
    if isinstance(item, CodeItem):
        return _place_code(item, area)
    return _place_logo(item, area)


def wrapped(text: str, size_pt: float, width_mm: float, *, bold: bool = False) -> tuple[str, ...]:
    """Break at spaces, and at line feeds; a single word that is too wide stays whole."""
    width = partial(text_width_mm, size_pt=size_pt, bold=bold)
    out: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and width(longer) > width_mm:
                out.append(line)
                line = word
            else:
                line = longer
        out.append(line)
    return tuple(out)


def _block(
    text: str, area: Rect, size_pt: float, *, bold: bool = False, centre: bool = False
) -> tuple[tuple[TextRun, ...], float]:
    """Wrapped lines from the top of `area`, and the y where they end."""
    size_mm = pt_to_mm(size_pt)
    lines = wrapped(text, size_pt, area.w_mm, bold=bold)
    x_mm = area.centre_mm[0] if centre else area.x_mm
    runs = tuple(
        TextRun(
            text=line,
            x_mm=x_mm,
            y_mm=area.y_mm + size_mm * (_ASCENT + i * _LEADING),
            size_pt=size_pt,
            bold=bold,
            align="centre" if centre else "left",
        )
        for i, line in enumerate(lines)
    )
    return runs, runs[-1].y_mm + size_mm * _DESCENT


def _place_text(item: TextItem, area: Rect, service: Service) -> Placed:
    if item.text == "{help_lines}":
        return _place_help_lines(item.size_pt, area, service)
    words = item.text.format(
        service_name=service.name,
        box_opener=service.box_opener,
        typist=service.typist[:1].upper() + service.typist[1:],
        take_down_route=service.take_down_route,
        complaint_route=service.complaint_route,
        other_formats=service.other_formats,
    )
    indent = 0.0 if item.number is None else 7.0
    inner = _from_left(area, indent)
    runs, bottom = _block(words, inner, item.size_pt, bold=item.bold, centre=item.align == "centre")
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


def _place_help_lines(size_pt: float, area: Rect, service: Service) -> Placed:
    """Two columns: who, then how, in bold, so that a number is found at a glance."""
    runs: list[TextRun] = []
    indent = max(text_width_mm(h.name, size_pt, False) for h in service.help_lines) + 5.0
    top = area.y_mm
    for line in service.help_lines:
        row = Rect(x_mm=area.x_mm, y_mm=top, w_mm=area.w_mm, h_mm=area.h_mm)
        names, _ = _block(line.name, row, size_pt)
        contacts, bottom = _block(line.contact, _from_left(row, indent), size_pt, bold=True)
        runs += [*names, *contacts]
        top = bottom + 0.6
    return Placed(bottom_mm=top, texts=tuple(runs))


def _from_left(area: Rect, by_mm: float) -> Rect:
    return Rect(x_mm=area.x_mm + by_mm, y_mm=area.y_mm, w_mm=area.w_mm - by_mm, h_mm=area.h_mm)


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
        texts, top = _block(item.caption, over, BODY_PT, bold=True)
        top += CAPTION_GAP_MM
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


def _options(item: ChoiceItem, service: Service) -> tuple[OptionSpec, ...]:
    if item.options_from == "service_areas":
        return tuple(OptionSpec(value=a.value, label=a.label) for a in service.service_areas)
    return item.options


def _place_choice(item: ChoiceItem, area: Rect, service: Service) -> Placed:
    specs = _options(item, service)
    indent, top = 0.0, area.y_mm
    texts: list[TextRun] = []
    if item.inline:
        indent = text_width_mm(item.caption, BODY_PT, True) + 4.0
        texts.append(_label(item.caption, area.x_mm, top, bold=True))
    else:
        caption, top = _block(item.caption, area, BODY_PT, bold=True)
        texts += caption
        top += 1.6
    flow = Rect(x_mm=area.x_mm, y_mm=top, w_mm=area.w_mm, h_mm=area.h_mm)
    corners = _grid(item, specs, flow) if item.columns else _flow(item, specs, flow, indent)
    options = tuple(
        Option(value=s.value, label=s.label, box=Rect(x_mm=x, y_mm=y, w_mm=TICK_MM, h_mm=TICK_MM))
        for s, (x, y) in zip(specs, corners, strict=True)
    )
    texts += [_label(o.label, o.box.right_mm + LABEL_GAP_MM, o.box.y_mm) for o in options]
    box = _hull([o.box for o in options])
    laid = FieldLayout(
        name=item.name,
        kind="choice",
        caption=item.caption,
        box=box,
        multiple=item.multiple,
        options=options,
    )
    return Placed(bottom_mm=box.bottom_mm, texts=tuple(texts), fields=(laid,))


def _label(text: str, x_mm: float, box_top_mm: float, *, bold: bool = False) -> TextRun:
    """Words beside a tick box, set so that their x-height is centred on it."""
    baseline = box_top_mm + TICK_MM / 2 + pt_to_mm(BODY_PT) * 0.31
    return TextRun(text=text, x_mm=x_mm, y_mm=baseline, size_pt=BODY_PT, bold=bold)


def _option_width(spec: OptionSpec) -> float:
    return TICK_MM + LABEL_GAP_MM + text_width_mm(spec.label, BODY_PT, False)


def _grid(item: ChoiceItem, specs: tuple[OptionSpec, ...], area: Rect) -> list[tuple[float, float]]:
    """Columns as wide as their widest option, with the spare width shared between them."""
    count = item.columns
    widths = [max(_option_width(s) for s in specs[i::count]) for i in range(count)]
    spare = (area.w_mm - sum(widths)) / max(1, count - 1)
    gap = min(spare, 9.0)
    lefts = [area.x_mm + sum(widths[:i]) + i * gap for i in range(count)]
    return [(lefts[i % count], area.y_mm + (i // count) * item.pitch_mm) for i in range(len(specs))]


def _flow(
    item: ChoiceItem, specs: tuple[OptionSpec, ...], area: Rect, indent_mm: float
) -> list[tuple[float, float]]:
    """Options one after another like words; the caption stands only before the first row."""
    x, y = area.x_mm + indent_mm, area.y_mm
    out: list[tuple[float, float]] = []
    for spec in specs:
        width = _option_width(spec)
        if out and x + width > area.right_mm + 0.01:
            x, y = area.x_mm, y + item.pitch_mm
        out.append((x, y))
        x += width + OPTION_GAP_MM
    return out


def _hull(boxes: list[Rect]) -> Rect:
    left, top = min(b.x_mm for b in boxes), min(b.y_mm for b in boxes)
    return Rect(
        x_mm=left,
        y_mm=top,
        w_mm=max(b.right_mm for b in boxes) - left,
        h_mm=max(b.bottom_mm for b in boxes) - top,
    )


def _place_tick(item: TickItem, area: Rect) -> Placed:
    pad = FRAME_PAD_MM if item.frame else 0.0
    inner = area.grown(-pad)
    words = _from_left(inner, TICK_MM + LABEL_GAP_MM)
    box = Rect(x_mm=inner.x_mm, y_mm=inner.y_mm, w_mm=TICK_MM, h_mm=TICK_MM)
    baseline = _label("", 0, box.y_mm).y_mm
    shift = baseline - pt_to_mm(BODY_PT) * _ASCENT - words.y_mm
    words = Rect(x_mm=words.x_mm, y_mm=words.y_mm + shift, w_mm=words.w_mm, h_mm=words.h_mm)
    texts, bottom = _block(item.caption, words, BODY_PT, bold=item.bold)
    if item.note:
        below = Rect(x_mm=words.x_mm, y_mm=bottom + 0.4, w_mm=words.w_mm, h_mm=words.h_mm)
        note, bottom = _block(item.note, below, BODY_PT)
        texts = (*texts, *note)
    bottom = max(bottom, box.bottom_mm) + pad
    strokes: tuple[Stroke, ...] = ()
    if item.frame:
        strokes = _frame(
            Rect(x_mm=area.x_mm, y_mm=area.y_mm, w_mm=area.w_mm, h_mm=bottom - area.y_mm)
        )
    laid = FieldLayout(name=item.name, kind="tick", caption=item.caption, box=box)
    return Placed(bottom_mm=bottom, texts=texts, strokes=strokes, fields=(laid,))


def _frame(around: Rect) -> tuple[Stroke, ...]:
    corners = around.quad_mm
    return tuple(
        Stroke(x1_mm=x1, y1_mm=y1, x2_mm=x2, y2_mm=y2, width_mm=FRAME_MM, grey=FRAME_GREY)
        for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True)
    )


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
    texts, bottom = _block(item.caption, below, BODY_PT, centre=True)
    return Placed(bottom_mm=bottom, texts=texts, strokes=tuple(strokes))


def _place_code(item: CodeItem, area: Rect) -> Placed:
    box = Rect(x_mm=area.x_mm, y_mm=area.y_mm, w_mm=CODE_MM, h_mm=CODE_MM)
    caption = TextRun(
        text="", x_mm=item.text_x_mm, y_mm=item.text_y_mm, size_pt=CODE_PT, align=item.text_align
    )
    return Placed(bottom_mm=box.bottom_mm, code_boxes=(box,), code_captions=(caption,))


def _place_logo(item: LogoItem, area: Rect) -> Placed:
    box = Rect(x_mm=area.x_mm, y_mm=area.y_mm, w_mm=area.w_mm, h_mm=item.h_mm)
    return Placed(bottom_mm=box.bottom_mm, logo_box=box)
