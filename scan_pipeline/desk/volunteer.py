"""The volunteer's page: compare the text with the picture, and say whether anything worries."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from leaflets.layout import FieldLayout
from scan_pipeline.desk.home import desk, who
from scan_pipeline.desk.pages import NOTHING, confirm_page, worry_prompts
from scan_pipeline.story import AnswerValue, Story

views = Blueprint("volunteer", __name__)
Form = ImmutableMultiDict[str, str]


@views.get("/confirm/<story_id>")
def show(story_id: str) -> str:
    story = desk().repo.story(story_id)
    return render_template("confirm.html", page=confirm_page(story, desk().fields(story)))


@views.post("/confirm/<story_id>")
def save(story_id: str) -> str | Response | tuple[str, int]:
    """Keep what was typed, whatever is missing; finish only when nothing is."""
    repo, by = desk().repo, who()
    story = repo.story(story_id)
    fields = desk().fields(story)
    missing = [] if by else ["Please say who is at the desk."]
    if by:
        for field in fields:
            said, answer = posted(field, request.form)
            if said and answer != story.answers.get(field.name):
                repo.correct(story.id, field.name, answer, by)
    finishing = request.form.get("action") == "confirm"
    if finishing:
        missing += unanswered(fields, story, request.form)
        story = repo.story(story_id)
        forced = bool(worry_prompts(story)) or story.worry is not None
        worry = "yes" if forced else request.form.get("worry", "")
        if worry not in {"yes", "no"}:
            missing.append("Please answer: does anything here worry you?")
        if not missing:
            repo.confirm(story.id, by, worry == "yes", request.form.get("note", "").strip())
            return redirect(url_for("volunteer.thanks", story_id=story.id))
    elif not missing:
        return redirect(url_for("home.show"))
    story = repo.story(story_id)
    page = confirm_page(story, fields, form=request.form, missing=missing)
    return render_template("confirm.html", page=page), 422


@views.get("/thanks/<story_id>")
def thanks(story_id: str) -> str:
    stories = desk().repo.stories()
    story = next(s for s in stories if s.id == desk().repo.story(story_id).id)
    waiting = [s.id for s in stories if s.confirmation is None]
    return render_template(
        "thanks.html",
        story_id=story.id,
        left=len(waiting),
        following=waiting[0] if waiting else "",
        hard=story.worry is not None,
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


def unanswered(fields: tuple[FieldLayout, ...], story: Story, form: Form) -> list[str]:
    """What the machine was not sure of and nobody has decided yet."""
    missing = []
    for field in fields:
        if field.kind in {"text", "comb"}:
            continue
        said, _ = posted(field, form)
        checked = f"f-{field.name}-checked" in form
        doubt = story.reading.fields[field.name].review
        if not said or (field.multiple and doubt and not checked):
            missing.append(f"Please look at the boxes of “{short(field.caption)}”.")
    return missing


def short(caption: str) -> str:
    return caption if len(caption) <= 40 else caption[:38].rsplit(" ", 1)[0] + " …"
