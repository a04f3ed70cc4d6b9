"""What each page shows: one record a page, built from stories by pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leaflets.layout import FieldLayout
from leaflets.settings import Service
from scan_pipeline.board import WRITTEN
from scan_pipeline.privacy.identify import find
from scan_pipeline.privacy.redact import suggest
from scan_pipeline.privacy.worry import worries
from scan_pipeline.progress import progress, why_not_on_the_wall, worry_unsettled
from scan_pipeline.store.records import LedgerRow
from scan_pipeline.story import (
    AnswerValue,
    ChoiceValue,
    CombValue,
    Contact,
    Story,
    TextValue,
    WordReading,
)

DOUBTFUL_BELOW = 0.9
NOTHING = "-"
"""The form's value for "nothing is ticked": a choice that a person made, unlike no choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One story in a list."""

    id: str
    title: str
    note: str
    worry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    service: str
    to_confirm: tuple[Card, ...]
    to_answer: tuple[Card, ...]
    unplaced: tuple[LedgerRow, ...]
    calls: int
    ready: int
    withheld: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    text: str
    doubtful: bool
    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One option to choose; `seen` is what the machine made of its box."""

    value: str
    label: str
    chosen: bool
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field to compare with its picture. `kind`: text, one, many. `doubt`: must be answered."""

    name: str
    caption: str
    kind: str
    text: str
    rows: int
    lines: tuple[tuple[Word, ...], ...]
    boxes: tuple[Box, ...]
    doubt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage:
    story_id: str
    notices: tuple[str, ...]
    fields: tuple[Field, ...]
    worries: tuple[str, ...]
    worry: str
    note: str
    missing: tuple[str, ...]
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """Somebody who asked for a call. `came`: the day on which the slip was scanned."""

    id: str
    came: str
    notices: tuple[str, ...]
    fields: tuple[Field, ...]
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Words as they were written, and as they may hang on the wall."""

    name: str
    caption: str
    original: str
    display: str
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPage:
    story_id: str
    month: str
    facts: tuple[tuple[str, str], ...]
    held: bool
    worry_note: str
    worries: tuple[str, ...]
    settled: str
    passages: tuple[Passage, ...]
    form: Mapping[str, str]
    approved: bool
    why_not: str
    messages: tuple[str, ...]
    history: tuple[str, ...]


def home_page(
    stories: Sequence[Story],
    ledger: Sequence[LedgerRow],
    ready: int,
    withheld: Sequence[tuple[str, str]],
    service: Service,
    calls: int = 0,
) -> HomePage:
    """Worry first, then the oldest. Whoever confirms sees no words here, only numbers; of those who
    wait for a call (`calls`) only how many there are.
    """
    waiting = [s for s in stories if s.confirmation is None]
    answer = [
        s
        for s in stories
        if s.confirmation is not None
        and (worry_unsettled(s) or progress(s) == "awaiting_response" or why_not_on_the_wall(s))
    ]
    return HomePage(
        service=service.name,
        to_confirm=tuple(_card(s) for s in waiting),
        to_answer=tuple(_card(s) for s in answer),
        unplaced=tuple(row for row in ledger if row.status == "unplaced"),
        calls=calls,
        ready=ready,
        withheld=tuple(withheld),
    )


def _card(story: Story) -> Card:
    title = story.answers.get("story_title")
    worry = worry_unsettled(story)
    confirmed = story.confirmation is not None
    return Card(
        id=story.id,
        title=str(title) if confirmed and title else "",
        note="" if not confirmed else why_not_on_the_wall(story),
        worry=worry,
    )


def confirm_page(
    story: Story,
    fields: Sequence[FieldLayout],
    *,
    form: Mapping[str, str] | None = None,
    missing: Sequence[str] = (),
) -> ConfirmPage:
    """`form`: what was just posted, so that nothing typed is lost when something is missing."""
    said = form or {}
    held = story.worry or story.confirmation
    prompts = worry_prompts(story)
    known = "yes" if prompts or story.worry is not None else ""
    return ConfirmPage(
        story_id=story.id,
        notices=story.reading.notices,
        fields=tuple(_field(story, layout) for layout in fields),
        worries=prompts,
        worry=known or said.get("worry", ""),
        note=said.get("note", held.note if held is not None else ""),
        missing=tuple(missing),
        confirmed_by=story.confirmation.by if story.confirmation else "",
    )


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


def worry_prompts(story: Story) -> tuple[str, ...]:
    """Why the machine would have a person look; each reason once."""
    texts = (v for v in story.answers.values() if isinstance(v, str))
    return tuple(dict.fromkeys(w.reason for text in texts for w in worries(text)))


def _field(story: Story | Contact, layout: FieldLayout) -> Field:
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
            lines=tuple(tuple(_word(w) for w in line.words) for line in value.lines),
            boxes=(),
            doubt=value.review,
        )
    untouched = answer == value.value
    doubt = value.review and untouched
    return Field(
        name=layout.name,
        caption=layout.caption,
        kind="many" if layout.multiple else "one",
        text="",
        rows=0,
        lines=(),
        boxes=_boxes(layout, value, answer, doubt),
        doubt=doubt,
    )


def _comb_field(layout: FieldLayout, value: CombValue, answer: AnswerValue) -> Field:
    """Each character by itself, so that the ones in doubt are seen."""
    return Field(
        name=layout.name,
        caption=layout.caption,
        kind="text",
        text=str(answer or ""),
        rows=1,
        lines=(tuple(Word(text=c.text, doubtful=c.review, instead="") for c in value.characters),),
        boxes=(),
        doubt=value.review and answer == value.value,
    )


def _word(word: WordReading) -> Word:
    return Word(
        text=word.text,
        doubtful=word.confidence < DOUBTFUL_BELOW,
        instead=", ".join(word.alternatives),
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


def answer_page(
    story: Story,
    fields: Sequence[FieldLayout],
    month: str,
    history: Sequence[str],
    *,
    form: Mapping[str, str] | None = None,
    messages: Sequence[str] = (),
) -> AnswerPage:
    """The coordinator's page; `form` is what was just typed, or the newest response."""
    captions = {f.name: f.caption for f in fields}
    said = form if form is not None else _response_form(story)
    moderation = story.moderation
    worry = story.worry or story.confirmation
    return AnswerPage(
        story_id=story.id,
        month=month,
        facts=_facts(story, fields),
        held=worry_unsettled(story),
        worry_note=worry.note if worry is not None and worry.worry else "",
        worries=worry_prompts(story),
        settled=said.get("settled", moderation.worry_settled if moderation else ""),
        passages=tuple(
            _passage(story, n, captions.get(n, n), said) for n in WRITTEN if _has(story, n)
        ),
        form=said,
        approved=story.response is not None and story.response.approved_at is not None,
        why_not=why_not_on_the_wall(story),
        messages=tuple(messages),
        history=tuple(history),
    )


def _has(story: Story, name: str) -> bool:
    return bool(story.answers.get(name))


def _passage(story: Story, name: str, caption: str, said: Mapping[str, str]) -> Passage:
    original = str(story.answers.get(name) or "")
    moderation = story.moderation
    kept = moderation.display.get(name) if moderation and not moderation.stale else None
    display = said.get(f"display-{name}", kept if kept is not None else suggest(original))
    return Passage(
        name=name,
        caption=caption,
        original=original,
        display=display,
        findings=tuple((original[f.start : f.end], f.reason) for f in find(original)),
    )


def _facts(story: Story, fields: Sequence[FieldLayout]) -> tuple[tuple[str, str], ...]:
    """What was ticked, in the words of the form."""
    facts = []
    for field in fields:
        answer = story.answers.get(field.name)
        if field.kind == "tick":
            facts.append((field.caption, "yes" if answer is True else "no"))
        elif field.kind == "choice":
            labels = {o.value: o.label for o in field.options}
            chosen = answer if isinstance(answer, tuple) else (answer,)
            words = ", ".join(labels.get(str(c), str(c)) for c in chosen if c)
            facts.append((field.caption, words or "nothing ticked"))
    return tuple(facts)


def _response_form(story: Story) -> dict[str, str]:
    response = story.response
    if response is None:
        return {}
    change = response.change
    return {
        "text": response.text,
        "name": response.responder_name,
        "role": response.responder_role,
        "change": change.status if change else "",
        "change_text": change.text if change else "",
        "due": change.due.isoformat() if change and change.due else "",
    }
