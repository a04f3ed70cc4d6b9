"""Pure: `PosterContent` to sheets with every word and shape in its place, in millimetres.

The writer's words come first and are the largest. Words are set as large as one sheet allows, then
go on to a second sheet; they are never set below 18 points, and never left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leaflets.content import PosterContent
from leaflets.errors import DoesNotFit
from leaflets.geometry import Rect
from leaflets.poster_frame import MARGIN_MM, WIDTH_MM, footer, footer_top, heading, logo_box
from leaflets.poster_rows import Part, Row, Run, Shape, Sizes, response_rows, shifted, story_rows

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
    pages = _two_sheets(content)
    if pages:
        return _sheets(content, pages, TITLE_LINES)
    raise DoesNotFit(
        f"{content.number} is about {_words_too_many(content)} words too long for two sheets.",
        remedy="Choose a shorter extract of the story (show with … that words are left out), or "
        "shorten the response; words are never shrunk or cut silently.",
    )


def _two_sheets(content: PosterContent) -> list[list[Row]]:
    """The rows of two sheets; nothing when there is no room for all."""
    rooms = _rooms(content, 2, TITLE_LINES)
    pages = _split(content, rooms)
    if pages:
        return pages
    for sizes in TWO_SHEETS:
        pages, left = _flow(_rows(content, sizes), rooms)
        if not left:
            return pages
    return []


def _words_too_many(content: PosterContent) -> int:
    """How many words the longer of story and response must lose, to the next five."""
    texts = {name: getattr(content, name) for name in ("story", "response")}
    counts = {name: len(said.text.split()) for name, said in texts.items() if said is not None}
    name = max(counts, key=lambda n: counts[n])
    words = texts[name].text.split()
    fits, too_long = 0, len(words)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        shorter = replace(texts[name], text=" ".join(words[:middle]))
        if _two_sheets(replace(content, **{name: shorter})):
            fits = middle
        else:
            too_long = middle
    return -(-(len(words) - fits) // 5) * 5


def _rows(content: PosterContent, sizes: Sizes) -> list[Row]:
    width = WIDTH_MM - 2 * MARGIN_MM
    return [
        *story_rows(content, sizes, MARGIN_MM, width),
        *response_rows(content, sizes, MARGIN_MM + PAD_MM, width - 2 * PAD_MM),
    ]


def _rooms(content: PosterContent, sheets: int, title_lines: int) -> list[float]:
    """Height in millimetres between heading and footer, of each sheet."""
    return [
        footer_top(content, n, sheets) - heading(content, n, sheets, title_lines)[2]
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


def _split(content: PosterContent, rooms: Sequence[float]) -> list[list[Row]]:
    """The story on the first sheet and the response on the second, each as large as it goes and
    the response no larger than the story; or nothing."""
    pages: list[list[Row]] = []
    largest = TWO_SHEETS[0].story_pt
    for part, room in zip(("story", "response"), rooms, strict=True):
        for sizes in TWO_SHEETS:
            rows = [row for row in _rows(content, sizes) if row.part == part]
            if rows and used_mm(rows) <= room and sizes.response_pt <= largest:
                largest = sizes.story_pt
                pages.append(rows)
                break
    return pages if len(pages) == 2 else []


def _sheets(
    content: PosterContent, pages: Sequence[Sequence[Row]], title_lines: int
) -> tuple[Sheet, ...]:
    return tuple(
        _sheet(content, rows, n, len(pages), title_lines) for n, rows in enumerate(pages, start=1)
    )


def _sheet(
    content: PosterContent, rows: Sequence[Row], number: int, total: int, title_lines: int
) -> Sheet:
    runs, shapes, top = heading(content, number, total, title_lines)
    foot = footer_top(content, number, total)
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
    more_runs, more_shapes = footer(content, foot, number, total)
    return Sheet(
        runs=tuple(runs + more_runs),
        shapes=tuple(shapes + more_shapes),
        logo_box=logo_box(content),
    )
