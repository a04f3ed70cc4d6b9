"""The coordinator's other page: people who asked for a call. Kept apart from every story."""

from __future__ import annotations

from babel.dates import format_date
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from scan_pipeline.board import LOCALE
from scan_pipeline.desk import pictures
from scan_pipeline.desk.home import desk, who
from scan_pipeline.desk.pages import MessagePage, call_page
from scan_pipeline.desk.volunteer import posted
from scan_pipeline.story import Contact

views = Blueprint("calls", __name__)

GONE = (
    "Its picture and everything that was read from it are deleted for good: nobody can bring them "
    "back. The list of pages only says that a slip came, and who deleted it.",
    "Still to do by hand: destroy the paper, and delete the scan from the scanner’s own folder and "
    "from backups.",
)


@views.get("/calls")
def every() -> str:
    """Who waits, and since when; the longest first. No name and no number."""
    waiting = [(contact.id, _day(contact)) for contact in desk().repo.contacts()]
    return render_template("calls.html", waiting=waiting)


@views.get("/calls/<contact_id>")
def show(contact_id: str) -> str:
    return _render(desk().repo.contact(contact_id))


@views.post("/calls/<contact_id>")
def save(contact_id: str) -> str | AnyResponse | tuple[str, int]:
    """Keep what was corrected; with the action "done" delete the slip instead."""
    repo, by = desk().repo, who()
    contact = repo.contact(contact_id)
    if not by:
        return _render(contact, "Please say who is at the desk."), 422
    if request.form.get("action") == "done":
        if "rung" not in request.form:
            return _render(
                contact, "Please tick that nothing more is to be done, then delete."
            ), 422
        repo.delete_contact(contact.id, by)
        pictures.forget()
        page = MessagePage(title=f"{contact.id} is done", lines=GONE)
        return render_template("message.html", page=page)
    for field in desk().fields(contact):
        said, answer = posted(field, request.form)
        if said and answer != contact.answers.get(field.name):
            repo.correct_contact(contact.id, field.name, answer, by)
    return redirect(url_for("calls.show", contact_id=contact.id))


@views.get("/calls/<contact_id>/picture")
def whole(contact_id: str) -> Response:
    """The whole slip, upright."""
    contact = desk().repo.contact(contact_id)
    path = desk().repo.original_path(contact.image_sha256)
    return Response(pictures.whole_page(path, contact.reading), mimetype="image/jpeg")


@views.get("/calls/<contact_id>/picture/<field>")
def part(contact_id: str, field: str) -> Response:
    """One field as it was written."""
    contact = desk().repo.contact(contact_id)
    value = contact.reading.fields.get(field)
    if value is None:
        raise NotFound("There is no such field on this slip.")
    path = desk().repo.original_path(contact.image_sha256)
    return Response(pictures.field_picture(path, value), mimetype="image/jpeg")


def _render(contact: Contact, *messages: str) -> str:
    page = call_page(contact, desk().fields(contact), _day(contact), messages)
    return render_template("call.html", page=page)


def _day(contact: Contact) -> str:
    return format_date(contact.received_at, "d MMMM", locale=LOCALE)
