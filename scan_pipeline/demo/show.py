"""The page to look at: what became of every leaflet of the demo, from paper to poster."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from leaflets.fonts import font_path
from leaflets.layout import FieldLayout, PageLayout
from scan_pipeline.demo.volunteer import Checked, CheckedChoice, CheckedText
from scan_pipeline.story import AnswerValue

_SHORT = {
    "story_title": "What is it about?",
    "story": "What happened?",
    "handle": "Story name",
    "consent_display": "Show on the noticeboard?",
    "helped_by": "Written by someone else?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture on the page, relative to it; `full` is the larger one behind it."""

    file: str
    full: str
    alt: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView:
    label: str
    checked: CheckedText


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceView:
    label: str
    machine: str
    truth: str
    unsure: bool
    wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One leaflet from scan to wall. `state`: wall, held, private or waiting, with the `reason`.

    `prompted`: the program's own list of worrying words found something in it.
    """

    story_id: str
    title: str
    says: str
    file: str
    page: int
    scan: Picture
    seen: Picture
    texts: tuple[TextView, ...]
    choices: tuple[ChoiceView, ...]
    checked: Checked
    taken_out: tuple[tuple[str, str], ...]
    state: str
    reason: str
    prompted: bool
    posters: tuple[Picture, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPage:
    """A page that made no story of its own, and why."""

    says: str
    file: str
    page: int
    status: str
    reason: str
    scan: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Everything on the page. `summary` is what `leaflets scan` said."""

    service: str
    version: str
    batch: str
    summary: str
    seconds: float
    cards: tuple[Card, ...]
    others: tuple[OtherPage, ...]

    def count(self, state: str) -> int:
        return sum(card.state == state for card in self.cards)

    @property
    def pages(self) -> int:
        return len(self.cards) + len(self.others)

    @property
    def words(self) -> int:
        return sum(card.checked.words for card in self.cards)

    @property
    def wrong_words(self) -> int:
        return sum(card.checked.wrong_words for card in self.cards)

    @property
    def small_things(self) -> int:
        return sum(card.checked.small_things for card in self.cards)

    @property
    def unmarked_words(self) -> int:
        return sum(card.checked.unmarked_words for card in self.cards)

    @property
    def ticks(self) -> int:
        return sum(len(card.choices) for card in self.cards)

    @property
    def unsure_ticks(self) -> int:
        return sum(choice.unsure for card in self.cards for choice in card.choices)

    @property
    def wrong_ticks(self) -> int:
        return sum(choice.wrong for card in self.cards for choice in card.choices)


def text_views(checked: Checked, page: PageLayout) -> tuple[TextView, ...]:
    """The written fields that hold words, in the order of the form."""
    labels = {field.name: _label(field) for field in page.fields}
    return tuple(
        TextView(label=labels[text.field], checked=text)
        for text in checked.texts
        if text.machine or text.truth
    )


def choice_views(checked: Checked, page: PageLayout) -> tuple[ChoiceView, ...]:
    """Every field of ticks, in words."""
    fields = {field.name: field for field in page.fields}
    return tuple(_choice_view(choice, fields[choice.field]) for choice in checked.choices)


def _choice_view(choice: CheckedChoice, field: FieldLayout) -> ChoiceView:
    return ChoiceView(
        label=_label(field),
        machine="not sure" if choice.unsure else _in_words(choice.machine, field),
        truth=_in_words(choice.truth, field),
        unsure=choice.unsure,
        wrong=choice.wrong,
    )


def _label(field: FieldLayout) -> str:
    return _SHORT.get(field.name, field.caption.removesuffix(" Tick any.").rstrip(":"))


def _in_words(value: AnswerValue, field: FieldLayout) -> str:
    labels = {option.value: option.label for option in field.options}
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "nothing ticked"
    chosen: Sequence[str] = (value,) if isinstance(value, str) else value
    return ", ".join(labels.get(one, one) for one in chosen)


def write_page(show: Show, folder: Path) -> Path:
    """Write `index.html` and the typeface beside it; returns the page's path.

    The page needs no network and no script, only the files in `folder`.
    """
    fonts = folder / "pictures"
    fonts.mkdir(parents=True, exist_ok=True)
    for bold in (False, True):
        shutil.copyfile(font_path(bold=bold), fonts / font_path(bold=bold).name)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("page.html").render(show=show, workspace=folder)
    path = folder / "index.html"
    path.write_text(html, encoding="utf-8")
    return path
