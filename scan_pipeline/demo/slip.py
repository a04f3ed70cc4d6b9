"""Contact slips filled in by drawn hands, with the truth kept beside the picture.

Nobody's number: only those that Ofcom keeps for drama, which ring nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaflets.layout import PageLayout
from scan_pipeline.demo.fill import PX_PER_MM
from scan_pipeline.demo.hands import Hand, write, write_in_cells
from scan_pipeline.demo.sheet import Image
from scan_pipeline.demo.ticks import draw_tick

NAMES = (
    "SAM", "ALEX", "JO", "CHRIS", "PRIYA", "MOHAMMED", "ZOE", "GEORGE", "FAITH", "KYLE",
    "BEVERLEY", "QUENTIN", "WAYNE", "YUSUF", "IDRIS", "LUCY", "DAN", "ROBIN", "HUGO", "MARY ANN",
)  # fmt: skip
DRAMA = ("07700900", "01632960", "02079460", "01614960", "01154960")
"""What the invented numbers begin with; three more digits follow, all of them unused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSlip:
    """One slip as somebody means it. `safe_time` and `leave_message` are options of the form."""

    first_name: str
    phone: str
    safe_time: tuple[str, ...] = ()
    leave_message: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledSlip:
    """`image` (height, width) at `PX_PER_MM`; `cells`: what stands in each comb, by field."""

    image: Image
    slip: DemoSlip
    font: str
    cells: dict[str, str]


def invented(rng: np.random.Generator) -> DemoSlip:
    """A slip that nobody wrote."""
    times = tuple(t for t in ("morning", "afternoon", "evening") if rng.random() < 0.5)
    return DemoSlip(
        first_name=str(rng.choice(NAMES)),
        phone=f"{rng.choice(DRAMA)}{int(rng.integers(0, 1000)):03d}",
        safe_time=times,
        leave_message=str(rng.choice(["yes", "no"])),
    )


def fill_slip(
    blank: Image, page: PageLayout, slip: DemoSlip, hand: Hand, rng: np.random.Generator
) -> FilledSlip:
    """Write `slip` on a copy of `blank`, the printed slip at `PX_PER_MM`."""
    image = blank.copy()
    words = {"first_name": slip.first_name, "phone": slip.phone, "safe_time_note": slip.note}
    ticked = {
        "safe_time": slip.safe_time,
        "leave_message": (slip.leave_message,) if slip.leave_message else (),
    }
    cells: dict[str, str] = {}
    for field in page.fields:
        if field.kind == "comb":
            text = words.get(field.name, "")
            cells[field.name] = write_in_cells(image, PX_PER_MM, field, text, hand, rng)
        elif field.kind == "text" and words.get(field.name):
            write(image, PX_PER_MM, field, words[field.name], hand, rng)
        for option in field.options:
            if option.value in ticked.get(field.name, ()):
                draw_tick(image, PX_PER_MM, option.box, "tick", hand.ink, rng)
    return FilledSlip(image=image, slip=slip, font=hand.font, cells=cells)
