"""Templates: `templates/*.toml` to a validated `Design`. Errors name the file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sized
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from leaflets.errors import BadInvocation, BadTemplate

_HERE = Path(__file__).resolve().parent
_INSTALLED, _CHECKOUT = _HERE / "_templates", _HERE.parent / "templates"
_FOLDER = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
"""In an installed wheel the templates travel inside the package."""

SETTINGS = (
    "service_name",
    "box_opener",
    "typist",
    "help_lines",
    "take_down_route",
    "complaint_route",
    "other_formats",
)
"""What a template may say in braces."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Item(_Part):
    """What all items share. Millimetres from the top left of the page; `gap_mm` is kept above,
    and nothing may reach below `bottom_mm`.
    """

    gap_mm: float = Field(default=3.0, ge=0)
    top_mm: float | None = Field(default=None, ge=5)
    x_mm: float | None = Field(default=None, ge=5)
    w_mm: float | None = Field(default=None, gt=0)
    bottom_mm: float | None = None
    beside: bool = False


class TextItem(_Item):
    """Printed words. `{typist}` and the others of `SETTINGS` stand for what the service says."""

    kind: Literal["text"]
    text: str = Field(min_length=1)
    size_pt: float = Field(default=12.0, ge=12)
    bold: bool = False
    align: Literal["left", "centre"] = "left"
    number: int | None = Field(default=None, ge=1, le=9)

    @field_validator("text")
    @classmethod
    def _known_settings(cls, text: str) -> str:
        for _, name, spec, conversion in Formatter().parse(text):
            if name is not None and (name not in SETTINGS or spec or conversion):
                raise ValueError(
                    f"{{{name}}} is none of the service's settings: {', '.join(SETTINGS)}"
                )
        if "{help_lines}" in text and text != "{help_lines}":
            raise ValueError("{help_lines} must stand alone")
        return text


class LinesItem(_Item):
    """A text field: a caption and writing rules."""

    kind: Literal["lines"]
    name: str
    caption: str
    lines: int = Field(ge=1, le=30)
    pitch_mm: float = Field(default=9.0, ge=8)
    first_mm: float = Field(default=9.0, ge=6)
    caption_gap_mm: float = Field(default=0.8, ge=0)
    caption_x_mm: float | None = None
    caption_w_mm: float | None = None
    inline: bool = False


class OptionSpec(_Part):
    value: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1)


class ChoiceItem(_Item):
    """Tick boxes. `columns` 0 lets them flow like words; `options_from` names a setting."""

    kind: Literal["choice"]
    name: str
    caption: str
    inline: bool = False
    multiple: bool = False
    columns: int = Field(default=0, ge=0, le=6)
    pitch_mm: float = Field(default=8.0, ge=8)
    options: tuple[OptionSpec, ...] = ()
    options_from: Literal["service_areas"] | None = None

    @model_validator(mode="after")
    def _has_options(self) -> ChoiceItem:
        if bool(self.options) == bool(self.options_from):
            raise ValueError("give either options or options_from")
        if self.inline and self.columns:
            raise ValueError("an inline caption stands before flowing options: leave out columns")
        twice = repeated(option.value for option in self.options)
        if twice:
            raise ValueError(f"the value {twice!r} is there twice")
        return self


class TickItem(_Item):
    """One tick box with its words; `note` follows in ordinary weight; `frame` draws a box."""

    kind: Literal["tick"]
    name: str
    caption: str
    note: str = ""
    bold: bool = False
    frame: bool = False


class CombItem(_Item):
    """Boxes for one character each, `groups` of them with a wider gap between the groups."""

    kind: Literal["comb"]
    name: str
    caption: str
    allows: Literal["letters", "digits", "phone", "postcode"]
    cells: int = Field(ge=1, le=24)
    groups: tuple[int, ...] = ()
    cell_w_mm: float = Field(default=5.5, ge=5, le=8)
    cell_h_mm: float = Field(default=7.0, ge=7, le=10)
    cell_gap_mm: float = Field(default=2.0, ge=2)
    group_gap_mm: float = Field(default=4.0, ge=2)

    @model_validator(mode="after")
    def _groups_are_the_cells(self) -> CombItem:
        if self.groups and (min(self.groups) < 1 or sum(self.groups) != self.cells):
            raise ValueError(f"the groups should add up to the {self.cells} cells")
        return self


class RulerItem(_Item):
    """A check ruler of `length_mm` with a tick every millimetre."""

    kind: Literal["ruler"]
    length_mm: int = Field(default=100, ge=10, le=125)
    caption: str


class CodeItem(_Item):
    """The form code; where its text is printed too, at `text_x_mm`, `text_y_mm` (baseline)."""

    kind: Literal["code"]
    text_x_mm: float | None = None
    text_y_mm: float | None = None
    text_align: Literal["left", "right"] = "left"


class LogoItem(_Item):
    """A space for the service's own logo; left white when there is none."""

    kind: Literal["logo"]
    h_mm: float = Field(gt=0)


Item = Annotated[
    TextItem | LinesItem | ChoiceItem | TickItem | CombItem | RulerItem | CodeItem | LogoItem,
    Field(discriminator="kind"),
]


class Panel(_Part):
    """One half of a side: items flow down it, each under the last."""

    x_mm: float
    w_mm: float = Field(gt=0)
    top_mm: float = 8.0
    bottom_mm: float = 205.0
    item: tuple[Item, ...]


class Side(_Part):
    name: str
    first_marker: int = Field(ge=0, le=40)
    panel: tuple[Panel, ...]


class Design(_Part):
    """A whole template."""

    schema_number: Literal[1] = Field(alias="schema")
    template: str = Field(pattern=r"^[a-z]{1,7}$")
    language: str
    title: str
    width_mm: float
    height_mm: float
    crease_mm: float
    marker_x_mm: tuple[float, ...]
    marker_y_mm: tuple[float, ...]
    page: tuple[Side, ...] = Field(min_length=1, max_length=9)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Design:
        items = [item for side in self.page for panel in side.panel for item in panel.item]
        fields = [i for i in items if isinstance(i, LinesItem | ChoiceItem | TickItem | CombItem)]
        twice = repeated(field.name for field in fields)
        if twice:
            raise ValueError(f"two fields are called {twice!r}")
        return self


def repeated(names: Iterable[str]) -> str | None:
    """The first name that is there twice, or None."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def template_names() -> tuple[str, ...]:
    """Names of the templates that can be printed."""
    return tuple(sorted(p.stem for p in _FOLDER.glob("*.toml")))


def load_design(name: str) -> Design:
    """The template called `name`."""
    if name in template_names():
        return read_design(_FOLDER / f"{name}.toml")
    known = ", ".join(template_names())
    raise BadInvocation(f"There is no template {name!r}.", remedy=f"Choose one of: {known}.")


def read_design(path: Path) -> Design:
    """A template from a file."""
    try:
        source, told = read_toml(path.read_bytes(), path.name)
        return Design.model_validate(told)
    except OSError as error:
        raise BadTemplate(f"{path.name} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise BadTemplate(explain(error, path.name, source)) from error


def explain(error: ValidationError, file: str, source: str) -> str:
    """Every fault in words, one a line: file, line, key and what is wrong with it.

    A misspelt key comes before the key that is therefore missing: it has a line.
    """
    told = [fault for fault in error.errors() if not _only_seems_short(fault)]
    faults = sorted(told, key=lambda fault: fault["type"] != "extra_forbidden")
    said = []
    for fault in faults:
        loc = _without_kinds(fault["loc"])
        key = ".".join(str(part) for part in loc)
        where = f"{file}, line {line_of(source, loc)}" + (f", key {key}" if key else "")
        said.append(f"{where}: {_in_words(fault)}")
    return "\n".join(said)


def _only_seems_short(fault: ErrorDetails) -> bool:
    """A list whose items are all wrong is counted as an empty one; the items are told of."""
    given = fault["input"]
    return (
        fault["type"] == "too_short"
        and isinstance(given, Sized)
        and len(given) >= fault["ctx"]["min_length"]
    )


def _in_words(fault: ErrorDetails) -> str:
    """Our own sentence: what pydantic says is for developers."""
    if fault["type"] == "value_error":
        return fault["msg"].removeprefix("Value error, ")
    plainly = _PLAINLY.get(fault["type"], "this is not what should stand here")
    return plainly.format(**fault.get("ctx", {}))


def read_toml(data: bytes, file: str) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file and what it says. Raises `BadTemplate`, with the line at fault."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data or data.startswith(b"%PDF"):
        raise BadTemplate(
            f"{file}, line 1: this is no plain text.",
            remedy=f"Save it as plain text in UTF-8; or put back a copy of {file}.",
        )
    try:
        # Windows' Notepad may begin a file with a byte order mark.
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadTemplate(
            f"{file}, line {line}: this has a letter that is not stored as UTF-8.",
            remedy="Write that letter again and save the file with the encoding UTF-8.",
        ) from error
    try:
        return source, tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else max(1, len(source.splitlines()))
        fault = next(words for start, words in _SYNTAX.items() if start in str(error))
        raise BadTemplate(f"{file}, line {line}: {fault}.") from error


_NO_END = "the quotation mark that ends the words is missing"
_SYNTAX = {
    "Expected '=' after a key": "between the name and what it says there should be an =",
    "Unterminated string": _NO_END,
    "Illegal character '\\n'": _NO_END,
    "Illegal character '\\r": _NO_END,
    'Expected "\'"': _NO_END,
    "llegal character": "there is a character here that cannot be seen; write the line again",
    "nvalid character": "there is a character here that cannot be seen; write the line again",
    "Unescaped '\\'": r"a \ in quotes must be written twice: \\",
    "Cannot overwrite a value": "this name is there twice",
    "twice": "this heading is there twice",
    "end of a table declaration": "the closing bracket ] is missing",
    "end of an array declaration": "the closing brackets ]] are missing",
    "Unclosed array": "the closing bracket ] is missing",
    "newline or end of document": 'words and numbers must stand in straight "quotes", and nothing '
    "after them",
    "Invalid value": 'words must stand in straight "quotes"',
    "": 'this line should read: name = "words"',
}
"""What Python says of TOML that is wrong, in plain words; the first that fits."""

_NUMBER = "this should be a number, without quotes"
_WHOLE = "this should be a whole number, without quotes"
_KEYS = "there should be names here, each with what it says"
_PLAINLY = {
    "missing": "this is missing",
    "extra_forbidden": "there is no such key here",
    "string_type": 'this should be words in "quotes"',
    "string_pattern_mismatch": "this should be small letters, digits and _ without spaces",
    "string_too_short": "this should not be empty",
    "tuple_type": 'this should be a list: ["one", "two"]',
    "too_long": "there is too much here: there is room for {max_length}",
    "too_short": "there is too little here: at least {min_length} must be given",
    "bool_type": "this should be true or false, without quotes",
    "bool_parsing": "this should be true or false, without quotes",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than": "this should be more than {gt:g}",
    "greater_than_equal": "this should be {ge:g} or more",
    "less_than_equal": "this should be {le:g} or less",
    "literal_error": "this should be {expected}",
    "union_tag_invalid": "there is no kind {tag!r}; choose one of {expected_tags}",
    "union_tag_not_found": 'the kind is missing, such as kind = "text"',
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "dict_type": _KEYS,
}


def _without_kinds(loc: tuple[int | str, ...]) -> list[int | str]:
    """pydantic names an item's kind after its number, where the file has no such key."""
    return [part for i, part in enumerate(loc) if i < 2 or loc[i - 2] != "item"]


def line_of(source: str, loc: list[int | str]) -> int:
    """The line (from 1) of a key, or of the nearest table above it when the key is missing.

    >>> line_of("a = 1\\n[[page]]\\nname = 'x'\\n[[page]]\\nname = 2", ["page", 1, "name"])
    5
    """
    lines = source.splitlines()
    at, table = 0, ""
    rest = list(loc)
    while len(rest) >= 2 and isinstance(rest[0], str) and isinstance(rest[1], int):
        table = f"{table}.{rest[0]}" if table else rest[0]
        heads = [i for i in range(at, len(lines)) if lines[i].strip() == f"[[{table}]]"]
        if rest[1] >= len(heads):
            break
        at = heads[rest[1]] + 1
        rest = rest[2:]
    keys = [part for part in rest if isinstance(part, str)]
    if keys:
        head = f"[[{table}.{keys[0]}]]" if table else f"[[{keys[0]}]]"
        below = False
        for i in range(at, len(lines)):
            below = below or lines[i].startswith("[")
            found = re.match(rf"\s*{re.escape(keys[0])}\s*=", lines[i]) if not below else None
            if found or lines[i].strip() == head:
                return i + 1
    return max(at, 1)
