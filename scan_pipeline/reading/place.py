"""Which form a picture shows and how it lies, proven by the print itself, or why it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from leaflets.layout import PageLayout, SheetLayout
from leaflets.markers import FormCode, decode
from scan_pipeline.page import PX_PER_MM, BlankPage, Grey, Placement, RegisteredPage, Unplaced
from scan_pipeline.reading import register, structure

AGREE_FROM = 0.7
AGREE_WITHOUT_CODE = 0.9
WORST_RESIDUAL_MM = 1.0
DATA_MATRIX = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix)
INK_ON_BLANK = 0.0006
FIRST_REACH_MM = 2.2
LAST_REACH_MM = 0.9
SHIFT_WORTH_MM = 0.06


class KnownForms(Protocol):
    """The layouts that may be met (see `scan_pipeline.forms.Forms`)."""

    def __iter__(self) -> Iterator[SheetLayout]: ...

    def get(self, template: str, version: str) -> SheetLayout | None: ...

    def blank(self, layout: SheetLayout, page: int) -> Grey: ...


def place(grey: Grey, forms: KnownForms) -> RegisteredPage | BlankPage | Unplaced:
    """Lay the leaflet in the picture flat. Every acceptance has its evidence; no fallback."""
    found = register.find_markers(grey)
    ids = [i for i, _ in found]
    if not found:
        return _no_marks(grey)
    fitted = _first_fit(found, forms)
    if fitted is None:
        if any(ids.count(i) > 1 for i in ids):
            return Unplaced(reason="There are two leaflets in this picture: scan them one by one.")
        return Unplaced(
            reason=f"Only {len(set(ids))} of the square marks could be found: the page may be cut "
            "off, covered or not one of our forms. Please scan the whole page again."
        )
    layout, page, placement = fitted
    if len(ids) - len(set(ids)) >= 2:
        return Unplaced(reason="There are two leaflets in this picture: scan them one by one.")
    flat = register.lay_flat(grey, placement, page)
    code = read_code(flat, page)
    known = _layout_of(code, layout, page, forms)
    if isinstance(known, Unplaced):
        return known
    if known is not layout:
        layout, page = known, known.page(page.number)
        again = register.fit_markers(found, page)
        if again is None:
            return Unplaced(reason="The marks do not fit the form that the code names.")
        placement = register.flat_placement(again[0], page, again[1], again[2])
        flat = register.lay_flat(grey, placement, page)
    return _prove(grey, flat, placement, layout, page, code, forms)


def _no_marks(grey: Grey) -> BlankPage | Unplaced:
    small = cv2.resize(grey, (420, 420), interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    dark = (paper.astype(np.int16) - small) > 30
    if float(dark[12:-12, 12:-12].mean()) < INK_ON_BLANK:
        return BlankPage(reason="An empty page.")
    return Unplaced(
        reason="No leaflet marks on this page: it is not one of our forms, or its edges are cut "
        "off. If it is a leaflet, please scan the whole page again."
    )


def _first_fit(
    found: list[tuple[int, NDArray[np.float64]]], forms: KnownForms
) -> tuple[SheetLayout, PageLayout, Placement] | None:
    best: tuple[SheetLayout, PageLayout, Placement] | None = None
    for layout in forms:
        for page in layout.pages:
            fit = register.fit_markers(found, page)
            if fit is None or fit[2] > WORST_RESIDUAL_MM:
                continue
            if best is None or fit[1] > best[2].markers_found:
                best = layout, page, register.flat_placement(fit[0], page, fit[1], fit[2])
    return best


def read_code(flat: Grey, page: PageLayout) -> FormCode | None:
    """The form's code from either of its places, on a page that lies nearly flat."""
    for box in page.code_boxes:
        area = box.grown(2.0)
        y0, y1 = max(0, round(area.y_mm * PX_PER_MM)), round(area.bottom_mm * PX_PER_MM)
        x0, x1 = max(0, round(area.x_mm * PX_PER_MM)), round(area.right_mm * PX_PER_MM)
        crop = flat[y0:y1, x0:x1]
        for picture in (crop, cv2.GaussianBlur(crop, (0, 0), 2.0), cv2.pyrUp(crop)):
            for barcode in zxingcpp.read_barcodes(
                np.ascontiguousarray(picture), formats=DATA_MATRIX
            ):
                code = decode(barcode.text)
                if code is not None:
                    return code
    return None


def _layout_of(
    code: FormCode | None, layout: SheetLayout, page: PageLayout, forms: KnownForms
) -> SheetLayout | Unplaced:
    if code is None:
        return layout
    known = forms.get(code.template, code.version)
    if known is None:
        return Unplaced(
            reason=f"This leaflet is {code.template} version {code.version}, which was not printed "
            "from this workspace: scan it where it was printed, or copy that folder'''s forms."
        )
    if code.page != page.number:
        return Unplaced(reason="The marks and the code name different sides of the form.")
    return known


def _prove(
    grey: Grey,
    flat: Grey,
    placement: Placement,
    layout: SheetLayout,
    page: PageLayout,
    code: FormCode | None,
    forms: KnownForms,
) -> RegisteredPage | Unplaced:
    placement = structure.correct(placement, structure.survey(flat, page, FIRST_REACH_MM), ())
    if float(np.abs(placement.shift_mm).max()) > SHIFT_WORTH_MM:
        flat = register.lay_flat(grey, placement, page)
    anchors = structure.survey(flat, page, LAST_REACH_MM)
    if not _all_there(grey, placement, page):
        return Unplaced(
            reason="A part of the page is not in the picture: please scan the whole page again."
        )
    boxes = [a for a in anchors if a.name]
    agreement = float(np.mean([a.found for a in boxes])) if boxes else float(code is not None)
    if agreement < (AGREE_FROM if code is not None else AGREE_WITHOUT_CODE):
        return Unplaced(
            reason="The marks were found, but the printed boxes are not where they should be: "
            "the page may be folded, covered or blurred. Please flatten it and scan it again."
        )
    return RegisteredPage(
        layout=layout,
        page=page,
        batch=code.batch if code is not None else "",
        grey=flat,
        blank=forms.blank(layout, page.number),
        placement=placement,
        agreement=agreement,
        bilevel=bool(np.isin(grey[::7, ::5], (0, 255)).all()),
        anchors=tuple(anchors),
    )


def _all_there(grey: Grey, placement: Placement, page: PageLayout) -> bool:
    """Whether every field lies inside the picture."""
    corners = [corner for field in page.fields for corner in field.box.quad_mm]
    if not corners:
        return True
    px = register.to_picture(placement, np.array(corners, dtype=np.float64))
    height, width = grey.shape
    return bool((px >= -0.5).all() and (px <= (width - 0.5, height - 0.5)).all())
