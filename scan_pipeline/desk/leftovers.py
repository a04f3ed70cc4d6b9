"""Pages that made no story, such as writing on the outside: the picture, and what was done."""

from __future__ import annotations

from dataclasses import dataclass

from babel.dates import format_date
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from leaflets.errors import LeafletsError
from leaflets.layout import SheetLayout
from scan_pipeline.board import LOCALE
from scan_pipeline.by_hand import take_in
from scan_pipeline.desk import pictures
from scan_pipeline.desk.coordinator import says_what_and_who
from scan_pipeline.desk.home import desk, who
from scan_pipeline.desk.lists import where
from scan_pipeline.desk.volunteer import LONGEST
from scan_pipeline.privacy.worry import worries
from scan_pipeline.store import LedgerRow
from scan_pipeline.store.records import Dealt, PageNote

views = Blueprint("leftovers", __name__)
FORM = "story"
_DONE: dict[str, Dealt] = {"typed": "typed", "handed": "handed", "nothing": "nothing", "wait": ""}
_TOLD: dict[Dealt, str] = {
    "typed": "typed into",
    "handed": "handed to somebody",
    "nothing": "nothing is needed",
    "": "left on the list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftoverPage:
    """`said`: what was just posted. `worried`: somebody is already, so the answer stays Yes."""

    seq: int
    where: str
    reason: str
    pictured: bool
    turns: int
    worried: bool
    said: dict[str, str]
    history: tuple[str, ...]
    messages: tuple[str, ...]


@views.get("/page/<int:seq>")
def show(seq: int) -> str:
    return _render(desk().repo.unplaced(seq))


@views.post("/page/<int:seq>")
def save(seq: int) -> str | Response | tuple[str, int]:
    """Write down what was done. Nothing is written while something is missing."""
    repo, form, by = desk().repo, request.form, who()
    row = repo.unplaced(seq)
    words, note = form.get("words", "").strip(), form.get("note", "").strip()
    said = row.worry or form.get("worry") == "yes"
    worry = said or bool(worries(words))
    missing = _missing(row, by, worry=worry)
    if missing:
        return _render(row, *missing), 422
    done = _DONE[form["done"]]
    if done != "typed":
        repo.deal_with(seq, by, done, worry=worry, note=note)
        return redirect(url_for("home.show"))
    belongs = form.get("story", "").strip()
    try:
        text = words.replace("\r\n", "\n")
        story_id = take_in(
            repo,
            row,
            _layout(),
            text,
            by,
            worry=worry,
            note=note,
            story_id=belongs,
            by_list=worry and not said,
        )
    except LeafletsError as error:
        return _render(row, str(error), error.remedy), 422
    return redirect(url_for("volunteer.show", story_id=story_id))


def _missing(row: LedgerRow, by: str, *, worry: bool) -> list[str]:
    form = request.form
    words, note, done = (form.get(n, "").strip() for n in ("words", "note", "done"))
    missing = [] if by else ["Please say who is at the desk."]
    if row.image_sha256 and not worry and form.get("worry") != "no":
        missing.append("Please answer: does anything here worry you?")
    if done not in _DONE or (done == "typed" and not row.image_sha256):
        missing.append("Please say what was done about this page.")
    if done == "typed" and not words:
        missing.append("Please type what is written there, as it is.")
    if done == "handed" and not says_what_and_who(note):
        missing.append("Please say in a few words to whom it was handed.")
    if done == "nothing" and worry:
        missing.append(
            "Somebody is worried by this page: please type it into a story, say to whom it was "
            "handed, or leave it on the list, where it stands first."
        )
    if max(len(words), len(note)) > LONGEST:
        missing.append(f"There is room for {LONGEST} letters: please shorten it.")
    return missing


def _layout() -> SheetLayout:
    """The form whose fields a story typed by hand has: the one that is printed now."""
    return next(layout for layout in desk().forms if layout.template == FORM)


@views.get("/page/<int:seq>/picture")
def picture(seq: int) -> Response:
    row = desk().repo.unplaced(seq)
    if not row.image_sha256:
        raise NotFound("There is no picture of this page: please look at the paper.")
    path = desk().repo.original_path(row.image_sha256)
    return Response(pictures.turned_page(path, _turns()), mimetype="image/jpeg")


def _turns() -> int:
    """Quarter turns to the left, as the address says."""
    said = request.args.get("turns", "0")
    return int(said) % 4 if said.isdecimal() and len(said) < 4 else 0


def _render(row: LedgerRow, *messages: str) -> str:
    page = LeftoverPage(
        seq=row.seq,
        where=where(row.file, row.page),
        reason=row.reason,
        pictured=bool(row.image_sha256),
        turns=_turns(),
        worried=row.worry,
        said=request.form.to_dict() if messages else {},
        history=tuple(_told(note) for note in desk().repo.page_notes(row.seq)),
        messages=messages,
    )
    return render_template("leftover.html", page=page)


def _told(note: PageNote) -> str:
    day = format_date(note.at, "d MMMM", locale=LOCALE)
    what = " ".join(part for part in (_TOLD[note.done], note.story_id or "") if part)
    worried = "; worried" if note.worry else ""
    words = f": {note.note}" if note.note else ""
    return f"{day}: {what}{worried} ({note.by}){words}"
