"""What a service says about itself: `service.toml` in the workspace, read and written by people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from PIL import Image
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
)

from leaflets.design import OptionSpec, explain, line_of, read_toml, repeated
from leaflets.errors import BadTemplate
from leaflets.files import not_written, write_whole
from leaflets.fonts import missing_letters

SETTINGS_FILE = "service.toml"
MOST_WORDS = 500
_WIDTH = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpLine:
    """One place to turn to at once."""

    name: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceArea:
    """A part of the service that a story may be about. `value` must stay as it is once printed."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything that is printed about a service. `logo` is a PNG or JPEG file, or None.

    `help_checked` is the month in which somebody rang the help lines, as they wrote it;
    empty means that nobody has. `words`: what people here write that no dictionary has; `learn`:
    whether confirmed stories may teach the reader (see `leaflets adapt`). `reading_model`: the file
    of a reading model of the service's own, whether it is there or not; None for ours.
    """

    name: str
    organisation: str
    logo: Path | None
    box_opener: str
    typist: str
    help_lines: tuple[HelpLine, ...]
    help_checked: str
    service_areas: tuple[ServiceArea, ...]
    complaint_route: str
    other_formats: str
    take_down_route: str
    words: tuple[str, ...] = ()
    learn: bool = False
    reading_model: Path | None = None
    example: bool = False


MEDICINES = (
    "methadone",
    "Physeptone",
    "buprenorphine",
    "Subutex",
    "Suboxone",
    "Espranor",
    "Buvidal",
    "naloxone",
    "Nyxoid",
    "naltrexone",
    "pregabalin",
    "nitazenes",
)
"""What people write about in many services."""

EXAMPLE = Service(
    name="Riverbank Example Clinic",
    organisation="Example Recovery Services",
    logo=None,
    box_opener="A peer volunteer",
    typist="the volunteer",
    help_lines=(
        HelpLine(name="Danger to life", contact="999"),
        HelpLine(name="Mental health crisis", contact="NHS 111, option 2"),
        HelpLine(name="Samaritans", contact="116 123"),
        HelpLine(name="Shout, by text", contact="85258"),
    ),
    help_checked="",
    service_areas=(
        ServiceArea(value="front_desk", label="front desk"),
        ServiceArea(value="worker", label="worker"),
        ServiceArea(value="groups", label="groups"),
        ServiceArea(value="clinical", label="doctor, nurse or script"),
        ServiceArea(value="chemist", label="chemist"),
        ServiceArea(value="needle_exchange", label="needle exchange"),
        ServiceArea(value="family_support", label="family support"),
        ServiceArea(value="other", label="other"),
    ),
    complaint_route="To complain, or for an advocate, ask at the front desk.",
    other_formats="Large print, Easy Read or another language: please ask.",
    take_down_route="To take a story down, tell us its name. Nobody asks why.",
    words=(*MEDICINES, "Anita", "Miriam", "Dilys", "Gwen", "Hobmoor"),
    example=True,
)
"""A service that does not exist, so that everything works before any set-up."""


def unprintable(text: str) -> str | None:
    """Why `text` cannot be printed, in words; None when it can."""
    missing = missing_letters(text.replace("\n", ""))
    if not missing:
        return None
    shown = ", ".join(f"“{c}”" if c.isprintable() else f"U+{ord(c):04X}" for c in missing[:5])
    return f"the printed letters do not include {shown}; please write it without"


def _printable(text: str) -> str:
    fault = unprintable(text)
    if fault is not None:
        raise ValueError(fault)
    return text


def _one_line(text: str) -> str:
    if not text.strip() or "\n" in text:
        raise ValueError("write something here, on one line")
    return text


def _local(text: str) -> str:
    if not any(letter.isalpha() for letter in text) or len(text) > 40 or "\n" in text:
        raise ValueError("write a word or a name here, of at most 40 letters")
    return text


_Sentence = Annotated[str, AfterValidator(_printable)]
_Words = Annotated[str, AfterValidator(_printable), AfterValidator(_one_line)]
_Local = Annotated[str, AfterValidator(_local)]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _HelpLine(_Told):
    name: _Words
    contact: _Words


class _Area(OptionSpec):
    label: _Words


class _File(_Told):
    name: _Words
    organisation: _Sentence = ""
    logo: str = ""
    box_opener: _Words
    typist: _Words
    complaint_route: _Sentence
    other_formats: _Sentence
    take_down_route: _Sentence
    help_checked: _Sentence = ""
    words: tuple[_Local, ...] = Field(default=(), max_length=MOST_WORDS)
    learn: bool = Field(default=False, strict=True)
    reading_model: str = ""
    help_lines: tuple[_HelpLine, ...] = Field(min_length=1)
    service_areas: tuple[_Area, ...] = Field(min_length=1)

    @field_validator("service_areas")
    @classmethod
    def _values_are_unique(cls, areas: tuple[_Area, ...]) -> tuple[_Area, ...]:
        twice = repeated(area.value for area in areas)
        if twice:
            raise ValueError(f"the value {twice!r} is there twice")
        alike = repeated(area.label.strip().casefold() for area in areas)
        if alike:
            raise ValueError(f"the label {alike!r} is there twice: nobody could tell them apart")
        return areas


def load_settings(workspace: Path) -> Service:
    """The service of a workspace; the example service when nothing has been set up."""
    path = workspace / SETTINGS_FILE
    if not path.exists():
        return EXAMPLE
    try:
        source, words = read_toml(path.read_bytes(), path.name)
        told = _File.model_validate(words)
    except OSError as error:
        raise BadTemplate(
            f"{path.name} cannot be read: {error.strerror}.", remedy=f"Look at {path}."
        ) from error
    except ValidationError as error:
        raise BadTemplate(explain(error, path.name, source)) from error
    return Service(
        name=told.name,
        organisation=told.organisation,
        logo=_logo(workspace, told.logo, source),
        box_opener=told.box_opener,
        typist=told.typist,
        help_lines=tuple(HelpLine(name=h.name, contact=h.contact) for h in told.help_lines),
        help_checked=told.help_checked,
        service_areas=tuple(ServiceArea(value=a.value, label=a.label) for a in told.service_areas),
        complaint_route=told.complaint_route,
        other_formats=told.other_formats,
        take_down_route=told.take_down_route,
        words=told.words,
        learn=told.learn,
        reading_model=workspace / told.reading_model if told.reading_model else None,
    )


def _logo(workspace: Path, name: str, source: str) -> Path | None:
    if not name:
        return None
    path = workspace / name
    fault = logo_fault(path)
    if fault is not None:
        line = line_of(source, ["logo"])
        raise BadTemplate(
            f"{SETTINGS_FILE}, line {line}, key logo: {fault}",
            remedy="Put the picture beside service.toml, or leave logo empty.",
        )
    return path


def logo_fault(path: Path) -> str | None:
    """Why the picture at `path` cannot be printed as a logo, in words; None when it can."""
    if not path.is_file():
        return f"there is no file called {path.name!r}"
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as picture:
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return f"{path.name!r} is not a PNG or JPEG picture that can be opened"
    return None


def write_settings(service: Service, path: Path) -> None:
    """Write `service` as a commented file that people can edit."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(path, error) from error
    write_whole(path, settings_text(service, path.parent).encode())


def settings_text(service: Service, folder: Path) -> str:
    """The settings file; files inside `folder` are named relative to it."""
    lines = [
        "# What the leaflets and posters say about your service. Edit the words in quotes.",
        "",
        "# The name on the front, and the organisation behind it (on posters).",
        f"name = {_quoted(service.name)}",
        f"organisation = {_quoted(service.organisation)}",
        "# A PNG or JPEG beside this file, such as logo.png; empty for none.",
        f"logo = {_quoted(_named(service.logo, folder))}",
        "",
        "# Who opens the box: a role, never a name. They must not be anyone's worker.",
        f"box_opener = {_quoted(service.box_opener)}",
        "# Who types the stories.",
        f"typist = {_quoted(service.typist)}",
        "",
        "# Whole sentences for the back of the leaflet. Please keep them short.",
        f"complaint_route = {_quoted(service.complaint_route)}",
        f"other_formats = {_quoted(service.other_formats)}",
        f"take_down_route = {_quoted(service.take_down_route)}",
        "",
        '# CHECK: ring every number below, then write the month, such as "November 2026".',
        f"help_checked = {_quoted(service.help_checked)}",
        "",
        "# Words that people here write and no dictionary has: medicines, places, first names of",
        "# staff. Handwriting is read better with them. Never the name of somebody who writes.",
        *_list("words", service.words),
        "",
        "# true: `leaflets adapt` may learn such words from confirmed stories, on this computer.",
        f"learn = {str(service.learn).lower()}",
        "# A reading model of your own (PP-OCR as ONNX), named from this folder; empty for ours.",
        f"reading_model = {_quoted(_named(service.reading_model, folder))}",
    ]
    for line in service.help_lines:
        lines += ["", "[[help_lines]]", f"name = {_quoted(line.name)}"]
        lines.append(f"contact = {_quoted(line.contact)}")
    lines += ["", "# Change a label freely. Never change or reuse a value once it was printed."]
    for area in service.service_areas:
        lines += ["", "[[service_areas]]", f"value = {_quoted(area.value)}"]
        lines.append(f"label = {_quoted(area.label)}")
    return "\n".join(lines) + "\n"


def _named(path: Path | None, folder: Path) -> str:
    if path is None:
        return ""
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


def _list(key: str, words: tuple[str, ...]) -> list[str]:
    """A TOML list, wrapped between words."""
    if not words:
        return [f"{key} = []"]
    lines = [""]
    for item in (f"{_quoted(word)}," for word in words):
        if lines[-1] and len(lines[-1]) + len(item) > _WIDTH:
            lines.append("")
        lines[-1] += f" {item}" if lines[-1] else f"  {item}"
    return [f"{key} = [", *lines, "]"]


def _quoted(text: str) -> str:
    """A TOML basic string. JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
