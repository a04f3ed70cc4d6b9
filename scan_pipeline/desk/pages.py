"""What the confirm page shows: one record, built from a story by pure functions. Also messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

from babel.dates import format_date

from leaflets.layout import FieldLayout
from scan_pipeline.board import LOCALE
from scan_pipeline.desk.doubts import Doubt, doubts, hints, is_doubtful, runs
from scan_pipeline.desk.lists import where
from scan_pipeline.privacy.worry import worries
from scan_pipeline.progress import (
    DOWN,
    about_the_poster,
    held_by_list,
    is_down,
    why_not_on_the_wall,
    worry_unsettled,
)
from scan_pipeline.store import LedgerRow
from scan_pipeline.story import (
    AnswerValue,
    ChoiceValue,
    CombValue,
    Contact,
    Story,
    TextValue,
)

NOTHING = "-"
"""The form's value for "nothing is ticked": a choice that a person made, unlike no choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """A few sentences; `typed`: words that could not be saved, to be copied."""

    title: str
    lines: tuple[str, ...]
    typed: str = ""


class Missing(NamedTuple):
    """What has still to be done, and the place on the page where."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as it was read, in runs of letters that are in doubt or not; `number` counts the
    words of its field."""

    runs: tuple[tuple[str, bool], ...]
    doubtful: bool
    instead: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One option to choose; `seen` is what the machine made of its box."""

    value: str
    label: str
    chosen: bool
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field to compare with its picture. `kind`: text, one, many. `doubt`: must be answered.

    `empty`: nothing was written there, so it takes one line. `pictured`: it has a picture of its
    own. `saved`: what is kept now, where that is not what was typed. `missing`: look here.
    `empty_it`: what is asked before it is left without words. `doubts`: what can be chosen.
    """

    name: str
    caption: str
    kind: str
    text: str
    rows: int
    lines: tuple[tuple[Word, ...], ...]
    boxes: tuple[Box, ...]
    doubt: bool
    empty: bool = False
    pictured: bool = True
    saved: str = ""
    missing: bool = False
    empty_it: str = ""
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage:
    """`version`: of the story that is shown. `missing`: what has still to be done. `down`: says
    that it was taken down. `lost`: its picture cannot be shown; `compared`: with the paper then.
    `held`: whom something in it worries. `poster`: what is to be done at the wall. `again`: other
    scans of the paper that were set aside, each with its number in the ledger and its place."""

    story_id: str
    version: int
    where: str
    month: str
    notices: tuple[str, ...]
    fields: tuple[Field, ...]
    worries: tuple[str, ...]
    worry: str
    note: str
    missing: tuple[Missing, ...]
    confirmed_by: str
    held: str
    down: str
    lost: bool
    compared: bool
    poster: str
    again: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """Somebody who asked for a call. `came`: the day on which the slip was scanned."""

    id: str
    came: str
    notices: tuple[str, ...]
    fields: tuple[Field, ...]
    messages: tuple[str, ...]


def confirm_page(
    story: Story,
    fields: Sequence[FieldLayout],
    *,
    form: Mapping[str, str] | None = None,
    typed: Mapping[str, AnswerValue] | None = None,
    missing: Sequence[Missing] = (),
    again: Sequence[LedgerRow] = (),
    lost: bool = False,
) -> ConfirmPage:
    """`form`, `typed`: what was just posted, and its answers, so that nothing typed is lost when
    something is missing, or somebody else was quicker."""
    said = form or {}
    shown = replace(story, answers=story.answers | dict(typed or {}))
    prompts = worry_prompts(shown)
    # The list of words holds a story whatever is answered here, and answers for nobody.
    known = "yes" if story.worry is not None and not story.worry.by_list else ""
    wanted = {m.anchor for m in missing}
    return ConfirmPage(
        story_id=story.id,
        version=story.version,
        where=where(story.file, story.page),
        month=format_date(story.received_at, "MMMM yyyy", locale=LOCALE),
        notices=story.reading.notices,
        fields=tuple(
            replace(
                _field(shown, layout, decided=_decided(layout, typed or {}, said)),
                saved=_saved(story, shown, layout),
                missing=f"q-{layout.name}" in wanted,
                empty_it=asks_if_empty(story, layout.name, shown.answers.get(layout.name)),
            )
            for layout in fields
        ),
        worries=prompts,
        worry=known or said.get("worry", ""),
        note=said.get("note", known_note(story)),
        missing=tuple(missing),
        confirmed_by=story.confirmation.by if story.confirmation else "",
        held=_worrier(story),
        lost=lost,
        compared="compared" in said,
        down=DOWN if is_down(story) else "",
        poster=about_the_poster(story) if why_not_on_the_wall(story) else "",
        again=tuple((row.seq, where(row.file, row.page)) for row in again),
    )


def _decided(
    layout: FieldLayout, typed: Mapping[str, AnswerValue], form: Mapping[str, str]
) -> bool:
    """Whether a person has just said what the boxes of a field are, whatever the machine saw."""
    return layout.name in typed and (not layout.multiple or f"f-{layout.name}-checked" in form)


def asks_if_empty(story: Story, name: str, answer: AnswerValue) -> str:
    """What has to be asked before `answer` leaves a field without words: there are words now, or
    the machine was not sure that there are none and nobody has decided about it. "" for nothing."""
    value = story.reading.fields[name]
    if not isinstance(value, TextValue) or answer:
        return ""
    untouched = story.answers.get(name) == value.text
    if story.answers.get(name) or (untouched and value.lines):
        return "The paper has words here. Empty it?"
    if untouched and value.review:
        return "There may be writing here that the picture does not show well. Leave it empty?"
    return ""


def _saved(story: Story, shown: Story, layout: FieldLayout) -> str:
    """What is kept of a field, as words, where it is not what is shown."""
    kept = story.answers.get(layout.name)
    if kept == shown.answers.get(layout.name):
        return ""
    if layout.kind == "text":
        return str(kept or "") or "nothing"
    if layout.kind == "tick":
        return "ticked" if kept is True else "not ticked"
    labels = {o.value: o.label for o in layout.options}
    values = kept if isinstance(kept, tuple) else (kept,)
    return ", ".join(labels.get(str(v), str(v)) for v in values if v) or "nothing ticked"


def call_page(
    contact: Contact, fields: Sequence[FieldLayout], came: str, messages: Sequence[str] = ()
) -> CallPage:
    """One contact slip beside its picture."""
    return CallPage(
        id=contact.id,
        came=came,
        notices=contact.reading.notices,
        fields=tuple(_field(contact, layout) for layout in fields),
        messages=tuple(messages),
    )


def known_note(story: Story) -> str:
    """What somebody wrote about a worry before."""
    held = story.worry or story.confirmation
    return held.note if held is not None else ""


def _worrier(story: Story) -> str:
    """Whose worry holds a story; "" for nobody's, or the list's alone."""
    held = worry_unsettled(story) and not held_by_list(story)
    return story.worry.by if held and story.worry is not None else ""


def worry_prompts(story: Story) -> tuple[str, ...]:
    """Why the machine would have a person look; each reason once."""
    texts = (v for v in story.answers.values() if isinstance(v, str))
    return tuple(dict.fromkeys(w.reason for text in texts for w in worries(text)))


def _field(story: Story | Contact, layout: FieldLayout, *, decided: bool = False) -> Field:
    value, answer = story.reading.fields[layout.name], story.answers.get(layout.name)
    if isinstance(value, CombValue):
        return _comb_field(layout, value, answer)
    if isinstance(value, TextValue):
        return Field(
            name=layout.name,
            caption=layout.caption,
            kind="text",
            text=str(answer or ""),
            rows=max(2, min(12, len(value.lines) + 1)),
            lines=_lines(value),
            boxes=(),
            doubt=value.review,
            empty=not (value.lines or value.review or answer),
            pictured=bool(value.quad_px),
            doubts=doubts(value, str(answer or "")) if value.review else (),
        )
    untouched = answer == value.value
    doubt = value.review and untouched and not decided
    return Field(
        name=layout.name,
        caption=layout.caption,
        kind="many" if layout.multiple else "one",
        text="",
        rows=0,
        lines=(),
        boxes=_boxes(layout, value, answer, doubt),
        doubt=doubt,
        pictured=bool(value.quad_px),
    )


def _comb_field(layout: FieldLayout, value: CombValue, answer: AnswerValue) -> Field:
    """Each character by itself, so that the ones in doubt are seen."""
    return Field(
        name=layout.name,
        caption=layout.caption,
        kind="text",
        text=str(answer or ""),
        rows=1,
        lines=(
            tuple(
                Word(runs=((c.text, False),), doubtful=c.review, instead="")
                for c in value.characters
            ),
        ),
        boxes=(),
        doubt=value.review and answer == value.value,
    )


def _lines(value: TextValue) -> tuple[tuple[Word, ...], ...]:
    numbers = count()
    return tuple(
        tuple(
            Word(
                runs=runs(word),
                doubtful=is_doubtful(word),
                instead=", ".join(hints(word)),
                number=next(numbers),
            )
            for word in line.words
        )
        for line in value.lines
    )


def _boxes(
    layout: FieldLayout, value: ChoiceValue, answer: AnswerValue, doubt: bool
) -> tuple[Box, ...]:
    """A lone tick is a yes or no. Where there is doubt nothing is chosen beforehand."""
    seen = {m.value: m.state for m in value.marks}
    if layout.kind == "tick":
        state = seen.get("", "")
        return (
            Box(value="yes", label="Ticked", chosen=answer is True and not doubt, seen=state),
            Box(value="no", label="Not ticked", chosen=answer is False and not doubt, seen=""),
        )
    chosen = set(answer) if isinstance(answer, tuple) else {answer}
    boxes = tuple(
        Box(
            value=o.value,
            label=o.label,
            chosen=o.value in chosen and (layout.multiple or not doubt),
            seen=seen.get(o.value, ""),
        )
        for o in layout.options
    )
    if layout.multiple:
        return boxes
    nothing = Box(
        value=NOTHING, label="Nothing ticked", chosen=answer is None and not doubt, seen=""
    )
    return (*boxes, nothing)
