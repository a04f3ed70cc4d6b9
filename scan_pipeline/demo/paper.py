"""The paper simulator: named conditions, and what they do to a page.

>>> import numpy as np
>>> page = np.full((2100, 2970), 255, np.uint8)
>>> sheet = distort(page, 10.0, CONDITIONS["skew"], seed=1)
>>> sheet.to_px(np.array([[148.5, 105.0]])).round(1).tolist()
[[1484.5, 1049.5]]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import numpy as np

from leaflets.layout import PageLayout
from scan_pipeline.demo import tones, warps
from scan_pipeline.demo.camera import photographed, wide_angle
from scan_pipeline.demo.sheet import Image, Sheet, fresh
from scan_pipeline.demo.warps import Effect

Kind = Literal["clean", "scan", "hard", "photo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What happens to a page on its way from the printer to the file, in order.

    `kind` groups conditions in reports: a good scan, any scan, damaged paper, a phone photo.
    `form`: what happened to the blank form before anybody wrote on it (moves nothing);
    `effects`: what happened to it afterwards.
    """

    name: str
    kind: Kind
    says: str
    effects: tuple[Effect, ...]
    form: tuple[Effect, ...] = ()


def handed_out(
    blank: Image, px_per_mm: float, condition: Condition, seed: int | Sequence[int]
) -> Image:
    """The printed side as it reaches people: photocopied, say, or nearly out of toner."""
    seeds = [seed] if isinstance(seed, int) else list(seed)
    rng = np.random.default_rng([crc32(b"form"), crc32(condition.name.encode()), *seeds])
    sheet = fresh(blank, px_per_mm)
    for effect in condition.form:
        sheet = effect(sheet, rng)
    return sheet.image


def distort(
    image: Image,
    px_per_mm: float,
    condition: Condition,
    seed: int | Sequence[int],
    *,
    layout: PageLayout | None = None,
) -> Sheet:
    """Put a written page (uint8, grey or RGB, `px_per_mm`) through the `effects` of `condition`.

    The same seed gives the same picture. `layout` tells effects where the fiducials are.
    """
    seeds = [seed] if isinstance(seed, int) else list(seed)
    rng = np.random.default_rng([crc32(condition.name.encode()), *seeds])
    fiducials = () if layout is None else tuple(m.box for m in layout.markers)
    sheet = fresh(image, px_per_mm, fiducials)
    for effect in condition.effects:
        sheet = effect(sheet, rng)
    return sheet


_SCANNER: tuple[Effect, ...] = (
    tones.contrasted((5, 45), (238, 253)),
    tones.blurred(0.02, 0.06),
    tones.noisy(1.0, 4.0),
    tones.jpeg(75, 95),
)
_SKEW = warps.rotated(3.0)
_COPIER = warps.resized(0.98, 1.02, canvas=True)
_PHONE: tuple[Effect, ...] = (
    tones.blurred(0.03, 0.09),
    tones.noisy(2.0, 7.0),
    tones.jpeg(70, 92),
)


def _scan(
    name: str, says: str, *effects: Effect, kind: Kind = "scan", form: tuple[Effect, ...] = ()
) -> Condition:
    return Condition(name=name, kind=kind, says=says, effects=(*effects, *_SCANNER), form=form)


def _photo(name: str, says: str, *effects: Effect) -> Condition:
    return Condition(name=name, kind="photo", says=says, effects=(*effects, *_PHONE))


_ALL = (
    _scan("flat", "a good scan, straight", warps.rotated(0.3), kind="clean"),
    _scan("skew", "up to 3 degrees askew", _SKEW, kind="clean"),
    _scan("turned", "any quarter turn", _SKEW, warps.quarter_turned(), kind="clean"),
    _scan("upside-down", "fed the wrong way round", _SKEW, warps.quarter_turned(2), kind="clean"),
    _scan("tilted-10", "up to 10 degrees askew", warps.rotated(10.0, whole=True)),
    _scan("any-angle", "thrown on the glass", warps.rotated(180.0, whole=True)),
    _scan("scaled", "printed at 85 to 115 %", warps.resized(0.85, 1.15), _SKEW),
    _scan("print-94", "printed at 94 % on the same paper", warps.resized(0.94, 0.94, canvas=True)),
    _scan("dpi-100", "100 dpi", _SKEW, warps.at_dpi(100)),
    _scan("dpi-150", "150 dpi", _SKEW, warps.at_dpi(150)),
    _scan("dpi-200", "200 dpi", _SKEW, warps.at_dpi(200)),
    _scan("dpi-600", "600 dpi", _SKEW, warps.at_dpi(600)),
    Condition(
        name="one-bit",
        kind="scan",
        says="black and white at 200 dpi",
        effects=(_SKEW, warps.at_dpi(200), tones.blurred(0.03, 0.07), tones.one_bit()),
    ),
    Condition(
        name="dithered",
        kind="scan",
        says="dithered black and white, 200 or 300 dpi",
        effects=(_SKEW, warps.at_dpi(200, 300), tones.blurred(0.03, 0.06), tones.dithered()),
    ),
    _scan("photocopy", "on a photocopy", _COPIER, _SKEW, form=(tones.photocopied(1),)),
    _scan(
        "photocopy-twice",
        "on a photocopy of a photocopy",
        _COPIER,
        _SKEW,
        form=(tones.photocopied(2),),
    ),
    _scan("copied-after", "photocopied after it was written on", tones.photocopied(1), _COPIER),
    _scan("coloured-paper", "on coloured paper", tones.coloured_paper(), _SKEW, tones.grey()),
    _scan("faint-toner", "printed nearly out of toner", _SKEW, form=(tones.faint_toner(),)),
    _scan("soft", "out of focus and grainy", _SKEW, tones.blurred(0.12, 0.2), tones.noisy(6, 12)),
    _scan("jpeg-hard", "squeezed into a small JPEG", _SKEW, tones.jpeg(12, 30)),
    _scan("covered", "two corner marks covered", tones.covered_fiducials(2), _SKEW, kind="hard"),
    _scan("edge-cut", "an edge cut by up to 9 mm", _SKEW, warps.edge_cut(9.0), kind="hard"),
    _scan("fold", "folded and opened", warps.folded(), _SKEW, kind="hard"),
    _scan("crumple", "crumpled, moved by up to 1.3 mm", warps.crumpled(), _SKEW, kind="hard"),
    _scan("slip", "slipped in the feeder", _SKEW, warps.slipped(), kind="hard"),
    _scan("stain", "tea", tones.stained(), _SKEW, tones.grey(), kind="hard"),
    _scan("stain-colour", "tea, scanned in colour", tones.stained(), _SKEW, kind="hard"),
    _photo("photo", "a phone photo", photographed(tilt_deg=15, darkest=0.7)),
    _photo("photo-steep", "a photo at up to 25 degrees", photographed(darkest=0.6)),
    _photo("photo-dark", "light that falls to 45 %", photographed(tilt_deg=15)),
    _photo("photo-shadow", "a hand's shadow", photographed(tilt_deg=18, shadow=True)),
    _photo("photo-wide", "a photo by a wide lens", photographed(tilt_deg=15), wide_angle()),
    _photo("photo-fold", "a photo of a folded leaflet", warps.folded(), photographed()),
    _photo(
        "photo-crumple",
        "a photo of a crumpled leaflet",
        warps.crumpled(),
        photographed(tilt_deg=18),
    ),
    _photo(
        "photo-curled",
        "a photo of a leaflet that curls, held at that side",
        warps.curled(),
        photographed(tilt_deg=15),
    ),
)

CONDITIONS: dict[str, Condition] = {c.name: c for c in _ALL}
