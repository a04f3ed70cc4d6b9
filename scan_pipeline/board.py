"""From a story to what its poster may say, or to the reason why it has none.

Every rule that protects the writer is looked at again here, whatever was done before: the last
door is the one that counts.
"""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache

from babel.dates import format_date

from leaflets.content import Badge, PosterContent, PublicText
from leaflets.poster import why_not_printable
from leaflets.settings import Service
from leaflets.sheet import layout_for
from leaflets.typeset import pictures
from scan_pipeline.privacy.identify import find
from scan_pipeline.privacy.redact import (
    Doubts,
    own_words,
    publish,
    publish_response,
    response_doubts,
)
from scan_pipeline.privacy.wishes import asks_not_to_be_shown
from scan_pipeline.privacy.worry import worries
from scan_pipeline.progress import progress, why_not_on_the_wall
from scan_pipeline.story import Progress, Response, Story

LOCALE = "en_GB"
MONTHS_ON_THE_WALL = 3
WRITTEN = ("story_title", "story", "good", "improve", "feelings_other", "handle")
"""Fields in the writer's own words."""
_NAMES = {
    "story_title": "title",
    "story": "story",
    "good": "“What was good?”",
    "improve": "“What could be better?”",
    "feelings_other": "other feeling",
    "handle": "story name",
}
_BADGES: dict[Progress, Badge] = {
    "awaiting_response": "new",
    "responded": "answered",
    "change_planned": "change_planned",
    "change_made": "change_made",
    "no_change_possible": "cannot",
}


def poster_of(
    story: Story, service: Service, *, today: dt.date | None = None
) -> PosterContent | str:
    """A story's poster; or, in plain words, the first thing that keeps it from being printed."""
    reason = why_not_on_the_wall(story)
    if reason:
        return reason
    if _unsettled_words(story):
        return (
            "Some of its words may be about somebody’s safety: write down, on its page in the "
            "desk, what was done about it, and by whom."
        )
    parts = {field: _public(story, field) for field in WRITTEN}
    for field, part in parts.items():
        if isinstance(part, Doubts):
            return (
                f"In the {_NAMES[field]}, {' and '.join(part.reasons)}: the coordinator checks "
                "the words for the wall in the desk."
            )
    texts = {field: part for field, part in parts.items() if isinstance(part, PublicText)}
    content = _content(story, texts, service, today or dt.date.today())
    return content if isinstance(content, str) else why_not_printable(content) or content


def _unsettled_words(story: Story) -> bool:
    """Words that worry hold a story as a person's worry does, until the coordinator settles it."""
    settled = story.moderation is not None and bool(story.moderation.worry_settled)
    return not settled and any(worries(text) for text in _as_written(story))


def _content(
    story: Story, texts: dict[str, PublicText], service: Service, today: dt.date
) -> PosterContent | str:
    response = story.response
    if response is None:
        return "It has no response yet."
    if not texts.keys() & {"story", "good", "improve"}:
        return "It has no words that may be shown."
    change = response.change
    answer = _answer(story, response.text)
    promise = _answer(story, change.text) if change is not None else None
    name = publish_response(response.responder_name.strip(), originals=(), shown=())
    role = _answer(story, response.responder_role)
    for part in (answer, promise, name, role):
        if isinstance(part, Doubts):
            return " ".join(part.reasons)
    return PosterContent(
        number=story.id,
        month=_month(story.received_at),
        title=texts.get("story_title"),
        story=texts.get("story"),
        good=texts.get("good"),
        improve=texts.get("improve"),
        feelings=_feelings(story, service, texts.get("feelings_other")),
        handle=texts.get("handle"),
        badge=_BADGES[progress(story)],
        response=_sure(answer),
        responder_name=_sure(name),
        responder_role=_sure(role),
        response_month=_month(response.at),
        change=_sure(promise),
        due_month=_month(change.due) if change is not None and change.due is not None else "",
        service_name=service.name,
        organisation=service.organisation,
        take_down_after=format_date(_months_later(today), "d MMMM yyyy", locale=LOCALE),
        take_down_route=service.take_down_route,
        logo=service.logo,
    )


def _answer(story: Story, text: str) -> PublicText | Doubts:
    return publish_response(text.strip(), originals=_as_written(story), shown=_shown(story))


def _sure(part: PublicText | Doubts | None) -> PublicText | None:
    return part if isinstance(part, PublicText) else None


def _feelings(story: Story, service: Service, other: PublicText | None) -> tuple[PublicText, ...]:
    """The words of the form for what was ticked, and the writer's own word."""
    ticked = story.answers.get("feelings")
    values = ticked if isinstance(ticked, tuple) else (ticked,) if isinstance(ticked, str) else ()
    labels = _labels(story.reading.template, service)
    words = [own_words(labels.get(value, value.replace("_", " "))) for value in values]
    return (*words, *([other] if other is not None else []))


@lru_cache(maxsize=8)
def _labels(template: str, service: Service) -> dict[str, str]:
    """What is printed beside each feeling, by its value."""
    return {
        option.value: option.label
        for page in layout_for(template, service).pages
        for field in page.fields
        if field.name == "feelings"
        for option in field.options
    }


def _month(when: dt.date) -> str:
    return format_date(when, "LLLL yyyy", locale=LOCALE)


def _months_later(day: dt.date) -> dt.date:
    """The same day some months on; the month's last day where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + MONTHS_ON_THE_WALL, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def words_on(content: PosterContent) -> tuple[str, ...]:
    """Every word that people wrote on a poster, part by part, each after what it is."""
    parts = (
        (_NAMES["story_title"], content.title),
        (_NAMES["story"], content.story),
        (_NAMES["good"], content.good),
        (_NAMES["improve"], content.improve),
        (_NAMES["handle"], content.handle),
        *(("feeling", word) for word in content.feelings),
        ("response", content.response),
        ("change", content.change),
        ("from", content.responder_name),
        ("role", content.responder_role),
    )
    return tuple(f"{name}: {part.text}" for name, part in parts if part is not None)


def doubts_about(story: Story, response: Response) -> tuple[str, ...]:
    """Why a response to `story` would give the writer away, in plain words."""
    written, shown = _as_written(story), _shown(story)
    of_parts = (
        *(response_doubts(p, originals=written, shown=shown) for p in said_in(response)),
        response_doubts(response.responder_name, originals=(), shown=()),
    )
    return tuple(dict.fromkeys(reason for reasons in of_parts for reason in reasons))


def said_in(response: Response) -> tuple[str, ...]:
    """Every word of a response that hangs on the wall, but for the name of who gives it: what it
    says, its change, and the role."""
    change = (response.change.text,) if response.change is not None else ()
    return (response.text, *change, response.responder_role)


def pictures_on(story: Story, response: Response) -> dict[str, str]:
    """The pictures on the poster of a story, each with the words that are printed in its place."""
    return pictures("\n".join((*said_in(response), response.responder_name, *_shown(story))))


def taken_out(story: Story) -> tuple[str, ...]:
    """What is printed in place of details that still stand in the words for the wall."""
    said = (_said(story, field) for field in WRITTEN)
    found = (f.suggestion for text in said for f in find(text) if f.action == "remove")
    return tuple(dict.fromkeys(found))


def asks_to_stay_off(story: Story) -> tuple[str, ...]:
    """The sentences in which the writer may ask not to be shown, whatever is left for the wall."""
    found = (said for text in _as_written(story) for said in asks_not_to_be_shown(text))
    return tuple(dict.fromkeys(found))


def names_left(story: Story) -> tuple[str, ...]:
    """What in the words for the wall may still say who somebody is; a coordinator left it there."""
    found = (
        said[f.start : f.end] for said in _shown(story) for f in find(said) if f.action == "ask"
    )
    return tuple(dict.fromkeys(found))


def strangers_in(story: Story, text: str, *, known: str) -> tuple[str, ...]:
    """Possible names in a response, but for the words of `known` and the names that
    `names_left` says of the story: what nobody was told of there is told of here."""
    seen = set(" ".join((known, *names_left(story))).casefold().split())
    found = (
        text[f.start : f.end]
        for f in find(text)
        if f.kind in {"name", "staff_name"} and f.action == "ask"
    )
    return tuple(dict.fromkeys(name for name in found if not set(name.casefold().split()) <= seen))


def _as_written(story: Story) -> list[str]:
    """The writer's words as they are, before anything was taken out."""
    answers = (story.answers.get(field) for field in WRITTEN)
    return [said for said in answers if isinstance(said, str) and said.strip()]


def _shown(story: Story) -> list[str]:
    """The words that may be seen: nothing of a field that is still in doubt."""
    fields = (_public(story, field) for field in WRITTEN)
    return [said.text for said in fields if isinstance(said, PublicText)]


def _public(story: Story, field: str) -> PublicText | Doubts | None:
    """A field as it may hang on the wall; None where nothing was said."""
    said = _said(story, field)
    display = story.moderation.display if story.moderation is not None else {}
    return publish(said, settled=field in display) if said else None


def _said(story: Story, field: str) -> str:
    """The coordinator's words for the wall where there are any, else the writer's."""
    display = story.moderation.display if story.moderation is not None else {}
    said = display.get(field, story.answers.get(field))
    return said.strip() if isinstance(said, str) else ""
