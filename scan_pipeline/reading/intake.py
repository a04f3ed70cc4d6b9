"""From files and folders to page images, whatever the scanner or phone wrote.

A file that cannot be opened is data (`Unplaced`), so that the batch goes on.
"""

from __future__ import annotations

import io
import os
import re
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pdf2image
import pi_heif
from numpy.typing import NDArray
from pdf2image import exceptions as pdf_errors
from PIL import Image, ImageOps, UnidentifiedImageError

from leaflets.errors import MissingProgram
from scan_pipeline.page import OVERLAY_MARK, Grey, PageImage, PageSource, Unplaced
from scan_pipeline.reading.embedded import MAX_PIXELS, POPPLER_SECONDS, embedded_scan, is_partial

SUFFIXES = {".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png", ".heic", ".heif"}
FORMATS = ("JPEG", "PNG", "TIFF", "HEIF", "WEBP", "BMP", "GIF")
"""What Pillow may open here: not those of its formats that start other programs."""
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*")
KEPT_AS_IT_IS = {"JPEG": ".jpg", "PNG": ".png"}
UNREADABLE = (
    *(UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError),
    *(TypeError, LookupError, ArithmeticError, struct.error),
)
"""What Pillow raises for broken files: the first are documented, the others seen or near them."""
LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin"}
"""What Windows and macOS leave in folders, beside what is hidden."""
NOT_THERE = "There is no such file or folder."
NO_FILE = "This is not a file: give a picture, a PDF or a folder of them."
NO_PAGE = "not a picture or PDF"
HIDDEN = "hidden: give it another name if it is a page"
LINKED_FOLDER = "it is a link to another folder: scan that folder itself"
HIDDEN_FOLDER = "its name begins with a dot: rename it, or scan it itself"
OVERLAY = "drawn by --overlay"
MIN_SIDE_PX = 300
DAMAGED_PAGE = "This page of the PDF is damaged: please scan it again."
RENDER_DPI = 300
EDGE_OF_CUT = 0.02

pi_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # our own limit below answers with a sentence, before decoding


@dataclass(frozen=True, slots=True, kw_only=True)
class BadFile:
    """A path that gives no page, with the reason in words. `there`: whether it is a file at all."""

    path: str
    reason: str
    there: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """What is left out in a folder, a file or a folder of them, with the reason in words."""

    path: str
    reason: str


def find_files(paths: Sequence[Path]) -> Iterator[Path | BadFile]:
    """Files in the order given. Folders are walked in name order: what is a picture or PDF
    inside is found whatever its name, and so is what its name says to be one."""
    return (found for found in _walk(paths) if not isinstance(found, PassedOver))


def passed_over(paths: Sequence[Path]) -> list[PassedOver]:
    """What is in folders that `find_files` leaves out, but for what systems leave lying about."""
    return [found for found in _walk(paths) if isinstance(found, PassedOver)]


def _walk(paths: Sequence[Path]) -> Iterator[Path | BadFile | PassedOver]:
    for path in paths:
        try:
            folder, there = path.is_dir(), path.exists()
        except PermissionError:
            yield BadFile(path=str(path), reason="This may not be read: check who owns it.")
            continue
        if folder:
            yield from _inside(path)
        elif there:
            yield path
        else:
            yield BadFile(path=str(path), reason=NOT_THERE, there=False)


def _inside(folder: Path) -> Iterator[Path | BadFile | PassedOver]:
    """The files of a folder and all folders in it; one that may not be read is named."""
    closed: list[str] = []

    def cannot(error: OSError) -> None:
        closed.append(str(error.filename or folder))

    found: list[Path] = []
    left: list[PassedOver] = []
    for where, folders, names in os.walk(folder, onerror=cannot):
        within = [(Path(where) / name, _why_not_entered(Path(where) / name)) for name in folders]
        left += [PassedOver(path=str(path), reason=why) for path, why in within if why]
        folders[:] = [name for name in folders if not _is_litter(name)]
        paths = [Path(where) / name for name in names]
        found += [path for path in paths if not _is_litter(path.name) or _is_hidden_page(path)]
    for path in sorted(found):
        reason = HIDDEN if path.name.startswith(".") else _why_no_page(path)
        yield PassedOver(path=str(path), reason=reason) if reason else path
    yield from sorted(left, key=lambda one: one.path)
    for where in closed:
        yield BadFile(path=where, reason="This folder may not be read: check who owns it.")


def _why_not_entered(folder: Path) -> str:
    """Why pages in a folder inside another are not looked for; "" when they are, or for litter.
    Links may lead round in a circle, or to all of the disk, and so are never followed."""
    if folder.is_symlink():
        return LINKED_FOLDER
    return HIDDEN_FOLDER if folder.name.startswith(".") and _holds_pages(folder) else ""


def _holds_pages(folder: Path) -> bool:
    files = (Path(where) / name for where, _, names in os.walk(folder) for name in names)
    return any(not path.name.startswith("._") and not _why_no_page(path) for path in files)


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.casefold() in LITTER


def _is_hidden_page(path: Path) -> bool:
    """Whether a hidden file seems to be a page all the same; "._" is what macOS puts beside one."""
    name = path.name
    return name.startswith(".") and not name.startswith("._") and not _why_no_page(path)


def _why_no_page(path: Path) -> str:
    """Why a file in a folder is no page, in words; "" when it is one, or should be one."""
    if path.exists() and not path.is_file():
        return NO_PAGE
    try:
        head = _head(path)
    except OSError:
        return ""  # `find_pages` says why it may not be read
    if b"%PDF-" in head:
        return ""
    try:
        with _opened(path) as image:
            return OVERLAY if image.info.get("Software") == OVERLAY_MARK else ""
    except UNREADABLE:
        meant = path.suffix.lower() in SUFFIXES or head.startswith(BEGINNINGS)
        return "" if meant else NO_PAGE


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(1024)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """A picture of one of our `FORMATS`, not decoded yet. Raises one of `UNREADABLE`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(path, formats=FORMATS) as image:
            yield image


def find_pages(path: Path) -> list[PageSource] | BadFile:
    """The page images in one file, without decoding them."""
    try:
        if path.exists() and not path.is_file():  # a pipe may never say anything, nor end
            return BadFile(path=str(path), reason=NO_FILE, there=False)
        head = _head(path)
    except OSError as error:
        return BadFile(path=str(path), reason=f"This file cannot be read: {error.strerror}.")
    if not head:
        return BadFile(path=str(path), reason="This file is empty: please scan the page again.")
    if b"%PDF-" in head:
        return _pdf_pages(path)
    try:
        with _opened(path) as image:
            frames = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    except UNREADABLE:
        return BadFile(
            path=str(path),
            reason="This is not a picture or PDF that can be opened: it may be cut off. "
            "Please scan the page again as PDF, TIFF, JPEG or PNG.",
        )
    return [PageSource(path=str(path), page=n + 1, kind="image") for n in range(frames)]


def _pdf_pages(path: Path) -> list[PageSource] | BadFile:
    try:
        info = pdf2image.pdfinfo_from_path(str(path), timeout=POPPLER_SECONDS)
    except pdf_errors.PDFInfoNotInstalledError as error:
        raise MissingProgram("poppler is needed to open PDF files and is not installed.") from error
    except pdf_errors.PDFPopplerTimeoutError:
        return BadFile(path=str(path), reason="This PDF took too long to open.")
    except (pdf_errors.PDFPageCountError, pdf_errors.PDFSyntaxError, ValueError) as error:
        if "assword" in str(error):
            reason = "This PDF is locked with a password: save it without one and scan it again."
        else:
            reason = "This PDF is damaged or cut off: please scan the pages again."
        return BadFile(path=str(path), reason=reason)
    count = int(info.get("Pages", 0))
    if count < 1:
        return BadFile(path=str(path), reason="This PDF has no pages.")
    return [PageSource(path=str(path), page=n + 1, kind="pdf") for n in range(count)]


def load_page(source: PageSource) -> PageImage | Unplaced:
    """Decode one page to grey, at its own resolution, upright as its file says."""
    try:
        if source.kind == "pdf":
            return _load_pdf(source)
        path = Path(source.path)
        with _opened(path) as probe:
            suffix = KEPT_AS_IT_IS.get(probe.format or "")
        data = path.read_bytes()
        page = _decode(data, frame=source.page - 1)
        if isinstance(page, Unplaced) or suffix is None:
            return page
        return replace(page, data=data, suffix=suffix)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
        return Unplaced(reason="The picture is damaged or cut off: please scan the page again.")


def _decode(
    data: bytes, frame: int = 0, kept: tuple[bytes, str] | None = None
) -> PageImage | Unplaced:
    """`data` of any picture format to a page. `kept`: its original and suffix; a PNG when None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.seek(frame)
            if image.width * image.height > MAX_PIXELS:
                return Unplaced(
                    reason=f"The picture is far too large ({image.width} by {image.height} "
                    "pixels): please scan the page at 300 dpi."
                )
            if min(image.size) < MIN_SIDE_PX:
                return Unplaced(
                    reason=f"The picture is too small to read ({image.width} by {image.height} "
                    "pixels): please scan the page at 300 dpi."
                )
            dpi = _stated_dpi(image)
            if image.mode == "RGB":
                image.draft("L", image.size)  # a JPEG keeps grey apart: its colours can stay packed
            ImageOps.exif_transpose(image, in_place=True)
            upright: Image.Image = image
            if upright.mode in {"RGBA", "LA", "P", "PA"}:
                rgba = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
            if upright.mode.startswith("I") or upright.mode == "F":
                deep = np.asarray(upright, dtype=np.float64)
                grey = (deep * (255.0 / max(float(deep.max()), 1.0))).astype(np.uint8)
            else:
                grey = np.asarray(upright if upright.mode == "L" else upright.convert("L"))
    original, suffix = kept or (as_png(grey), ".png")
    return PageImage(grey=grey, data=original, suffix=suffix, dpi=dpi)


def as_png(grey: Grey) -> bytes:
    """A page image as it is kept."""
    done, png = cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise ValueError("the page could not be kept")
    return png.tobytes()


def cut_apart(grey: Grey, corners_px: NDArray[np.float64]) -> tuple[Grey, tuple[int, int]]:
    """One leaflet of several in a picture, and where its top left pixel lay; what is not of this
    leaflet becomes blank paper. `corners_px`: its four corners."""
    height, width = grey.shape
    grown = _grown(corners_px)
    x0, y0 = np.clip(np.floor(grown.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    x1, y1 = np.clip(np.ceil(grown.max(axis=0)).astype(int) + 1, 1, (width, height))
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillConvexPoly(mask, np.round(grown - (x0, y0)).astype(np.int32), 255)
    part = grey[y0:y1, x0:x1]
    paper = np.uint8(np.percentile(part[mask > 0], 80))
    return np.where(mask > 0, part, paper).astype(np.uint8), (int(x0), int(y0))


def without(
    part: Grey, origin_px: tuple[int, int], others_px: Sequence[NDArray[np.float64]]
) -> tuple[Grey, bool]:
    """A part that `cut_apart` gave, with blank paper wherever a sheet with one of these corners
    lies on it or under it; and whether there was any such place."""
    mask = np.zeros(part.shape, np.uint8)
    for corners_px in others_px:
        cv2.fillConvexPoly(mask, np.round(_grown(corners_px) - origin_px).astype(np.int32), 255)
    if not mask.any():
        return part, False
    paper = np.uint8(np.percentile(part, 80))
    return np.where(mask > 0, paper, part).astype(np.uint8), True


def _grown(corners_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners of a sheet, a little further out: nothing is placed quite exactly."""
    middle = corners_px.mean(axis=0)
    return np.asarray(middle + (corners_px - middle) * (1.0 + EDGE_OF_CUT), np.float64)


def _stated_dpi(image: Image.Image) -> float | None:
    """What the file says; 72 and less is what programs write when they do not know."""
    told = image.info.get("dpi")
    try:
        dpi = float(told[0]) if told else 0.0
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return dpi if dpi > 75 else None


def _load_pdf(source: PageSource) -> PageImage | Unplaced:
    embedded = embedded_scan(source)
    if embedded is not None:
        data = embedded.data
        page = _decode(data, kept=(data, ".jpg") if data[:2] == b"\xff\xd8" else None)
        if isinstance(page, Unplaced):
            return page
        return replace(page, dpi=embedded.dpi, partial=embedded.partial)
    try:
        size = pdf2image.pdfinfo_from_path(
            source.path, first_page=source.page, last_page=source.page
        )
        dpi = _render_dpi(str(size.get(f"Page {source.page:4d} size", size.get("Page size", ""))))
        try:
            images, partial = _rendered(source, dpi, strict=True), is_partial(source)
        except pdf_errors.PDFSyntaxError:
            images, partial = _rendered(source, dpi, strict=False), True
    except (pdf_errors.PDFPageCountError, pdf_errors.PDFPopplerTimeoutError):
        images = []
    if not images:
        return Unplaced(reason=DAMAGED_PAGE)
    buffer = io.BytesIO()
    images[0].save(buffer, "PNG", compress_level=1)
    page = _decode(buffer.getvalue())
    return page if isinstance(page, Unplaced) else replace(page, dpi=float(dpi), partial=partial)


def _rendered(source: PageSource, dpi: int, *, strict: bool) -> list[Image.Image]:
    """One page of a PDF, if it can be drawn. `strict`: raise `PDFSyntaxError` where poppler found
    a fault, as it leaves white what it cannot decode."""
    return pdf2image.convert_from_path(
        source.path,
        dpi=dpi,
        first_page=source.page,
        last_page=source.page,
        grayscale=True,
        strict=strict,
        timeout=POPPLER_SECONDS,
    )


def _render_dpi(page_size: str) -> int:
    """300 dpi, or less for a page so large that it would not fit in memory."""
    found = re.match(r"([\d.]+) x ([\d.]+)", page_size)
    if not found:
        return RENDER_DPI
    area_inch = float(found[1]) * float(found[2]) / 72.0**2
    return max(20, min(RENDER_DPI, int((MAX_PIXELS / 2 / max(area_inch, 1.0)) ** 0.5)))
