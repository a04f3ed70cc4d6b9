"""Pure: `PosterContent` to sheets with every word and shape in its place, in millimetres.

The writer's words come first and are the largest. Words are set as large as one sheet allows, then
go on to a second sheet; they are never set below `FLOOR_PT`, and never left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leaflets.content import PosterContent
from leaflets.errors import DoesNotFit
from leaflets.fonts import text_width_mm
from leaflets.geometry import Rect, pt_to_mm
from leaflets.poster_rows import (
    ASCENT,
    BADGES,
    Part,
    Row,
    Run,
    Shape,
    Sizes,
    line_mm,
    response_rows,
    shifted,
    story_rows,
)
from leaflets.typeset import balanced, printable, wrap

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
MARGIN_MM, TOP_MM, BOTTOM_MM = 14.0, 12.0, 10.0
FLOOR_PT = 18.0
TITLE_PT = (48.0, 44.0, 40.0, 36.0, 32.0)
TITLE_LINES = 2
ONE_SHEET = tuple(
    Sizes(story, response)
    for story, response in (
        (34, 28), (32, 26), (30, 25), (28, 24), (26, 22), (24, 21), (22, 20), (21, 19), (20, 18),
    )
)  # fmt: skip
TWO_SHEETS = (*ONE_SHEET, Sizes(18, 18))
PAD_MM = 5.0
PANEL_GAP_MM = 8.5
BADGE_PT, SMALL_PT, META_PT, TURN_PT = 20.0, 18.0, 20.0, 20.0
BADGE_SIGN_MM = 8.5
LOGO_MM = (42.0, 15.0)
FOOT_GAP_MM = 7.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One printed side: `runs` and `shapes` in absolute millimetres from the top left."""

    runs: tuple[Run, ...]
    shapes: tuple[Shape, ...]
    logo_box: Rect | None


def lay_out(content: PosterContent) -> tuple[Sheet, ...]:
    """One sheet, or two. Raises `DoesNotFit`, naming the story and by how much it is too long."""
    for sizes in ONE_SHEET:
        for title_lines in (TITLE_LINES, 1):
            rooms = _rooms(content, 1, title_lines)
            pages, left = _flow(_rows(content, sizes), rooms)
            if not left:
                return _sheets(content, pages, title_lines)
    rooms = _rooms(content, 2, TITLE_LINES)
    for way in (_split, _flow):
        for sizes in TWO_SHEETS:
            pages, left = way(_rows(content, sizes), rooms)
            if not left:
                return _sheets(content, pages, TITLE_LINES)
    words = sum(len(run.text.split()) for row in left for run in row.runs)
    raise DoesNotFit(
        f"{content.number} is about {words} words too long for two sheets.",
        remedy="Choose a shorter extract of the story (show with … that words are left out), or "
        "shorten the response; words are never shrunk or cut silently.",
    )


def _rows(content: PosterContent, sizes: Sizes) -> list[Row]:
    width = WIDTH_MM - 2 * MARGIN_MM
    return [
        *story_rows(content, sizes, MARGIN_MM, width),
        *response_rows(content, sizes, MARGIN_MM + PAD_MM, width - 2 * PAD_MM),
    ]


def _rooms(content: PosterContent, sheets: int, title_lines: int) -> list[float]:
    """Height in millimetres between heading and footer, of each sheet."""
    return [
        _footer_top(content, n, sheets) - _heading(content, n, sheets, title_lines)[2]
        for n in range(1, sheets + 1)
    ]


def _flow(rows: Sequence[Row], rooms: Sequence[float]) -> tuple[list[list[Row]], list[Row]]:
    """(rows of each sheet, rows for which there was no room)."""
    pages: list[list[Row]] = []
    left = list(rows)
    for room in rooms:
        count = _fill(left, room)
        pages.append(left[:count])
        left = left[count:]
    return pages, left


def _fill(rows: Sequence[Row], room_mm: float) -> int:
    """How many rows go on a sheet: as many as fit, ending where a sheet may end."""
    count = 0
    for n in range(1, len(rows) + 1):
        if used_mm(rows[:n]) > room_mm:
            break
        if not rows[n - 1].keep or n == len(rows):
            count = n
    return count


def used_mm(rows: Sequence[Row]) -> float:
    """Height of rows on one sheet, with the frame around those of the response."""
    total = sum(row.height_mm + (row.gap_mm if i else 0.0) for i, row in enumerate(rows))
    framed = [i for i, row in enumerate(rows) if row.part == "response"]
    if framed:
        total += 2 * PAD_MM + (PANEL_GAP_MM if framed[0] else 0.0)
    return total


def _split(rows: Sequence[Row], rooms: Sequence[float]) -> tuple[list[list[Row]], list[Row]]:
    """As `_flow`: the story on the first sheet and the response on the second, or nothing."""
    story = [row for row in rows if row.part == "story"]
    response = [row for row in rows if row.part == "response"]
    if not response or used_mm(story) > rooms[0] or used_mm(response) > rooms[1]:
        return [], list(rows)
    return [story, response], []


def _sheets(
    content: PosterContent, pages: Sequence[Sequence[Row]], title_lines: int
) -> tuple[Sheet, ...]:
    return tuple(
        _sheet(content, rows, n, len(pages), title_lines) for n, rows in enumerate(pages, start=1)
    )


def _sheet(
    content: PosterContent, rows: Sequence[Row], number: int, total: int, title_lines: int
) -> Sheet:
    runs, shapes, top = _heading(content, number, total, title_lines)
    foot = _footer_top(content, number, total)
    spare = max(0.0, foot - top - used_mm(rows))
    loose_story, loose_panel = min(spare * 0.15, 6.0), min(spare * 0.35, 14.0)
    y = top + loose_story
    part: Part | None = None
    frame_top = 0.0
    for i, row in enumerate(rows):
        y += row.gap_mm if i else 0.0
        if row.part == "response" and part != "response":
            y += (PANEL_GAP_MM + loose_panel) if part else 0.0
            frame_top = y
            y += PAD_MM
        part = row.part
        runs += [replace(run, y_mm=run.y_mm + y) for run in row.runs]
        shapes += [replace(s, box=shifted(s.box, y)) for s in row.shapes]
        y += row.height_mm
    if part == "response":
        box = Rect(
            x_mm=MARGIN_MM,
            y_mm=frame_top,
            w_mm=WIDTH_MM - 2 * MARGIN_MM,
            h_mm=y + PAD_MM - frame_top,
        )
        shapes.insert(0, Shape(kind="bubble" if rows[0].part == "story" else "frame", box=box))
    more_runs, more_shapes = _footer(content, foot, number, total)
    return Sheet(
        runs=tuple(runs + more_runs),
        shapes=tuple(shapes + more_shapes),
        logo_box=_logo_box(content),
    )


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


def _heading(
    content: PosterContent, number: int, total: int, title_lines: int
) -> tuple[list[Run], list[Shape], float]:
    """Service and badge, title, story name and month; and where the rest may begin."""
    runs, shapes, y = _service_and_badge(content)
    title, meta = _title(content)
    width = WIDTH_MM - 2 * MARGIN_MM
    if number > 1:
        more = f"{content.number}, sheet {number} of {total}"
        for line in balanced(title, 28.0, width, bold=True):
            runs.append(_run(line, MARGIN_MM, y, 28.0, bold=True, deep=True))
            y += pt_to_mm(28.0 * 1.15)
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
    """The first line: who we are on the left, how far the story has come on the right."""
    word = BADGES[content.badge]
    badge_w = BADGE_SIGN_MM + 3.0 + text_width_mm(word, BADGE_PT, True)
    left = MARGIN_MM + (LOGO_MM[0] + 5.0 if content.logo is not None else 0.0)
    right = WIDTH_MM - MARGIN_MM - badge_w
    lines = wrap(printable(content.service_name), SMALL_PT, right - left - 6.0, bold=True)
    height = max(
        BADGE_SIGN_MM,
        len(lines) * line_mm(SMALL_PT),
        LOGO_MM[1] if content.logo is not None else 0.0,
    )
    y = TOP_MM + (height - len(lines) * line_mm(SMALL_PT)) / 2
    runs = [
        _run(line, left, y + i * line_mm(SMALL_PT) + 0.8, SMALL_PT, bold=True)
        for i, line in enumerate(lines)
    ]
    middle = TOP_MM + height / 2
    sign = Rect(x_mm=right, y_mm=middle - BADGE_SIGN_MM / 2, w_mm=BADGE_SIGN_MM, h_mm=BADGE_SIGN_MM)
    runs.append(
        Run(
            text=word,
            x_mm=right + BADGE_SIGN_MM + 3.0,
            y_mm=middle + pt_to_mm(BADGE_PT * 0.34),
            size_pt=BADGE_PT,
            bold=True,
            ink="deep",
        )
    )
    y = TOP_MM + height + 3.5
    rule = Rect(x_mm=MARGIN_MM, y_mm=y, w_mm=WIDTH_MM - 2 * MARGIN_MM, h_mm=1.4)
    shapes = [Shape(kind="badge", box=sign, name=content.badge), Shape(kind="rule", box=rule)]
    return runs, shapes, y + 1.4 + 5.0


def _logo_box(content: PosterContent) -> Rect | None:
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


def _footer_top(content: PosterContent, number: int, total: int) -> float:
    """Where the foot begins: the rows above must end here."""
    lines = _footer_lines(content, number, total)
    return HEIGHT_MM - BOTTOM_MM - FOOT_GAP_MM - sum(line_mm(size) for _, size, _ in lines)


def _footer(
    content: PosterContent, top_mm: float, number: int, total: int
) -> tuple[list[Run], list[Shape]]:
    y = top_mm + FOOT_GAP_MM
    rule = Rect(x_mm=MARGIN_MM, y_mm=y - 3.6, w_mm=WIDTH_MM - 2 * MARGIN_MM, h_mm=1.4)
    runs = []
    for text, size, bold in _footer_lines(content, number, total):
        runs.append(_run(text, MARGIN_MM, y, size, bold=bold, deep=bold))
        y += line_mm(size)
    return runs, [Shape(kind="rule", box=rule)]
