"""The volunteer's page: compare the text with the picture; does anything there worry you?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from leaflets.layout import FieldLayout
from scan_pipeline.desk.home import desk, seen, who
from scan_pipeline.desk.pages import (
    NOTHING,
    Missing,
    asks_if_empty,
    confirm_page,
    known_note,
    worry_prompts,
)
from scan_pipeline.desk.pictures import can_be_shown
from scan_pipeline.progress import about_the_poster, to_confirm, worry_unsettled
from scan_pipeline.store import Changed
from scan_pipeline.story import AnswerValue, Story

views = Blueprint("volunteer", __name__)
Form = ImmutableMultiDict[str, str]
Fields = Sequence[FieldLayout]
WORRY = Missing("Please answer: does anything here worry you?", "q-worry")
UNNAMED = "somebody at the desk"
"""Whose a worry is that cannot wait for a name."""
COMPARE = "Its picture is missing: please compare the text with the paper, and tick that you did."
LONGEST = 10_000
"""Letters in one field: a leaflet holds a fifth of that, and a poster less."""


@views.get("/confirm/<story_id>")
def show(story_id: str) -> str:
    story = desk().repo.story(story_id)
    return _shown(story, desk().fields(story))


@views.post("/confirm/<story_id>")
def save(story_id: str) -> str | Response | tuple[str, int]:
    """Keep what was typed, whatever is missing; finish only when nothing is. If somebody did
    something with the story since the page was opened, nothing is kept before they look again,
    but for a worry.
    """
    repo, by, form = desk().repo, who(), request.form
    story = repo.story(story_id)
    fields = desk().fields(story)
    answers = ((field.name, posted(field, form)) for field in fields)
    typed = {name: answer for name, (said, answer) in answers if said}
    missing = _refused(fields, story, typed, form, by)
    refused = {m.anchor for m in missing}
    worried = form.get("worry") == "yes"
    try:
        version = _hold(story, by, seen(story)) if worried else seen(story)
        for name, answer in typed.items() if by else ():
            if f"q-{name}" not in refused:
                version = repo.correct(story.id, name, answer, by, seen=version)
        story = repo.story(story_id)
        if form.get("action") == "confirm":
            missing += unanswered(fields, story, form)
            if "compared" not in form and _lost(story):
                missing.append(Missing(COMPARE, "q-compared"))
            worry = _worry(story)
            if worry is None:
                missing.append(WORRY)
            elif not missing:
                by_list = _by_list_alone(story)
                repo.confirm(story.id, by, worry, _note(), by_list=by_list, seen=version)
                return redirect(url_for("volunteer.thanks", story_id=story.id))
        elif not form.get("worry") and _note() not in {"", known_note(story)}:
            missing.append(WORRY)  # nobody writes why without meaning yes
        elif not missing:
            thanked = url_for("volunteer.thanks", story_id=story.id)
            return redirect(thanked if worried else url_for("home.show"))
    except Changed as error:
        return _again(repo.story(story_id), fields, typed, error)
    return _shown(story, fields, form, typed, missing), 422


def _shown(
    story: Story,
    fields: Fields,
    form: Form | None = None,
    typed: Mapping[str, AnswerValue] | None = None,
    missing: Sequence[Missing] = (),
) -> str:
    again = desk().repo.scanned_again(story.id)
    page = confirm_page(
        story, fields, form=form, typed=typed, missing=missing, again=again, lost=_lost(story)
    )
    return render_template("confirm.html", page=page)


def _lost(story: Story) -> bool:
    """Whether there is nothing on the screen to compare the text with."""
    return not can_be_shown(desk().repo, story.image_sha256)


def _refused(
    fields: Fields, story: Story, typed: Mapping[str, AnswerValue], form: Form, by: str
) -> list[Missing]:
    """What keeps words from being saved at all."""
    missing = [] if by else [Missing("Please say who is at the desk.", "q-by")]
    for field in fields:
        answer, caption = typed.get(field.name), short(field.caption)
        if isinstance(answer, str) and len(answer) > LONGEST:
            told = f"“{caption}” has {len(answer)} letters; there is room for {LONGEST}."
            missing.append(Missing(told, f"q-{field.name}"))
        asked = asks_if_empty(story, field.name, answer) if field.name in typed else ""
        if asked and f"f-{field.name}-empty" not in form:
            missing.append(Missing(f"“{caption}”: {asked}", f"q-{field.name}"))
    return missing


def _hold(story: Story, by: str, version: int) -> int:
    """Keep a worry at once, whatever else is missing. It is about the paper: so it is kept too
    where the page is out of date, and before anybody says who they are. Returns the version."""
    if _stands(story, by):
        return version
    try:
        return desk().repo.raise_worry(story.id, by or UNNAMED, _note(), seen=version)
    except Changed:
        desk().repo.raise_worry(story.id, by or UNNAMED, _note())
        raise


def _stands(story: Story, by: str) -> bool:
    """Whether this worry is known already: the form of a story that is held says it again."""
    known = story.worry
    if known is None or known.by_list or not worry_unsettled(story):
        return False
    return _note() in {"", known.note} and (not by or known.by != UNNAMED)


def _note() -> str:
    """What somebody has just written about a worry."""
    return request.form.get("note", "").strip()[:LONGEST]


def _worry(story: Story) -> bool | None:
    """What was answered; None for nothing. A worry that is known already stays."""
    if worry_prompts(story) or story.worry is not None:
        return True
    return {"yes": True, "no": False}.get(request.form.get("worry", ""))


def _by_list_alone(story: Story) -> bool:
    """Whether a worry is the list's: no person has said it, now or before."""
    person = story.worry is not None and not story.worry.by_list
    return not person and request.form.get("worry") != "yes"


def _again(
    story: Story, fields: Fields, typed: Mapping[str, AnswerValue], error: Changed
) -> tuple[str, int]:
    """Somebody else was quicker: show what is typed here beside what is saved now."""
    differ = [f for f in fields if f.name in typed and typed[f.name] != story.answers.get(f.name)]
    missing = [Missing(str(error), "")] + [
        Missing(f"“{short(f.caption)}” is not what is saved now.", f"q-{f.name}") for f in differ
    ]
    return _shown(story, fields, request.form, typed, missing), 409


@views.get("/thanks/<story_id>")
def thanks(story_id: str) -> str:
    stories = desk().repo.stories()
    story = next(s for s in stories if s.id == desk().repo.story(story_id).id)
    waiting = [s.id for s in stories if to_confirm(s)]
    others = [name for name in waiting if name != story.id]
    return render_template(
        "thanks.html",
        story_id=story.id,
        left=len(waiting),
        following=others[0] if others else "",
        done=story.confirmation is not None,
        hard=story.worry is not None,
        by_list=story.worry is not None and story.worry.by_list,
        poster=about_the_poster(story),
    )


def posted(field: FieldLayout, form: Form) -> tuple[bool, AnswerValue]:
    """(whether a person answered, the answer) for one field of the posted form."""
    key = f"f-{field.name}"
    if field.kind in {"text", "comb"}:
        return key in form, "\n".join(form.get(key, "").split("\r\n")).strip()
    if field.multiple:
        options = [o.value for o in field.options]
        chosen = tuple(o for o in options if o in form.getlist(key))
        return f"{key}-shown" in form, chosen or None
    said = form.get(key)
    if field.kind == "tick":
        return said in {"yes", "no"}, said == "yes"
    return said is not None, None if said == NOTHING else said


def unanswered(fields: Fields, story: Story, form: Form) -> list[Missing]:
    """What the machine was not sure of and nobody has decided yet."""
    missing = []
    for field in fields:
        if field.kind in {"text", "comb"}:
            continue
        said, _ = posted(field, form)
        checked = f"f-{field.name}-checked" in form
        doubt = story.reading.fields[field.name].review
        if not said or (field.multiple and doubt and not checked):
            told = f"Please look at the boxes of “{short(field.caption)}”."
            missing.append(Missing(told, f"q-{field.name}"))
    return missing


def short(caption: str) -> str:
    return caption if len(caption) <= 40 else caption[:38].rsplit(" ", 1)[0] + " …"
