"""The coordinator's page: words for the wall, a worry settled, the response and its approval."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from leaflets.errors import LeafletsError
from scan_pipeline.board import WRITTEN
from scan_pipeline.desk.answering import answer_page, day, read_mark
from scan_pipeline.desk.home import desk, seen, who
from scan_pipeline.desk.pages import MessagePage
from scan_pipeline.desk.volunteer import LONGEST
from scan_pipeline.learning.learned import still_known
from scan_pipeline.respond import Caution, Unread, compose, date_of, judge, respond
from scan_pipeline.store import Changed
from scan_pipeline.story import Story

views = Blueprint("coordinator", __name__)
SAY_WHAT = "Please say in a few words what was done about the worry, and by whom."
SAY_WHO = "Please say who is at the desk."
NOTHING_CHANGED = "It stays down. Nothing has changed."


@views.get("/answer/<story_id>")
def show(story_id: str) -> str | Response:
    story = desk().repo.story(story_id)
    if story.confirmation is None:
        return redirect(url_for("volunteer.show", story_id=story.id))
    return _render(story)


@views.post("/answer/<story_id>")
def save(story_id: str) -> str | Response | tuple[str, int]:
    """Save the words for the wall, then the response; the first stays saved if the second fails,
    and is not approved then if it is new.

    Nothing is saved of a page that shows an older story than the one that is kept.
    """
    repo = desk().repo
    story = repo.story(story_id)
    wrong = _wrong()
    if wrong:
        return _render(story, *wrong), 422
    try:
        version = _moderate(story, seen(story))
        notes = _respond(story.id, version)
    except Unread as error:
        return _render(repo.story(story_id), cautions=error.cautions, moderated=True), 409
    except Changed as error:
        return _render(repo.story(story_id), str(error), error.remedy), 409
    except LeafletsError as error:
        return _render(repo.story(story_id), str(error), error.remedy, moderated=True), 409
    if notes:
        return _render(repo.story(story_id), *notes, saved=True)
    return redirect(url_for("coordinator.show", story_id=story.id))


def _wrong() -> list[str]:
    """What has to be put right before anything is saved."""
    form = request.form
    wrong = [] if who() else [SAY_WHO]
    settled = form.get("settled", "").strip()
    if settled and not says_what_and_who(settled):
        wrong.append(SAY_WHAT)
    if any(len(said) > LONGEST for said in form.values()):
        wrong.append(f"One of the texts has more than {LONGEST} letters: please shorten it.")
    if form.get("action") == "approve" and not form.get("text", "").strip():
        wrong.append("The response has no words yet: there is nothing to approve.")
    return wrong


def says_what_and_who(said: str) -> bool:
    """Whether a worry was settled in words: a dot or "ok" tells the next reader nothing."""
    words = re.findall(r"[^\W\d_]{2,}", said)
    return len(words) >= 2 and sum(map(len, words)) >= 6


def _moderate(story: Story, version: int) -> int:
    """Keep the words for the wall, if they or the story are new. Returns the story's version."""
    if story.version != version:
        raise Changed
    settled = request.form.get("settled", "").strip()
    display = {
        name: request.form[f"display-{name}"].replace("\r\n", "\n").strip()
        for name in WRITTEN
        if f"display-{name}" in request.form
    }
    known = story.moderation
    if known and not known.stale and (known.display, known.worry_settled) == (display, settled):
        return version
    return desk().repo.moderate(story.id, who(), display, settled, seen=version)


def _respond(story_id: str, version: int) -> tuple[str, ...]:
    form = request.form
    if not form.get("text", "").strip():
        return ()
    response = compose(
        text=form.get("text", "").replace("\r\n", "\n"),
        name=form.get("name", ""),
        role=form.get("role", ""),
        change_status=form.get("change") or None,
        change_text=form.get("change_text", ""),
        due=date_of(form.get("due", "")) if form.get("change") == "planned" else None,
    )
    story, alike = desk().repo.story(story_id), desk().repo.alike(story_id)
    cautions = judge(story, response, desk().service, alike).cautions
    return respond(
        desk().repo,
        story_id,
        response,
        service=desk().service,
        by=who(),
        approve=form.get("action") == "approve",
        anyway=form.get("cautions") == read_mark(cautions),
        seen=version,
    )


@views.post("/withdraw/<story_id>")
def withdraw(story_id: str) -> str | tuple[str, int]:
    """Take a story down, confirmed or not. Nobody needs a reason.

    Whoever does it may be a volunteer: the name is not kept as the coordinator's.
    """
    by, reason = request.form.get("by", "").strip()[:80], request.form.get("reason", "").strip()
    story = desk().repo.story(story_id)
    if not by:
        page = MessagePage(
            title=f"{story.id} is not taken down yet",
            lines=(SAY_WHO, "Please go back and try again."),
            typed=reason,
        )
        return render_template("message.html", page=page), 422
    if not desk().repo.withdraw(story.id, by, reason[:LONGEST]):
        page = MessagePage(title=f"{story.id} was taken down before", lines=(NOTHING_CHANGED,))
        return render_template("message.html", page=page)
    lines = (
        "It will not be printed again. Please take its poster off the wall.",
        still_known(desk().workspace, learn=desk().service.learn),
    )
    page = MessagePage(title=f"{story.id} is taken down", lines=tuple(filter(None, lines)))
    return render_template("message.html", page=page)


def _render(
    story: Story,
    *messages: str,
    cautions: Sequence[Caution] = (),
    moderated: bool = False,
    saved: bool = False,
) -> str:
    """`moderated`: of what was posted, the words for the wall are kept; `saved`: all of it is, so
    that the page shows what is kept."""
    history = [
        f"{day(event.at)}: {event.what} ({event.by or 'the machine'})"
        for event in desk().repo.events(story.id)
    ]
    posted = request.endpoint == "coordinator.save" and not saved
    page = answer_page(
        story,
        desk().fields(story),
        history,
        form=request.form if posted else None,
        messages=messages,
        moderated=moderated,
        cautions=cautions,
        alike=desk().repo.alike(story.id),
    )
    return render_template("answer.html", page=page)
