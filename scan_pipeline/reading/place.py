"""Which form a picture shows and how it lies, proven by the print itself, or why it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from leaflets.geometry import Rect
from leaflets.layout import PageLayout, SheetLayout
from leaflets.markers import FormCode, decode
from scan_pipeline.page import (
    COARSE_PX_PER_MM,
    PX_PER_MM,
    Anchor,
    BlankPage,
    Grey,
    Placement,
    RegisteredPage,
    Several,
    Unplaced,
)
from scan_pipeline.reading import lens, register, structure

AGREE_FROM = 0.7
AGREE_WITHOUT_CODE = 0.9
WORST_RESIDUAL_MM = 1.0
WORST_BOXES_MM = 0.8
DATA_MATRIX = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix)
INK_ON_BLANK = 0.0006
DARKEST_PAPER = 60
NO_MARKS = (
    "No leaflet marks on this page: it is not one of our forms, or its edges are cut off. If it is "
    "a leaflet, please scan the whole page again."
)
SURVEY_PX_PER_MM = 3
FIRST_REACH_MM, STRAYED_MM = 2.2, 0.5
STILL_STRAYED_MM, STILL_OF_THIS_MM = 2.0, 20.0
LAST_REACH_MM = 0.9
BENT_MM, LOOKS = 0.5, 4
LEAST_BEND_MM, GOES_ON_MM, MOST_BEYOND_MM = 1.0, 20.0, 2.5
"""A bend goes on beyond the last print that was found: over so many millimetres it may double.
Where the rest lies flat it may begin there: that much. So far off a field's corner may be."""
MOST_CUT_MM = 12.0
RULES_SEEN, RULE_GONE = 0.055, 0.2
RULES_SEEN_BILEVEL = 0.9
"""A rule with so small a share of the contrast of the others is not in the picture, where those are
seen at all; in black and white, where rules come and go, nearly all of them have to be."""
RULES_PROVE = 1 / 3
"""Share of a field's rules that has to be found before they prove it: a single one may be chance.
They come and go together: of 78 pages in 19 conditions every field had none, or half and more."""
PART_OF_ANOTHER = 2


class KnownForms(Protocol):
    """The layouts that may be met (see `scan_pipeline.forms.Forms`)."""

    def __iter__(self) -> Iterator[SheetLayout]: ...

    def get(self, template: str, version: str) -> SheetLayout | None: ...

    def blank(self, layout: SheetLayout, page: int, px_per_mm: int) -> Grey: ...


def place(grey: Grey, forms: KnownForms) -> RegisteredPage | BlankPage | Unplaced | Several:
    """Lay the leaflet in the picture flat. Every acceptance has its evidence; no fallback."""
    picture = register.levels(grey)
    found = register.find_markers(picture)
    if not found:
        return _no_marks(grey)
    sheets = register.split(found, [page for layout in forms for page in layout.pages])
    size = picture[0].shape[0], picture[0].shape[1]
    fits = [
        (sheet, *fit) for sheet in sheets if (fit := _first_fit(sheet, forms, size)) is not None
    ]
    if not fits:
        return Unplaced(
            reason=f"Only {len({i for i, _ in found})} of the square marks could be found: the "
            "page may be cut off, covered or not one of our forms. Please scan the whole page "
            "again."
        )
    if len(fits) > 1:
        return Several(
            corners_px=tuple(_corners_px(page, placed) for _, _, page, placed in fits),
            templates=tuple(layout.template for _, layout, _, _ in fits),
        )
    marks, layout, page, placement = fits[0]
    twice = len(found) - len({i for i, _ in found})
    if twice >= PART_OF_ANOTHER or len(_of_others(found, layout, forms)) >= PART_OF_ANOTHER:
        return Unplaced(
            reason="A part of a second leaflet is in this picture: scan them one by one."
        )
    code = read_code(picture, placement, page)
    known = _layout_of(code, layout, page, forms)
    if isinstance(known, Unplaced):
        return known
    if known is not layout:
        layout, page = known, known.page(page.number)
        again = _placed_by_marks(marks, page, size)
        if again is None:
            return Unplaced(reason="The marks do not fit the form that the code names.")
        placement = again
    return _prove(picture, marks, placement, layout, page, code, forms)


def _of_others(
    found: Sequence[tuple[int, NDArray[np.float64]]], layout: SheetLayout, forms: KnownForms
) -> set[int]:
    """The marks that other forms have and this one has not."""
    own = {mark.id for page in layout.pages for mark in page.markers}
    known = {mark.id for form in forms for page in form.pages for mark in page.markers}
    return {number for number, _ in found} & (known - own)


def _corners_px(page: PageLayout, placement: Placement) -> NDArray[np.float64]:
    whole = Rect(x_mm=0.0, y_mm=0.0, w_mm=page.width_mm, h_mm=page.height_mm)
    return register.to_picture(placement, np.array(whole.quad_mm, dtype=np.float64))


def _no_marks(grey: Grey) -> BlankPage | Unplaced:
    small = cv2.resize(grey, (420, 420), interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    if float(np.median(paper)) < DARKEST_PAPER:
        return Unplaced(
            reason="The picture is too dark to see anything on it: please scan the page again, "
            "lighter."
        )
    dark = (paper.astype(np.int16) - small) > 30
    if float(dark[12:-12, 12:-12].mean()) < INK_ON_BLANK:
        return BlankPage(reason="An empty page.")
    return Unplaced(reason=NO_MARKS)


def _first_fit(
    found: list[tuple[int, NDArray[np.float64]]], forms: KnownForms, size_px: tuple[int, int]
) -> tuple[SheetLayout, PageLayout, Placement] | None:
    best: tuple[SheetLayout, PageLayout, Placement] | None = None
    for layout in forms:
        for page in layout.pages:
            placement = _placed_by_marks(found, page, size_px)
            if placement is None:
                continue
            if best is None or placement.markers_found > best[2].markers_found:
                best = layout, page, placement
    return best


def _placed_by_marks(
    found: list[tuple[int, NDArray[np.float64]]], page: PageLayout, size_px: tuple[int, int]
) -> Placement | None:
    """Where the marks say that a page lies: flat, or bent by the lens of a phone."""
    bent = lens.bent_placement(found, page, size_px)
    if bent is not None:
        return bent
    fit = register.fit_markers(found, page)
    if fit is None or fit[2] > WORST_RESIDUAL_MM:
        return None
    return register.flat_placement(fit[0], page, fit[1], fit[2])


def read_code(picture: register.Levels, placement: Placement, page: PageLayout) -> FormCode | None:
    """The form's code from either of its places."""
    for box in page.code_boxes:
        crop = register.cut_out(picture, placement, box.grown(2.0), PX_PER_MM)
        for prepared in (np.asarray, _softened, cv2.pyrUp):
            tried = np.ascontiguousarray(prepared(crop))
            for barcode in zxingcpp.read_barcodes(tried, formats=DATA_MATRIX):
                code = decode(barcode.text)
                if code is not None:
                    return code
    return None


def _softened(crop: Grey) -> Grey:
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), 2.0), np.uint8)


def _layout_of(
    code: FormCode | None, layout: SheetLayout, page: PageLayout, forms: KnownForms
) -> SheetLayout | Unplaced:
    if code is None:
        if any(other.template == layout.template and other is not layout for other in forms):
            return Unplaced(
                reason="The square code cannot be read, and several versions of this form were "
                "printed here, so nobody can tell which this is. Please scan it again, flat."
            )
        return layout
    known = forms.get(code.template, code.version)
    if known is None:
        return Unplaced(
            reason=f"This leaflet is {code.template} version {code.version}, which was not printed "
            "from this workspace: scan it where it was printed, or copy that folder's forms."
        )
    if code.page != page.number:
        return Unplaced(reason="The marks and the code name different sides of the form.")
    return known


def _prove(
    picture: register.Levels,
    found: Sequence[tuple[int, NDArray[np.float64]]],
    placement: Placement,
    layout: SheetLayout,
    page: PageLayout,
    code: FormCode | None,
    forms: KnownForms,
) -> RegisteredPage | Unplaced:
    """Straighten the page by its own print, look again, and accept it only with that evidence."""
    # Where paper is crumpled, one homography does not do for all marks: begin at each of them, so
    # that the print around it is within reach.
    strayed = register.strayed_mm(found, page, placement, register.FARTHEST_MM)
    if _farthest_mm(strayed) > STRAYED_MM:
        placement = structure.correct(placement, structure.marks(strayed), structure.WIDE_MM)
    small_blank = forms.blank(layout, page.number, SURVEY_PX_PER_MM)
    placement = _followed(picture, placement, page, small_blank)
    seen = _surveyed(picture, placement, page, small_blank, LAST_REACH_MM)
    before, placement = placement, structure.correct(placement, seen, structure.NEAR_MM)
    cut = _cut_off_mm(picture[0], placement, page)
    if cut and max(cut.values()) > MOST_CUT_MM:
        return Unplaced(
            reason="A part of the page is not in the picture: please scan the whole page again."
        )
    strayed = register.strayed_mm(found, page, placement, STILL_OF_THIS_MM)
    may_be_off = _may_be_off_mm(page, placement, seen)
    if _farthest_mm(strayed) > STILL_STRAYED_MM or may_be_off > MOST_BEYOND_MM:
        return Unplaced(
            reason="The page is bent, crumpled or covered too much to be sure where everything is: "
            "please flatten it, and scan it, or take the photograph from further away."
        )
    # Ticks are read in the boxes where they are found: looked for again, where it is finer.
    blank = forms.blank(layout, page.number, COARSE_PX_PER_MM)
    flat = register.lay_flat(picture, placement, page, COARSE_PX_PER_MM)
    boxes = structure.survey_boxes(flat, blank, page, LAST_REACH_MM, COARSE_PX_PER_MM)
    others = [a for a in seen if a.kind != "box"]
    anchors = boxes + structure.left_over(others, before, placement)
    good = [a.found and np.hypot(a.dx_mm, a.dy_mm) < WORST_BOXES_MM for a in boxes]
    agreement = float(np.mean(good)) if boxes else float(code is not None)
    if agreement < (AGREE_FROM if code is not None else AGREE_WITHOUT_CODE):
        return Unplaced(
            reason="The marks were found, but the printed boxes are not where they should be: "
            "the page may be folded, covered or blurred. Please flatten it and scan it again."
        )
    bilevel = _is_bilevel(picture[0][::7, ::5])
    return RegisteredPage(
        layout=layout,
        page=page,
        batch=code.batch if code is not None else "",
        coarse=flat,
        blank=blank,
        placement=placement,
        agreement=agreement,
        held_out_mm=register.held_out_mm(found, page),
        proven=_proven(page, anchors),
        cut=_covered(anchors, bilevel=bilevel).union(cut),
        bilevel=bilevel,
        anchors=tuple(anchors),
        flatten=lambda: register.lay_flat(picture, placement, page, PX_PER_MM),
    )


def _is_bilevel(grey: Grey) -> bool:
    return bool(((grey == 0) | (grey == 255)).all())


def _farthest_mm(strayed: Sequence[tuple[tuple[float, float], tuple[float, float]]]) -> float:
    """By how much the mark that strayed most did (see `register.strayed_mm`)."""
    return max((float(np.hypot(*off)) for _, off in strayed), default=0.0)


def _followed(
    picture: register.Levels, placement: Placement, page: PageLayout, small_blank: Grey
) -> Placement:
    """The placement bent as the print shows; where it has to bend, looked at again, as each look
    brings more of the print within reach."""
    most = 0
    for _ in range(LOOKS):
        seen = _surveyed(picture, placement, page, small_blank, FIRST_REACH_MM)
        found = sum(a.found for a in seen)
        if found <= most:
            break
        most, placement = found, structure.correct(placement, seen, structure.WIDE_MM)
        if _bend_mm(placement) <= BENT_MM:
            break
    return placement


def _surveyed(
    picture: register.Levels,
    placement: Placement,
    page: PageLayout,
    small_blank: Grey,
    reach_mm: float,
) -> list[Anchor]:
    """What is seen of the print; on bent paper also the ends of the rules, as the edge needs it."""
    small = register.lay_flat(picture, placement, page, SURVEY_PX_PER_MM)
    seen = structure.survey(small, small_blank, page, reach_mm, SURVEY_PX_PER_MM)
    if _bend_mm(placement) > BENT_MM:
        seen += structure.survey_ends(small, small_blank, page, reach_mm, SURVEY_PX_PER_MM)
    return seen


def _bend_mm(placement: Placement) -> float:
    """How far the paper had to be bent anywhere."""
    return float(np.abs(placement.shift_mm).max())


def _may_be_off_mm(page: PageLayout, placement: Placement, anchors: Sequence[Anchor]) -> float:
    """How far off a corner of a field may be that lies outside of all print that was found."""
    found = np.array([(a.x_mm, a.y_mm) for a in anchors if a.found and a.knows_x], np.float32)
    corners = [corner for field in page.fields for corner in field.box.quad_mm]
    if not corners:
        return 0.0
    if not len(found):
        return float("inf")
    around = cv2.convexHull(found)
    beyond = max(-cv2.pointPolygonTest(around, corner, measureDist=True) for corner in corners)
    return max(_bend_mm(placement), LEAST_BEND_MM) * max(beyond, 0.0) / GOES_ON_MM


def _proven(page: PageLayout, anchors: Sequence[Anchor]) -> frozenset[str]:
    """Fields whose writing rules were found; tick boxes are each proven by their own outline."""
    proven = set()
    for field in page.fields:
        rules = [a.found for a in anchors if a.kind == "rule" and a.name == field.name]
        if not rules or np.mean(rules) >= RULES_PROVE:
            proven.add(field.name)
    return frozenset(proven)


def _covered(anchors: Sequence[Anchor], *, bilevel: bool) -> frozenset[str]:
    """Fields with a stretch of writing rule that is nowhere to be seen, though the page's others
    are: a corner folded over, a note stuck on, or a strip that never came through the scanner.
    What was written there is not in the picture either."""
    fields: dict[str, list[Anchor]] = {}
    for anchor in anchors:
        if anchor.kind == "rule":
            fields.setdefault(anchor.name, []).append(anchor)
    if not fields:
        return frozenset()
    # Each field counts as much as the next: the largest may be covered as a whole.
    seen = np.median([np.median([a.score for a in rules]) for rules in fields.values()])
    found = np.median([np.mean([a.found for a in rules]) for rules in fields.values()])
    if seen < RULES_SEEN or (bilevel and found < RULES_SEEN_BILEVEL):
        return frozenset()
    least = RULE_GONE * float(seen)
    return frozenset(n for n, rules in fields.items() if min(a.score for a in rules) < least)


def _cut_off_mm(grey: Grey, placement: Placement, page: PageLayout) -> dict[str, float]:
    """The fields that reach beyond the picture, and by how many millimetres."""
    if not page.fields:
        return {}
    height, width = grey.shape
    corners = np.array([field.box.quad_mm for field in page.fields], dtype=np.float64)
    px = register.to_picture(placement, corners.reshape(-1, 2)).reshape(corners.shape)
    beyond = np.maximum(-0.5 - px, px - (width - 0.5, height - 0.5)).max(axis=(1, 2))
    beyond_mm = (beyond / register.px_per_mm(placement)).tolist()
    return {f.name: mm for f, mm in zip(page.fields, beyond_mm, strict=True) if mm > 0.0}
