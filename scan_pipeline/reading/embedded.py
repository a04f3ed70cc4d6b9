"""The scan inside a page of a PDF, as the scanner wrote it: nothing is rendered."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pikepdf
from PIL import ImageMode

from leaflets.errors import MissingProgram
from scan_pipeline.page import PageSource

MAX_PIXELS = 150_000_000
POPPLER_SECONDS = 60
JPEG = b"\xff\xd8"
COMPLAINT = b"Syntax Error"
PDF_FAULTS = (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError)
PAINTING = {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh"}
SAYING = {"Tj", "TJ", "'", '"'}
UNSEEN_WORDS = {3, 7}
"""How text is rendered (PDF 32000-1, table 106): neither filled nor stroked."""
UNDRAWN_NOTES = {"/Link", "/Popup"}
FORMS_DEEP = 4
PACKED = {"/FlateDecode", "/LZWDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode"}
JPEG_END, JPEG_END_BYTES = b"\xff\xd9", 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """`data`: a JPEG or a PNG. `partial`: some of it may be white as it could not be decoded."""

    data: bytes
    dpi: float
    partial: bool


def embedded_scan(source: PageSource) -> Embedded | None:
    """The scan inside a PDF page, when the page is one picture. A JPEG comes as it is, other
    pictures as PNG.

    Raises `ValueError` where a PDF takes too long to open, `MissingProgram` without poppler.
    """
    rows = _pictures_on(source)
    if len(rows) != 1 or len(rows[0]) < 14 or rows[0][2] != "image":
        return None
    row = rows[0]
    width, height, encoding = int(row[3]), int(row[4]), row[8]
    if width * height > MAX_PIXELS or not _fills_page(source, row):
        return None
    plain_jpeg = encoding == "jpeg" and row[5] in {"gray", "rgb", "icc"}
    try:
        with pikepdf.open(source.path) as pdf:
            if _is_drawn_on(pdf.pages[source.page - 1].obj):
                return None
            picture = _stream(pdf, row[10:12])
            plain_jpeg = plain_jpeg and (picture is None or not _is_recoded(picture))
            data = picture.read_raw_bytes() if plain_jpeg and picture is not None else b""
            partial = not plain_jpeg and picture is not None and _ends_early(picture)
    except (*PDF_FAULTS, AttributeError, LookupError):
        return None  # nobody can tell what is on it
    if not data.startswith(JPEG):  # also one that is packed once more
        data, complained = _extracted(source, "-j" if plain_jpeg else "-png")
        partial = partial or complained
    return Embedded(data=data, dpi=float(row[12]), partial=partial) if data else None


def is_partial(source: PageSource) -> bool:
    """Whether a picture on a page of a PDF ends too early, where that can be told from its bytes.
    Poppler draws the rest white, and does not always complain."""
    rows = [row for row in _pictures_on(source) if len(row) >= 14]
    try:
        with pikepdf.open(source.path) as pdf:
            found = [_stream(pdf, row[10:12]) for row in rows]
            return any(_ends_early(one) for one in found if one is not None)
    except (*PDF_FAULTS, AttributeError, LookupError):
        return True


def _ends_early(picture: pikepdf.Stream) -> bool:
    image = pikepdf.PdfImage(picture)
    raw = picture.read_raw_bytes()
    if image.filters == ["/DCTDecode"]:
        return JPEG_END not in raw[-JPEG_END_BYTES:]
    if image.filters == ["/CCITTFaxDecode"]:
        return 8 * len(raw) < image.height  # even an empty row takes a bit (T.6, 2.2.5: V0)
    if not raw:
        return True
    if image.width * image.height > MAX_PIXELS or not PACKED.issuperset(image.filters):
        return False
    try:
        colours = (
            1 if image.indexed or image.image_mask else len(ImageMode.getmode(image.mode).bands)
        )
    except (NotImplementedError, KeyError):
        return False  # colours that nobody can count
    row = -(-image.width * colours * image.bits_per_component // 8)
    return len(picture.read_bytes(pikepdf.StreamDecodeLevel.all)) < row * image.height


def _is_drawn_on(page: pikepdf.Object) -> bool:
    """Whether anything may show on a page besides its picture: ticks made on a tablet, a stamp, a
    patch over an answer. Words that a scanner's software puts there unseen do not count, nor does
    what was drawn before the picture, which covers it. Such a page has to be rendered.
    """
    notes = page.get("/Annots", pikepdf.Array())
    if any(str(note.get("/Subtype")) not in UNDRAWN_NOTES for note in notes.as_list()):
        return True
    return _paints(page, page.get("/Resources", pikepdf.Dictionary()), FORMS_DEEP)


def _paints(drawn: pikepdf.Object, resources: pikepdf.Object, deep: int) -> bool:
    """Whether a page or a form on it paints anything once a picture or another form was put on
    it."""
    seen, unseen_words = False, False
    for instruction in pikepdf.parse_content_stream(drawn):
        operands, name = instruction.operands, str(instruction.operator)
        if name == "Do":
            form = resources.XObject[str(operands[0])]
            if form.Subtype == "/Form":
                inner = form.get("/Resources", resources)
                if seen or not deep or _paints(form, inner, deep - 1):
                    return True
            seen = True
        elif name == "Tr":
            unseen_words = int(operands[0]) in UNSEEN_WORDS
        elif name in PAINTING or (name in SAYING and not unseen_words):
            if seen:
                return True
        elif name == "INLINE IMAGE":
            seen = True
    return False


def _stream(pdf: pikepdf.Pdf, number: tuple[str, ...]) -> pikepdf.Stream | None:
    """An object of a PDF by its number and generation, if it can be had: a tenth of the time that a
    program takes to start and to find the page."""
    try:
        found = pdf.get_object(int(number[0]), int(number[1]))
    except PDF_FAULTS:
        return None
    return found if isinstance(found, pikepdf.Stream) else None


def _is_recoded(picture: pikepdf.Stream) -> bool:
    """Whether a PDF shows a picture in other tones than it has, such as white for black."""
    ends = [float(end) for end in picture.get("/Decode", pikepdf.Array()).as_list()]
    return ends != [0.0, 1.0] * (len(ends) // 2)


def _extracted(source: PageSource, flag: str) -> tuple[bytes, bool]:
    """The one picture of a page, empty if there are several; and whether poppler complained, as it
    leaves white what it cannot decode."""
    page = ["-f", str(source.page), "-l", str(source.page)]
    with tempfile.TemporaryDirectory(prefix="leaflets-") as folder:
        done = _poppler(["pdfimages", flag, *page, source.path, f"{folder}/page"])
        files = sorted(Path(folder).iterdir())
        return files[0].read_bytes() if len(files) == 1 else b"", COMPLAINT in done.stderr


def _pictures_on(source: PageSource) -> list[tuple[str, ...]]:
    """Every picture on a page of a PDF, as `_pictures` has it."""
    stamp = Path(source.path).stat().st_mtime_ns
    return [row for row in _pictures(source.path, stamp) if row[:1] == (str(source.page),)]


@lru_cache(maxsize=4)
def _pictures(path: str, stamp: int) -> tuple[tuple[str, ...], ...]:
    """Every picture in a PDF, as `pdfimages -list` has it: asked once for all its pages.

    `stamp`: when the file was last changed."""
    listing = _poppler(["pdfimages", "-list", path]).stdout.decode("utf-8", "replace")
    return tuple(tuple(line.split()) for line in listing.splitlines()[2:])


@lru_cache(maxsize=4)
def _sizes(path: str, stamp: int) -> dict[int, str]:
    """The size of every page of a PDF, as `pdfinfo` has it, by number."""
    told = _poppler(["pdfinfo", "-l", "-1", path]).stdout.decode("utf-8", "replace")
    found = re.findall(r"^Page\s+(\d+) size:\s*(.*)$", told, re.MULTILINE)
    return {int(number): size for number, size in found}


def _fills_page(source: PageSource, row: tuple[str, ...]) -> bool:
    sizes = _sizes(source.path, Path(source.path).stat().st_mtime_ns)
    found = re.match(r"([\d.]+) x ([\d.]+)", sizes.get(source.page, ""))
    try:
        shown = (int(row[3]) / float(row[12]) * 72, int(row[4]) / float(row[13]) * 72)
    except (ValueError, ZeroDivisionError):
        return False
    if not found:
        return False
    page = sorted((float(found[1]), float(found[2])))
    return all(got > 0.9 * want for got, want in zip(sorted(shown), page, strict=True))


def _poppler(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(command, capture_output=True, timeout=POPPLER_SECONDS, check=False)
    except FileNotFoundError as error:
        raise MissingProgram("poppler is needed to open PDF files and is not installed.") from error
    except subprocess.TimeoutExpired as error:
        raise ValueError("the PDF took too long to open") from error
