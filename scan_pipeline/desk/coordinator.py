"""The coordinator's page: words for the wall, a worry settled, the response and its approval."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from leaflets.errors import LeafletsError
from scan_pipeline.board import LOCALE, WRITTEN
from scan_pipeline.desk.home import desk, who
from scan_pipeline.desk.pages import MessagePage, answer_page
from scan_pipeline.respond import respond
from scan_pipeline.story import Story

views = Blueprint("coordinator", __name__)


@views.get("/answer/<story_id>")
def show(story_id: str) -> str | Response:
    story = desk().repo.story(story_id)
    if story.confirmation is None:
        return redirect(url_for("volunteer.show", story_id=story.id))
    return _render(story)


@views.post("/answer/<story_id>")
def save(story_id: str) -> str | Response | tuple[str, int]:
    """Save the words for the wall, then the response; each stays saved if the next one fails."""
    repo, by = desk().repo, who()
    story = repo.story(story_id)
    if not by:
        return _render(story, "Please say who is at the desk."), 422
    settled = request.form.get("settled", "").strip()
    display = {
        name: request.form[f"display-{name}"].replace("\r\n", "\n").strip()
        for name in WRITTEN
        if f"display-{name}" in request.form
    }
    known = story.moderation
    if known is None or known.stale or (known.display, known.worry_settled) != (display, settled):
        repo.moderate(story.id, by, display, settled)
    if not request.form.get("text", "").strip():
        return redirect(url_for("coordinator.show", story_id=story.id))
    try:
        said = _respond(story.id)
    except LeafletsError as error:
        return _render(repo.story(story_id), str(error), error.remedy), 409
    if said:
        return _render(repo.story(story_id), *said)
    return redirect(url_for("coordinator.show", story_id=story.id))


def _respond(story_id: str) -> tuple[str, ...]:
    form = request.form
    try:
        due = dt.date.fromisoformat(form["due"]) if form.get("due") else None
    except ValueError:
        due = None
    return respond(
        desk().repo,
        story_id,
        text=form.get("text", ""),
        name=form.get("name", ""),
        role=form.get("role", ""),
        change_status=form.get("change") or None,
        change_text=form.get("change_text", ""),
        due=due if form.get("change") == "planned" else None,
        approve=form.get("action") == "approve",
    )


@views.post("/withdraw/<story_id>")
def withdraw(story_id: str) -> str | tuple[str, int]:
    """Take a story down. Nobody needs a reason."""
    by = who()
    story = desk().repo.story(story_id)
    if not by:
        return _render(story, "Please say who is at the desk."), 422
    desk().repo.withdraw(story.id, by, request.form.get("reason", "").strip())
    page = MessagePage(
        title=f"{story.id} is taken down",
        lines=("It will not be printed again. Please take its poster off the wall.",),
    )
    return render_template("message.html", page=page)


def _render(story: Story, *messages: str) -> str:
    history = [
        f"{format_date(event.at, 'd MMMM', locale=LOCALE)}: {event.what} ({event.by})"
        for event in desk().repo.events(story.id)
    ]
    page = answer_page(
        story,
        desk().fields(story),
        format_date(story.received_at, "MMMM yyyy", locale=LOCALE),
        history,
        form=request.form if messages and request.method == "POST" else None,
        messages=messages,
    )
    return render_template("answer.html", page=page)
