"""The coordinator's page as a record: words for the wall, worry, response."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from babel.dates import format_date

from leaflets.layout import FieldLayout
from scan_pipeline.board import LOCALE, WRITTEN
from scan_pipeline.desk.lists import where
from scan_pipeline.desk.pages import worry_prompts
from scan_pipeline.lookalikes import to_compare
from scan_pipeline.privacy.identify import find
from scan_pipeline.privacy.redact import suggest
from scan_pipeline.progress import (
    about_the_poster,
    is_down,
    publication,
    why_not_on_the_wall,
    worry_unsettled,
)
from scan_pipeline.respond import Caution
from scan_pipeline.story import CONSENT, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Words as they were written, and as they may hang on the wall."""

    name: str
    caption: str
    original: str
    display: str
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What was ticked in one field. `picture`: the field whose boxes are shown beside it; "" for
    none."""

    caption: str
    said: str
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPage:
    """`version`: of the story that is shown. `worried`: who was, and when; `by_list`: nobody
    said so. `for_the_wall`: whether it could ever hang there. `poster`: what is to be done at the
    wall. `alike`: each story that may be the same paper, with what to know of it. `posted`:
    what is shown was just typed and not all of it is kept; `unsaved`: nor is the response; `kept`:
    says what is, where that is something.
    `cautions`: to be read, and ticked, before it is approved; `cautions_read` is the value of that
    tick."""

    story_id: str
    version: int
    where: str
    month: str
    facts: tuple[Fact, ...]
    held: bool
    worried: str
    by_list: bool
    worry_note: str
    worries: tuple[str, ...]
    settled: str
    passages: tuple[Passage, ...]
    form: Mapping[str, str]
    posted: bool
    unsaved: bool
    kept: str
    approved: str
    why_not: str
    poster: str
    down: bool
    for_the_wall: bool
    alike: tuple[tuple[str, str], ...]
    cautions: tuple[Caution, ...]
    cautions_read: str
    messages: tuple[str, ...]
    history: tuple[str, ...]


def answer_page(
    story: Story,
    fields: Sequence[FieldLayout],
    history: Sequence[str],
    *,
    form: Mapping[str, str] | None = None,
    messages: Sequence[str] = (),
    moderated: bool = False,
    cautions: Sequence[Caution] = (),
    alike: Sequence[Story] = (),
) -> AnswerPage:
    """The coordinator's page; `form` is what was just typed and could not be saved as it
    is, but for the words for the wall if `moderated`; without it, the newest response is shown."""
    captions = {f.name: f.caption for f in fields}
    said = form if form is not None else _response_form(story)
    moderation = story.moderation
    response, worry = story.response, story.worry
    unsaved = form is not None and _differs(form, _response_form(story))
    return AnswerPage(
        story_id=story.id,
        version=story.version,
        where=where(story.file, story.page),
        month=format_date(story.received_at, "MMMM yyyy", locale=LOCALE),
        facts=_facts(story, fields),
        held=worry_unsettled(story),
        worried=(
            f"{'The list of words' if worry.by_list else worry.by}, {day(worry.at)}"
            if worry is not None
            else ""
        ),
        by_list=worry is not None and worry.by_list,
        worry_note=worry.note if worry is not None else "",
        worries=worry_prompts(story),
        settled=said.get("settled", moderation.worry_settled if moderation else ""),
        passages=tuple(
            _passage(story, n, captions.get(n, n), said) for n in WRITTEN if _has(story, n)
        ),
        form=said,
        posted=form is not None,
        unsaved=unsaved,
        kept=_kept(story, unsaved=unsaved) if moderated else "",
        approved=(
            f"{response.approved_by}, {day(response.approved_at)}"
            if response is not None and response.approved_at is not None
            else ""
        ),
        why_not=why_not_on_the_wall(story),
        poster=about_the_poster(story),
        down=is_down(story),
        for_the_wall=not is_down(story) and publication(story) != "not_for_display",
        alike=tuple(zip((other.id for other in alike), to_compare(story, alike), strict=True)),
        cautions=tuple(cautions),
        cautions_read=read_mark(cautions),
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


def _facts(story: Story, fields: Sequence[FieldLayout]) -> tuple[Fact, ...]:
    """What was ticked, in the words of the form; the consent with its picture, where there is a
    scan of it."""
    facts = []
    for field in fields:
        answer = story.answers.get(field.name)
        if field.kind == "tick":
            shown = field.name == CONSENT and bool(story.reading.fields[CONSENT].quad_px)
            said = "yes" if answer is True else "no"
            facts.append(Fact(caption=field.caption, said=said, picture=field.name * shown))
        elif field.kind == "choice":
            labels = {o.value: o.label for o in field.options}
            chosen = answer if isinstance(answer, tuple) else (answer,)
            words = ", ".join(labels.get(str(c), str(c)) for c in chosen if c)
            facts.append(Fact(caption=field.caption, said=words or "nothing ticked"))
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


def _kept(story: Story, *, unsaved: bool) -> str:
    """That the words for the wall are saved, where the response was refused."""
    lapsed = story.response is not None and story.response.lapsed
    words = f"The words for the wall are saved{', and not approved' if lapsed else ''}"
    return f"{words}; the response is not saved yet." if unsaved else f"{words}."


def _differs(form: Mapping[str, str], kept: Mapping[str, str]) -> bool:
    """Whether the response that was typed is not the one that is kept."""
    names = ("text", "name", "role", "change", "change_text", "due")
    return any(form.get(n, "").split() != kept.get(n, "").split() for n in names)


def day(when: dt.datetime) -> str:
    return format_date(when, "d MMMM", locale=LOCALE)


def read_mark(cautions: Sequence[Caution]) -> str:
    """Stands for these very cautions in a form, so that a tick holds for no others."""
    return sha256(repr(tuple(cautions)).encode()).hexdigest()[:16] if cautions else ""
