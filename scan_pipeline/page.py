"""Records of pages on their way from file to reading. Records only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leaflets.layout import PageLayout, SheetLayout

Grey = NDArray[np.uint8]
"""Shape (height, width), 0 is ink, 255 is paper."""

PX_PER_MM = 12
"""Resolution of a registered page (304.8 dpi): whole pixels for whole millimetres."""

COARSE_PX_PER_MM = 6
"""Enough to place a page and to see ticks, at a quarter of the work."""

OVERLAY_MARK = "leaflets scan --overlay"
"""What overlays say of themselves inside (PNG's "Software"), so that none is read as a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSource:
    """Where one page image is found: the `page`-th (from 1) of `path`."""

    path: str
    page: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageImage:
    """One decoded page. `data` and `suffix` are what is kept as the original.

    `dpi` is what the file itself says of its resolution, if anything. `partial`: some of it may be
    white only because that part of the file could not be decoded.
    """

    grey: Grey
    data: bytes
    suffix: str
    dpi: float | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplaced:
    """A page that is refused, with the reason in words for a volunteer."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlankPage:
    """A page with nothing written on it."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """More than one leaflet in one picture: the corners (4, 2) of each in pixels, the top left of
    the printed page first, and of which form each is."""

    corners_px: tuple[NDArray[np.float64], ...]
    templates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """How the printed page lies in the picture.

    `px_from_mm`: 3x3 homography from printed millimetres to picture pixels.
    `shift_mm`: (rows, columns, 2) local displacement (dx, dy) in millimetres at the nodes of a
    grid of `grid_mm`: paper is never quite flat. Add it to a printed point before `px_from_mm`.
    """

    px_from_mm: NDArray[np.float64]
    shift_mm: NDArray[np.float32]
    grid_mm: float
    markers_found: int
    residual_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A printed detail: displaced by (dx, dy) millimetres from where it should be.

    `name`: "field/option" of a tick box, the field of a writing rule. `knows_x`: a horizontal
    rule says nothing about x. `score`: 0 not there, 1 exactly alike.
    """

    kind: Literal["box", "rule", "print"]
    name: str
    x_mm: float
    y_mm: float
    dx_mm: float
    dy_mm: float
    knows_x: bool
    score: float
    found: bool


@dataclass(frozen=True, kw_only=True)
class RegisteredPage:
    """A page laid flat. `coarse` has `COARSE_PX_PER_MM`, evenly lit, paper at 255; so has
    `blank`, the printed form without ink, in the same frame.

    `agreement`: share of the form's tick boxes that were found where they should be.
    `held_out_mm`: how far the marks lie from where the others alone say they are (median).
    `anchors`: what is left of each printed detail's displacement.
    `proven`: the fields whose own printed lines were found where they should be; `cut`: those that
    are not whole in the picture, as they reach beyond its edge or something covers them.
    `bilevel`: the picture was pure black and white, so that faint pencil may be lost from it.
    """

    layout: SheetLayout
    page: PageLayout
    batch: str
    coarse: Grey
    blank: Grey
    placement: Placement
    agreement: float
    held_out_mm: float
    proven: frozenset[str]
    cut: frozenset[str]
    bilevel: bool
    anchors: tuple[Anchor, ...]
    flatten: Callable[[], Grey]

    @cached_property
    def grey(self) -> Grey:
        """The page at `PX_PER_MM`, evenly lit. Only writing needs it, so it is made when asked."""
        return self.flatten()
