"""The forms this workspace has printed: last year's leaflets still read after a change."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pdf2image
from pdf2image.exceptions import PDFInfoNotInstalledError
from pydantic import TypeAdapter, ValidationError

from leaflets.errors import MissingProgram, StorageFailure
from leaflets.layout import SheetLayout
from leaflets.leaflet import print_leaflets
from leaflets.settings import Service, load_settings
from leaflets.sheet import layout_for
from scan_pipeline.page import PX_PER_MM, Grey

_LAYOUT = TypeAdapter(SheetLayout)
CONTACT = "contact"
TEMPLATES = ("story", CONTACT)
BLANK_BATCH = "0000"


class Forms:
    """Layouts by (template, version), newest first, and pictures of their blank sides."""

    def __init__(self, folder: Path, service: Service) -> None:
        self._folder = folder
        self._service = service
        current = tuple(layout_for(name, service) for name in TEMPLATES)
        self._layouts: dict[tuple[str, str], SheetLayout] = {
            (layout.template, layout.version): layout for layout in (*current, *_saved(folder))
        }
        self._blanks: dict[tuple[str, str, int, int], Grey] = {}

    def __iter__(self) -> Iterator[SheetLayout]:
        return iter(self._layouts.values())

    def get(self, template: str, version: str) -> SheetLayout | None:
        return self._layouts.get((template.lower(), version))

    def blank(self, layout: SheetLayout, page: int, px_per_mm: int = PX_PER_MM) -> Grey:
        """The printed side without ink, (height, width); drawn once, then kept."""
        key = (layout.template, layout.version, page, px_per_mm)
        if key not in self._blanks:
            if px_per_mm == PX_PER_MM:
                self._blanks[key] = self._drawn(layout, page)
            else:
                fine = self.blank(layout, page)
                by = px_per_mm / PX_PER_MM
                coarse = cv2.resize(fine, None, fx=by, fy=by, interpolation=cv2.INTER_AREA)
                self._blanks[key] = np.asarray(coarse, np.uint8)
        return self._blanks[key]

    def _drawn(self, layout: SheetLayout, page: int) -> Grey:
        path = self._folder / f"{layout.template}-{layout.version}-{page}.png"
        # imread complains on stderr about a missing file; decode the bytes ourselves instead.
        kept = path.read_bytes() if path.exists() else b""
        picture = (
            cv2.imdecode(np.frombuffer(kept, np.uint8), cv2.IMREAD_GRAYSCALE) if kept else None
        )
        if picture is None:
            picture = _draw(layout, page, self._service)
            _keep(path, cv2.imencode(".png", picture)[1].tobytes())
        return np.asarray(picture, dtype=np.uint8)


def load_forms(workspace: Path) -> Forms:
    """The service's present forms and every earlier version that was printed here."""
    return Forms(workspace / "forms", load_settings(workspace))


def remember(workspace: Path, layout: SheetLayout) -> None:
    """Keep the geometry of a form that is being printed."""
    path = workspace / "forms" / f"{layout.template}-{layout.version}.json"
    if not path.exists():
        _keep(path, _LAYOUT.dump_json(layout))


def _saved(folder: Path) -> list[SheetLayout]:
    layouts = []
    for path in sorted(folder.glob("*.json")):
        try:
            layouts.append(_LAYOUT.validate_json(path.read_bytes()))
        except (ValidationError, OSError) as error:
            raise StorageFailure(
                f"The saved form {path.name} cannot be read.",
                remedy=f"Restore {path} from a copy, or move it away: leaflets printed from it "
                "will then be refused.",
            ) from error
    return layouts


def _draw(layout: SheetLayout, page: int, service: Service) -> Grey:
    with tempfile.TemporaryDirectory(prefix="leaflets-") as folder:
        pdf = Path(folder) / "blank.pdf"
        print_leaflets(layout, pdf, copies=1, batch=BLANK_BATCH, service=service)
        try:
            image = pdf2image.convert_from_path(
                str(pdf),
                dpi=300,
                size=(
                    round(layout.page(page).width_mm * PX_PER_MM),
                    round(layout.page(page).height_mm * PX_PER_MM),
                ),
                first_page=page,
                last_page=page,
                grayscale=True,
            )[0]
        except PDFInfoNotInstalledError as error:
            raise MissingProgram("poppler is needed and is not installed.") from error
    return np.asarray(image.convert("L"), dtype=np.uint8)


def _keep(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            stream.write(data)
        Path(stream.name).replace(path)
    except OSError as error:
        raise StorageFailure(
            f"The form could not be kept in {path.parent}: {error.strerror}."
        ) from error
