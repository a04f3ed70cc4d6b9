"""What is present, what is missing, and how to get it: a plain list of checks, each in words."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from leaflets.design import template_names
from leaflets.errors import BadTemplate, LeafletsError, MissingProgram, StorageFailure
from leaflets.settings import SETTINGS_FILE, load_settings
from leaflets.sheet import layout_for

OLDEST_PYTHON = (3, 11)
OLDEST_TESSERACT = 4
ROOM_WANTED_MB = 500
MODEL_NAME = "Model that reads handwriting"
MODEL = "PP-OCRv6_rec_small.onnx"
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("firefox", "microsoft-edge", "msedge", "safari"),
)
MAC_BROWSERS = ("Safari", "Google Chrome", "Firefox", "Microsoft Edge")
FONT_PACKAGE = "fontpkg_atkinson_hyperlegible"
AGAIN = "Install leaflets again: make setup"

TESSERACT = {
    "debian": "sudo apt-get install tesseract-ocr",
    "fedora": "sudo dnf install tesseract",
    "macos": "brew install tesseract",
    "windows": "winget install UB-Mannheim.TesseractOCR, then open a new window",
    "other": "Install Tesseract 4 or newer",
}
POPPLER = {
    "debian": "sudo apt-get install poppler-utils",
    "fedora": "sudo dnf install poppler-utils",
    "macos": "brew install poppler",
    "windows": "winget install oschwartz10612.Poppler, then open a new window",
    "other": "Install poppler's command line tools",
}
PYTHON = {
    "debian": "sudo apt-get install python3 python3-venv",
    "fedora": "sudo dnf install python3",
    "macos": "brew install python",
    "windows": "winget install Python.Python.3.12",
    "other": "Install Python 3.11 or newer",
}
OPENCV = {
    "debian": "sudo apt-get install libgl1 libglib2.0-0",
    "fedora": "sudo dnf install mesa-libGL glib2",
    "other": AGAIN,
}
BROWSER = {
    "debian": "sudo apt-get install chromium",
    "fedora": "sudo dnf install firefox",
    "other": "Install any web browser",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at. `remedy` is empty when `ok`; `needed` is False for a convenience;
    `exit_code` is the command's when this is the first thing to mend. `optional`: the word for it
    where it is not needed."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True
    exit_code: int = MissingProgram.exit_code
    optional: str = "absent "


def this_platform() -> str:
    """One of debian, fedora, macos, windows, other."""
    if sys.platform == "darwin":
        return "macos"
    if sys.platform == "win32":
        return "windows"
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return "other"
    family = f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".split()
    if {"debian", "ubuntu"} & set(family):
        return "debian"
    return "fedora" if {"fedora", "rhel"} & set(family) else "other"


def examine(workspace: Path) -> tuple[Check, ...]:
    """Every check, in the order in which a person would mend things."""
    here = this_platform()
    checks: Sequence[Callable[[str], Check]] = (
        _python,
        _opencv,
        _tesseract,
        _poppler,
        _fonts,
        lambda here: _model(here, workspace),
        lambda here: _workspace(here, workspace),
        lambda _: _settings(workspace),
        lambda _: _stories(workspace),
        lambda _: _learned(workspace),
        _browser,
    )
    return tuple(check(here) for check in checks)


def healthy(checks: Sequence[Check]) -> bool:
    """True when nothing that is needed is missing."""
    return all(check.ok or not check.needed for check in checks)


def report(checks: Sequence[Check]) -> str:
    """The checks as lines for a terminal; a word says it, not a colour alone."""
    width = max((len(check.name) for check in checks), default=0)
    lines: list[str] = []
    for check in checks:
        word = "ok     " if check.ok else "MISSING" if check.needed else check.optional
        found = check.found.replace("\n", f"\n{'':9}{'':<{width}}  ")
        lines.append(f"{word}  {check.name:<{width}}  {found}")
        if not check.ok:
            lines.append(f"{'':9}{'':<{width}}  -> {check.remedy}")
    missing = [check.name for check in checks if check.needed and not check.ok]
    lines.append("")
    lines.append(
        f"To mend: {', '.join(missing)}." if missing else "Everything that is needed is here."
    )
    return "\n".join(lines)


def _remedy(remedies: Mapping[str, str], here: str) -> str:
    return remedies.get(here, remedies["other"])


def _judge(
    name: str,
    ok: bool,
    found: str,
    remedy: Mapping[str, str] | str,
    here: str,
    *,
    needed: bool = True,
) -> Check:
    words = remedy if isinstance(remedy, str) else _remedy(remedy, here)
    return Check(name=name, ok=ok, found=found, remedy="" if ok else words, needed=needed)


def _python(here: str) -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return _judge("Python 3.11 or newer", sys.version_info >= OLDEST_PYTHON, found, PYTHON, here)


def _opencv(here: str) -> Check:
    try:
        found = str(importlib.import_module("cv2").__version__)
    except ImportError as error:
        return _judge("OpenCV", False, str(error), OPENCV, here)
    return _judge("OpenCV", True, found, OPENCV, here)


def _tesseract(here: str) -> Check:
    name = "Tesseract, with English"
    version = _first_line("tesseract", "--version")
    if version is None:
        return _judge(name, False, "not found", TESSERACT, here)
    number = re.search(r"(\d+)\.\d+", version)
    new_enough = number is not None and int(number[1]) >= OLDEST_TESSERACT
    languages = (_output("tesseract", "--list-langs") or "").split()
    found = version if "eng" in languages else f"{version}, without English"
    return _judge(name, new_enough and "eng" in languages, found, TESSERACT, here)


def _poppler(here: str) -> Check:
    missing = [tool for tool in ("pdftoppm", "pdfimages") if shutil.which(tool) is None]
    found = f"{' and '.join(missing)} not found" if missing else _first_line("pdftoppm", "-v")
    return _judge("poppler", not missing, found or "found", POPPLER, here)


def _fonts(here: str) -> Check:
    folder = _package_folder(FONT_PACKAGE)
    faces = sorted(folder.rglob("*.ttf")) if folder else []
    found = f"Atkinson Hyperlegible, {len(faces)} faces" if faces else "not found"
    return _judge("Fonts to print with", bool(faces), found, AGAIN, here)


def _model(here: str, workspace: Path) -> Check:
    try:
        own = load_settings(workspace).reading_model
    except (LeafletsError, OSError):
        own = None  # the settings have a line of their own
    if own is not None:
        return _own_model(own, workspace)
    folder = _package_folder("rapidocr")
    model = next(folder.rglob(MODEL), None) if folder else None
    size = f"{MODEL}, {model.stat().st_size / 1e6:.0f} MB" if model else "not found"
    return _judge(MODEL_NAME, model is not None, size, AGAIN, here)


def _own_model(path: Path, workspace: Path) -> Check:
    """A service's own model, tried on white paper, and whether its confidences were learned."""
    from scan_pipeline.learning.learned import known_here
    from scan_pipeline.reading.recognise.model import Model

    try:
        Model(weights=path)
        steps = known_here(workspace).steps
    except LeafletsError as error:
        code = error.exit_code
        return Check(
            name=MODEL_NAME, ok=False, found=str(error), remedy=error.remedy, exit_code=code
        )
    found = f"{path.name}, {path.stat().st_size / 1e6:.0f} MB, of your own ({SETTINGS_FILE})"
    told = "how surely it reads was learned here (`leaflets adapt`)"
    if not steps:
        told = "more words are marked as doubtful until `leaflets adapt` has learned how surely it"
        told += " reads"
    return Check(name=MODEL_NAME, ok=True, found=f"{found};\n{told}")


def _workspace(here: str, workspace: Path) -> Check:
    name = "Workspace"
    folder = workspace.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free_mb = shutil.disk_usage(folder).free // 2**20
    except OSError as error:
        return _no_room(name, str(error), "Choose another folder with --workspace")
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        why = f"{folder} cannot be written to"
        return _no_room(name, why, "Choose another folder with --workspace")
    found = f"{workspace}, {free_mb:,} MB free"
    if free_mb < ROOM_WANTED_MB:
        room = f"Free {ROOM_WANTED_MB} MB, or choose another folder with --workspace"
        return _no_room(name, found, room)
    return Check(name=name, ok=True, found=found)


def _no_room(name: str, found: str, remedy: str) -> Check:
    code = StorageFailure.exit_code
    return Check(name=name, ok=False, found=found, remedy=remedy, exit_code=code)


def _settings(workspace: Path) -> Check:
    """Whether the settings file can be read, and every form laid out with what it says."""
    name = "Settings"
    try:
        service = load_settings(workspace)
        for template in template_names():
            layout_for(template, service)
    except (LeafletsError, OSError) as error:
        remedy = error.remedy if isinstance(error, LeafletsError) else BadTemplate.remedy
        code = BadTemplate.exit_code
        return Check(name=name, ok=False, found=str(error), remedy=remedy, exit_code=code)
    found = f"{SETTINGS_FILE}, for {service.name}"
    if service.example:
        found = f"no {SETTINGS_FILE} yet: the example service (`leaflets init` makes one)"
    return Check(name=name, ok=True, found=found)


def _stories(workspace: Path) -> Check:
    """Whether what was kept so far can still be read."""
    from scan_pipeline.store import look_at

    name = "Stories kept here"
    try:
        kept = look_at(workspace)
    except StorageFailure as error:
        return _no_room(name, str(error), error.remedy)
    return Check(name=name, ok=True, found="none yet" if kept is None else f"{kept}")


def _learned(workspace: Path) -> Check:
    """Whether words were learned, and whether that is still wanted."""
    from scan_pipeline.learning.learned import LEARNED_FILE

    name = "What was learned"
    if not (workspace / LEARNED_FILE).exists():
        return Check(name=name, ok=True, found="nothing")
    try:
        wanted = load_settings(workspace).learn
    except (LeafletsError, OSError):
        wanted = True  # the settings have a line of their own
    if wanted:
        return Check(name=name, ok=True, found=f"{LEARNED_FILE} (`leaflets adapt --show`)")
    found = f"{LEARNED_FILE} is kept and not used: {SETTINGS_FILE} does not say learn = true"
    remedy = "`leaflets adapt --forget` deletes it"
    return Check(name=name, ok=False, found=found, remedy=remedy, needed=False, optional="unused ")


def _browser(here: str) -> Check:
    name = "Web browser for the desk"
    found = next((browser for browser in BROWSERS if shutil.which(browser)), None)
    if here == "macos":
        apps = Path("/Applications")
        found = found or next((b for b in MAC_BROWSERS if (apps / f"{b}.app").exists()), None)
    if here == "windows":
        found = found or "Microsoft Edge, part of Windows"
    return _judge(name, found is not None, found or "not found", BROWSER, here, needed=False)


def _package_folder(package: str) -> Path | None:
    """Where a package lies, without importing it."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _first_line(*command: str) -> str | None:
    lines = (_output(*command) or "").strip().splitlines()
    return lines[0] if lines else None


def _output(*command: str) -> str | None:
    """What a program says about itself, on either stream; None when it cannot be run."""
    program = shutil.which(command[0])
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *command[1:]],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout or done.stderr
