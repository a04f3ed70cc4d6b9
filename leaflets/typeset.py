"""Words to lines: what the printed face can show, and where lines break."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from reportlab.pdfbase import pdfmetrics

from leaflets.fonts import BOLD, REGULAR, register_fonts, text_width_mm

MISSING = "[?]"
MOST_LETTERS = 1000
"""More than any line holds."""
_VARIATION = range(0xFE00, 0xFE10)
_SKIN_TONES = range(0x1F3FB, 0x1F400)


@cache
def _glyphs() -> frozenset[int]:
    """Code points that both weights can show."""
    register_fonts()
    faces = (pdfmetrics.getFont(name).face for name in (REGULAR, BOLD))
    return frozenset.intersection(*(frozenset(face.charToGlyph) for face in faces))


@lru_cache(maxsize=32)  # a poster asks again for every size and split that it tries
def printable(text: str) -> str:
    """`text` as it can be printed: never a black box, and nothing left out in silence.

    A picture becomes its name in brackets, such as "[slightly smiling face]"; a letter that the
    face does not have becomes "[?]" (`missing_letters` names those beforehand).
    """
    return "".join(_shown(char) for char in unicodedata.normalize("NFC", text))


def missing_letters(text: str) -> str:
    """The letters of `text` that cannot be printed, each once."""
    chars = unicodedata.normalize("NFC", text)
    return "".join(dict.fromkeys(c for c in chars if _shown(c) == MISSING))


def pictures(text: str) -> dict[str, str]:
    """The pictures in `text`, each with the words that are printed in its place.

    >>> pictures("Thank you 🙂")
    {'🙂': '[slightly smiling face]'}
    """
    shown = {char: _shown(char) for char in unicodedata.normalize("NFC", text)}
    return {c: said for c, said in shown.items() if len(said) > len(MISSING) and said[0] == "["}


def _shown(char: str) -> str:
    if char.isspace():
        return char if char == "\n" else " "
    if ord(char) in _glyphs():
        return char
    kind = unicodedata.category(char)
    if kind in {"Cf", "Cc"} or ord(char) in _VARIATION or ord(char) in _SKIN_TONES:
        return ""
    plain = unicodedata.normalize("NFKC", char)
    if plain != char and all(ord(c) in _glyphs() or c == " " for c in plain):
        return plain
    name = unicodedata.name(char, "").lower()
    return f"[{name}]" if kind[0] in "SP" and name else MISSING


def paragraphs(text: str, *, keep_lines: bool = False) -> list[str]:
    """`text` in paragraphs with single spaces. A single line break ends one only with
    `keep_lines`: in a story it is merely where the writing line ended."""
    parts = text.replace("\r\n", "\n").split("\n" if keep_lines else "\n\n")
    return [" ".join(part.split()) for part in parts if part.strip()]


def wrap(
    text: str, size_pt: float, width_mm: float, *, bold: bool = False, indent_mm: float = 0.0
) -> list[str]:
    """`text` in lines of at most `width_mm`; the first is shorter by `indent_mm`.

    A word is broken, with a hyphen that shows it, only when no line could hold it.
    """
    space = _width(" ", size_pt, bold)
    lines: list[str] = []
    line: list[str] = []
    used, room = 0.0, width_mm - indent_mm
    for word in text.split():
        wide = _width(word, size_pt, bold)
        if (line and used + space + wide <= room) or (not line and wide <= room):
            used += wide + (space if line else 0.0)
            line.append(word)
            continue
        if line or room < width_mm:
            lines.append(" ".join(line))
        room = width_mm
        *whole, word = _broken(word, size_pt, width_mm, bold)
        lines.extend(whole)
        line, used = [word], _width(word, size_pt, bold)
    return [*lines, " ".join(line)] if line or not lines else lines


@lru_cache(maxsize=4096)
def _unit_width(text: str, bold: bool) -> float:
    return text_width_mm(text, 1.0, bold)


def _width(text: str, size_pt: float, bold: bool) -> float:
    """As `text_width_mm`; a face is as much wider as it is larger, so a word is measured once."""
    return _unit_width(text, bold) * size_pt


def _broken(word: str, size_pt: float, width_mm: float, bold: bool) -> list[str]:
    """A word in pieces that fit, each but the last with a hyphen; mostly one piece."""
    pieces = []
    # Only the next letters are measured: of a word without end that would take time without end.
    while len(word) > 1 and _width(word[:MOST_LETTERS], size_pt, bold) > width_mm:
        used, take = _width("-", size_pt, bold) + _width(word[0], size_pt, bold), 1
        while used + _width(word[take], size_pt, bold) <= width_mm:
            used += _width(word[take], size_pt, bold)
            take += 1
        pieces.append(word[:take] + "-")
        word = word[take:]
    return [*pieces, word]


def balanced(text: str, size_pt: float, width_mm: float, *, bold: bool = False) -> list[str]:
    """As `wrap`, with lines of about the same length: for headings."""
    lines = wrap(text, size_pt, width_mm, bold=bold)
    widest = max((text_width_mm(word, size_pt, bold) for word in text.split()), default=0.0)
    low, high = min(widest, width_mm), width_mm
    while high - low > 1.0:
        middle = (low + high) / 2
        if len(wrap(text, size_pt, middle, bold=bold)) > len(lines):
            low = middle
        else:
            high = middle
    return wrap(text, size_pt, high, bold=bold)
