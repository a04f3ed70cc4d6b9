"""Place boxes and their words: choices in columns or flowing like words, single ticks, combs.

A label stands nearer to its own box than to the next one, so that no tick is taken for another.
"""

from __future__ import annotations

from leaflets.design import ChoiceItem, CombItem, OptionSpec, TickItem
from leaflets.flow import ASCENT, BODY_PT, Placed, block, from_left
from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect, hull, pt_to_mm
from leaflets.layout import FieldLayout, Option, Stroke, TextRun
from leaflets.settings import Service

TICK_MM = 5.0
LABEL_GAP_MM = 3.4
OPTION_GAP_MM = 7.0
FRAME_MM, FRAME_GREY = 0.3, 0.25
FRAME_PAD_MM = 2.4
COMB_GAP_MM = 2.4


def _options(item: ChoiceItem, service: Service) -> tuple[OptionSpec, ...]:
    if item.options_from == "service_areas":
        return tuple(OptionSpec(value=a.value, label=a.label) for a in service.service_areas)
    return item.options


def place_choice(item: ChoiceItem, area: Rect, service: Service) -> Placed:
    specs = _options(item, service)
    indent, top = 0.0, area.y_mm
    texts: list[TextRun] = []
    if item.inline:
        indent = text_width_mm(item.caption, BODY_PT, True) + 4.0
        texts.append(_label(item.caption, area.x_mm, top, bold=True))
    else:
        caption, top = block(item.caption, area, BODY_PT, bold=True)
        texts += caption
        top += 1.6
    flow = Rect(x_mm=area.x_mm, y_mm=top, w_mm=area.w_mm, h_mm=area.h_mm)
    corners = _grid(item, specs, flow) if item.columns else _flow(item, specs, flow, indent)
    options = tuple(
        Option(value=s.value, label=s.label, box=Rect(x_mm=x, y_mm=y, w_mm=TICK_MM, h_mm=TICK_MM))
        for s, (x, y) in zip(specs, corners, strict=True)
    )
    texts += [_label(o.label, o.box.right_mm + LABEL_GAP_MM, o.box.y_mm) for o in options]
    box = hull([o.box for o in options])
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


def place_tick(item: TickItem, area: Rect) -> Placed:
    pad = FRAME_PAD_MM if item.frame else 0.0
    inner = area.grown(-pad)
    words = from_left(inner, TICK_MM + LABEL_GAP_MM)
    box = Rect(x_mm=inner.x_mm, y_mm=inner.y_mm, w_mm=TICK_MM, h_mm=TICK_MM)
    baseline = _label("", 0, box.y_mm).y_mm
    shift = baseline - pt_to_mm(BODY_PT) * ASCENT - words.y_mm
    words = Rect(x_mm=words.x_mm, y_mm=words.y_mm + shift, w_mm=words.w_mm, h_mm=words.h_mm)
    texts, bottom = block(item.caption, words, BODY_PT, bold=item.bold)
    if item.note:
        below = Rect(x_mm=words.x_mm, y_mm=bottom + 1.0, w_mm=words.w_mm, h_mm=words.h_mm)
        note, bottom = block(item.note, below, BODY_PT)
        texts = (*texts, *note)
    bottom = max(bottom, box.bottom_mm) + pad
    strokes: tuple[Stroke, ...] = ()
    if item.frame:
        strokes = _frame(
            Rect(x_mm=area.x_mm, y_mm=area.y_mm, w_mm=area.w_mm, h_mm=bottom - area.y_mm)
        )
    laid = FieldLayout(name=item.name, kind="tick", caption=item.caption, box=box)
    return Placed(bottom_mm=bottom, texts=texts, strokes=strokes, fields=(laid,))


def place_comb(item: CombItem, area: Rect) -> Placed:
    """A caption, and under it one box for each character, all in one row."""
    texts, bottom = block(item.caption, area, BODY_PT, bold=True)
    top, x = bottom + COMB_GAP_MM, area.x_mm
    starts = {sum(item.groups[:k]) for k in range(1, len(item.groups))}
    cells: list[Rect] = []
    for k in range(item.cells):
        if cells:
            x = cells[-1].right_mm + (item.group_gap_mm if k in starts else item.cell_gap_mm)
        cells.append(Rect(x_mm=x, y_mm=top, w_mm=item.cell_w_mm, h_mm=item.cell_h_mm))
    laid = FieldLayout(
        name=item.name,
        kind="comb",
        caption=item.caption,
        box=hull(cells),
        cells=tuple(cells),
        allows=item.allows,
    )
    return Placed(bottom_mm=laid.box.bottom_mm, texts=texts, fields=(laid,))


def _frame(around: Rect) -> tuple[Stroke, ...]:
    corners = around.quad_mm
    return tuple(
        Stroke(x1_mm=x1, y1_mm=y1, x2_mm=x2, y2_mm=y2, width_mm=FRAME_MM, grey=FRAME_GREY)
        for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True)
    )
