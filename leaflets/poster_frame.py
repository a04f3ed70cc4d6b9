"""What is around the words on every sheet: service, badge and title above, the way to take part and
to take a story down below."""

from __future__ import annotations

from leaflets.content import PosterContent
from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect, pt_to_mm
from leaflets.poster_rows import ASCENT, BADGES, Run, Shape, line_mm
from leaflets.typeset import balanced, printable, wrap

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
MARGIN_MM, TOP_MM, BOTTOM_MM = 14.0, 12.0, 10.0
TITLE_PT = (48.0, 44.0, 40.0, 36.0, 32.0)
TITLE_AGAIN_PT = 28.0  # on a second sheet
BADGE_PT, SMALL_PT, META_PT, TURN_PT = 20.0, 18.0, 20.0, 20.0
BADGE_SIGN_MM = 8.5
LOGO_MM = (42.0, 15.0)
FOOT_GAP_MM, RULE_MM = 7.5, 1.4


def _run(
    text: str, x_mm: float, top_mm: float, size_pt: float, *, bold: bool = False, deep: bool = False
) -> Run:
    """A line whose top is at `top_mm`."""
    return Run(
        text=text,
        x_mm=x_mm,
        y_mm=top_mm + pt_to_mm(size_pt * ASCENT),
        size_pt=size_pt,
        bold=bold,
        ink="deep" if deep else "black",
    )


def heading(
    content: PosterContent, number: int, total: int, title_lines: int
) -> tuple[list[Run], list[Shape], float]:
    """Service and badge, title, story name and month; and where the rest may begin."""
    runs, shapes, y = _service_and_badge(content)
    title, meta = _title(content)
    width = WIDTH_MM - 2 * MARGIN_MM
    if number > 1:
        more = f"{content.number}, sheet {number} of {total}"
        for line in balanced(title, TITLE_AGAIN_PT, width, bold=True):
            runs.append(_run(line, MARGIN_MM, y, TITLE_AGAIN_PT, bold=True, deep=True))
            y += pt_to_mm(TITLE_AGAIN_PT * 1.15)
        runs.append(_run(more, MARGIN_MM, y + 1.5, META_PT))
        return runs, shapes, y + 1.5 + line_mm(META_PT) + 3.5
    size = _title_size(title, width, title_lines)
    for line in balanced(title, size, width, bold=True):
        runs.append(_run(line, MARGIN_MM, y, size, bold=True, deep=True))
        y += pt_to_mm(size * 1.1)
    y += 1.0
    for line in wrap(meta, META_PT, width):
        runs.append(_run(line, MARGIN_MM, y, META_PT))
        y += line_mm(META_PT)
    return runs, shapes, y + 3.5


def _title(content: PosterContent) -> tuple[str, str]:
    """The title, and the line below it. Without a title the story name stands in its place."""
    handle = content.handle.text.strip() if content.handle is not None else ""
    title = content.title.text.strip() if content.title is not None else ""
    named = f"By “{handle}”" if handle and title else ""
    meta = ", ".join(part for part in (named, content.month) if part)
    return printable(title or handle or "A story"), printable(meta)


def _title_size(title: str, width_mm: float, lines: int) -> float:
    """The largest size at which no word is broken and `lines` are enough; else the least."""
    for size in TITLE_PT:
        whole = all(text_width_mm(word, size, True) <= width_mm for word in title.split())
        if whole and len(wrap(title, size, width_mm, bold=True)) <= lines:
            return size
    return TITLE_PT[-1]


def _service_and_badge(content: PosterContent) -> tuple[list[Run], list[Shape], float]:
    """The first line: who we are on the left, how far the story has come on the right. A long
    name has lines of its own below."""
    word = BADGES[content.badge]
    right = WIDTH_MM - MARGIN_MM - BADGE_SIGN_MM - 3.0 - text_width_mm(word, BADGE_PT, True)
    logo_w, logo_h = LOGO_MM if content.logo is not None else (-5.0, 0.0)
    left, name = MARGIN_MM + logo_w + 5.0, printable(content.service_name)
    lines = wrap(name, SMALL_PT, right - left - 6.0, bold=True)
    below = len(lines) > 2
    if below:
        left, lines = MARGIN_MM, wrap(name, SMALL_PT, WIDTH_MM - 2 * MARGIN_MM, bold=True)
    tall = len(lines) * line_mm(SMALL_PT)
    height = max(BADGE_SIGN_MM, logo_h, 0.0 if below else tall)
    top = TOP_MM + height + 2.0 if below else TOP_MM + (height - tall) / 2 + 0.2
    runs = [
        _run(line, left, top + i * line_mm(SMALL_PT), SMALL_PT, bold=True)
        for i, line in enumerate(lines)
    ]
    middle = TOP_MM + height / 2
    runs.append(
        Run(
            text=word,
            x_mm=right + BADGE_SIGN_MM + 3.0,
            y_mm=middle + pt_to_mm(BADGE_PT * 0.34) + 0.3,
            size_pt=BADGE_PT,
            bold=True,
            ink="deep",
        )
    )
    sign = Rect(x_mm=right, y_mm=middle - BADGE_SIGN_MM / 2, w_mm=BADGE_SIGN_MM, h_mm=BADGE_SIGN_MM)
    y = TOP_MM + height + (2.0 + tall if below else 0.0) + 3.5
    rule = Rect(x_mm=MARGIN_MM, y_mm=y, w_mm=WIDTH_MM - 2 * MARGIN_MM, h_mm=RULE_MM)
    shapes = [Shape(kind="badge", box=sign, name=content.badge), Shape(kind="rule", box=rule)]
    return runs, shapes, y + RULE_MM + 5.0


def logo_box(content: PosterContent) -> Rect | None:
    if content.logo is None:
        return None
    return Rect(x_mm=MARGIN_MM, y_mm=TOP_MM, w_mm=LOGO_MM[0], h_mm=LOGO_MM[1])


def _footer_lines(content: PosterContent, number: int, total: int) -> list[tuple[str, float, bool]]:
    """(text, size in points, bold) of the lines at the foot. Each sheet says when it comes down."""
    width = WIDTH_MM - 2 * MARGIN_MM
    lines: list[tuple[str, float, bool]] = []
    if number == total:
        turn = wrap(printable(content.your_turn), TURN_PT, width, bold=True)
        route = wrap(printable(content.take_down_route), SMALL_PT, width)
        lines += [(line, TURN_PT, True) for line in turn if line]
        lines += [(line, SMALL_PT, False) for line in route if line]
    else:
        lines.append(
            (f"It goes on: sheet {number + 1} of {total} hangs beside this.", TURN_PT, True)
        )
    end = f"{content.number}. Take down after {content.take_down_after}."
    return lines + [(line, SMALL_PT, False) for line in wrap(printable(end), SMALL_PT, width)]


def footer_top(content: PosterContent, number: int, total: int) -> float:
    """Where the foot begins: the rows above must end here."""
    lines = _footer_lines(content, number, total)
    return HEIGHT_MM - BOTTOM_MM - FOOT_GAP_MM - sum(line_mm(size) for _, size, _ in lines)


def footer(
    content: PosterContent, top_mm: float, number: int, total: int
) -> tuple[list[Run], list[Shape]]:
    y = top_mm + FOOT_GAP_MM
    rule = Rect(x_mm=MARGIN_MM, y_mm=y - 3.6, w_mm=WIDTH_MM - 2 * MARGIN_MM, h_mm=RULE_MM)
    runs = []
    for text, size, bold in _footer_lines(content, number, total):
        runs.append(_run(text, MARGIN_MM, y, size, bold=bold, deep=bold))
        y += line_mm(size)
    return runs, [Shape(kind="rule", box=rule)]
