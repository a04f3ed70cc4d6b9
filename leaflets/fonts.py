"""The printed face: Atkinson Hyperlegible, made for low vision. Measured and embedded."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from leaflets.geometry import pt_to_mm

REGULAR = "AtkinsonHyperlegible-Regular"
BOLD = "AtkinsonHyperlegible-Bold"
_FOLDER = Path(str(files("fontpkg_atkinson_hyperlegible") / "files"))


@cache
def register_fonts() -> None:
    """Make both weights known to ReportLab; free to call often."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(_FOLDER / f"{name}.ttf")))


def text_width_mm(text: str, size_pt: float, bold: bool = False) -> float:
    """Advance width of one line of `text`, in millimetres."""
    register_fonts()
    return pt_to_mm(pdfmetrics.stringWidth(text, BOLD if bold else REGULAR, size_pt))


def missing_letters(text: str) -> str:
    """The characters of `text`, once each, that the printed face does not have.

    >>> missing_letters("Café Ω, café Ω")
    'Ω'
    """
    register_fonts()
    faces = [pdfmetrics.getFont(name).face.charToGlyph for name in (REGULAR, BOLD)]
    return "".join(dict.fromkeys(c for c in text if not all(ord(c) in face for face in faces)))


def font_path(*, bold: bool = False) -> Path:
    """The font file itself, for pictures and web pages."""
    return _FOLDER / f"{BOLD if bold else REGULAR}.ttf"
