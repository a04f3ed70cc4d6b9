"""The one agreement between printer and reader: fiducials and the form code.

The form code says which form, side, version and batch a page is: never who wrote it, and never
a serial number. All copies of a print are identical, so a photocopy is as good as the original.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

MARKER_MM = 8.0
MARKER_QUIET_MM = 1.6
MARKER_CELLS = 6
"""A 4x4 ArUco pattern and its black border, one cell on every side."""

CODE_MODULES = 18
MODULE_MM = 0.6
CODE_MM = CODE_MODULES * MODULE_MM
CODE_QUIET_MM = 1.2

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so nothing is misread aloud or from a worn copy."""

_PATTERN = re.compile(r"([A-Z]{1,7})([1-9])-([0-9A-Z]{4})-([0-9A-Z]{4})-([0-9A-Z*])", re.ASCII)
_CHECK_PRIME = 37
_CHECK_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCode:
    """What a form code says. `version` and `batch` have four characters each."""

    template: str
    page: int
    version: str
    batch: str


def marker_bits(marker_id: int) -> NDArray[np.bool_]:
    """The cells of a fiducial with its black border: shape (6, 6), True is black.

    >>> marker_bits(0)[0].all()
    np.True_
    """
    dictionary = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
    picture = cv2.aruco.generateImageMarker(dictionary, marker_id, MARKER_CELLS)
    return np.asarray(picture) < 128


def encode(code: FormCode) -> str:
    """The text of a form code, with its check character.

    >>> encode(FormCode(template="story", page=1, version="7K3Q", batch="2611"))
    'STORY1-7K3Q-2611-A'
    """
    body = f"{code.template.upper()}{code.page}-{code.version}-{code.batch}"
    text = f"{body}-{_check_character(body)}"
    if decode(text) is None:
        raise ValueError(f"not a form code: {body!r}")
    return text


def decode(text: str) -> FormCode | None:
    """What `text` says, or None when it is not a form code or its check character is wrong."""
    match = _PATTERN.fullmatch(text)
    if match is None or _check_character(text[:-2]) != match[5]:
        return None
    return FormCode(template=match[1].lower(), page=int(match[2]), version=match[3], batch=match[4])


def _check_character(body: str) -> str:
    """A weighted sum modulo a prime: any one changed letter, and any swap of two, is noticed."""
    digits = [_CHECK_LETTERS.index(c) for c in body if c in _CHECK_LETTERS]
    total = sum((place + 2) * digit for place, digit in enumerate(digits)) % _CHECK_PRIME
    return _CHECK_LETTERS[total]


def code_modules(text: str) -> NDArray[np.bool_]:
    """The DataMatrix of `text` without quiet zone: shape (18, 18), True is black."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    picture = zxingcpp.write_barcode_to_image(barcode, scale=1, add_quiet_zones=False)
    return np.asarray(picture) < 128


def version_of(digest: bytes) -> str:
    """Four characters that stand for a digest (20 bits of it).

    >>> version_of(bytes([255, 255, 255]))
    'ZZZZ'
    """
    number = int.from_bytes(digest[:3], "big") >> 4
    return "".join(ALPHABET[(number >> shift) & 31] for shift in (15, 10, 5, 0))
