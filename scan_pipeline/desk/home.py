"""The first page: what is waiting. Also the pictures and the typeface."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, current_app, render_template, request, send_file, session
from werkzeug.exceptions import Conflict, NotFound

from leaflets.content import PosterContent
from leaflets.errors import BadInvocation
from leaflets.fonts import font_path
from leaflets.layout import FieldLayout, PageLayout
from leaflets.poster import draw_posters
from leaflets.settings import SETTINGS_FILE, Service
from scan_pipeline.desk import pictures
from scan_pipeline.desk.lists import home_page
from scan_pipeline.desk.printed import reach
from scan_pipeline.forms import Forms
from scan_pipeline.respond import collect_posters
from scan_pipeline.store import Repository
from scan_pipeline.story import Contact, Story, TextValue

views = Blueprint("home", __name__)
CLOSE_IT = "The settings have changed: please close the desk and start it again."
COORDINATORS = {"coordinator", "calls"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every page needs: the stories, the forms that were printed, the service. `settings`:
    the settings file as it was when the desk was opened, as of `settings_mark`."""

    repo: Repository
    forms: Forms
    service: Service
    workspace: Path
    settings: str

    def fields(self, story: Story | Contact) -> tuple[FieldLayout, ...]:
        """The form's fields in the order of the paper. Raises `BadInvocation` for a lost form."""
        return self.page(story).fields

    def page(self, story: Story | Contact) -> PageLayout:
        """The side of the form that people wrote on."""
        layout = self.forms.get(story.reading.template, story.reading.version)
        if layout is None:
            raise BadInvocation(
                f"The form of {story.id} is not in this workspace any more.",
                remedy="Put its file back into the forms folder.",
            )
        return layout.page(story.reading.sheet_page)


def settings_mark(workspace: Path) -> str:
    """Stands for what the settings file says; "" where there is none that can be read."""
    try:
        return sha256((workspace / SETTINGS_FILE).read_bytes()).hexdigest()
    except OSError:
        return ""


def _changed() -> str:
    """What to do where the settings are not those with which the desk was opened; else ""."""
    return CLOSE_IT if settings_mark(desk().workspace) != desk().settings else ""


def desk() -> Desk:
    return cast(Desk, current_app.extensions["leaflets"])


def who() -> str:
    """Who is at the desk; said once, kept while the desk is open. The coordinator's name is not
    the volunteer's: whoever approves has to say who they are."""
    said = request.form.get("by", "").strip()
    if said:
        session[_name_key()] = said[:80]
    return known_name()


def known_name() -> str:
    """Who was at this part of the desk last."""
    return str(session.get(_name_key(), ""))


def _name_key() -> str:
    return "by-coordinator" if request.blueprint in COORDINATORS else "by-volunteer"


def seen(story: Story) -> int:
    """The version of the story that the posted form showed; none that is kept if it says none."""
    said = request.form.get("version", "")
    return int(said) if said.isdecimal() and len(said) < 12 else story.version - 1


@views.get("/")
def show() -> str:
    contents, withheld = collect_posters(desk().repo, desk().service)
    page = home_page(
        desk().repo.stories(),
        desk().repo.ledger(),
        len(contents),
        withheld,
        desk().service,
        calls=desk().repo.contacts(),
    )
    return render_template("home.html", page=page, changed=_changed())


@views.get("/posters.pdf")
def posters() -> Response:
    if _changed():  # they would be printed with the old ones
        raise Conflict(CLOSE_IT)
    contents, _ = collect_posters(desk().repo, desk().service)
    if not contents:
        raise NotFound("No story is ready for the wall yet.")
    return _pdf(contents, "posters.pdf")


@views.get("/poster/<story_id>.pdf")
def poster(story_id: str) -> Response:
    if _changed():
        raise Conflict(CLOSE_IT)
    contents, withheld = collect_posters(desk().repo, desk().service)
    mine = [c for c in contents if c.number == story_id]
    if not mine:
        raise NotFound(dict(withheld).get(story_id, "There is no such story here."))
    return _pdf(mine, f"{story_id}.pdf")


def _pdf(contents: list[PosterContent], name: str) -> Response:
    with tempfile.TemporaryDirectory(prefix="leaflets-") as folder:
        path = Path(folder) / name
        draw_posters(contents, path)
        data = path.read_bytes()
    answer = Response(data, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@views.get("/picture/<story_id>")
def whole(story_id: str) -> Response:
    """The whole page, upright."""
    story = desk().repo.story(story_id)
    data = pictures.whole_page(desk().repo.original_path(story.image_sha256), story.reading)
    return Response(data, mimetype="image/jpeg")


@views.get("/picture/<story_id>/again/<int:seq>")
def again(story_id: str, seq: int) -> Response:
    """The same paper as it was scanned another time, which made no story."""
    rows = desk().repo.scanned_again(desk().repo.story(story_id).id)
    row = next((row for row in rows if row.seq == seq), None)
    if row is None:
        raise NotFound("There is no such scan of this leaflet.")
    data = pictures.turned_page(desk().repo.original_path(row.image_sha256), 0)
    return Response(data, mimetype="image/jpeg")


@views.get("/picture/<story_id>/<field>")
def part(story_id: str, field: str) -> Response:
    """One field as it was written, straightened, with a margin."""
    story = desk().repo.story(story_id)
    value = story.reading.fields.get(field)
    if value is None:
        raise NotFound("There is no such field on this leaflet.")
    page = desk().page(story)
    layout = next(f for f in page.fields if f.name == field)
    around = reach(page, layout) if layout.kind in {"choice", "tick"} else None
    data = pictures.field_picture(desk().repo.original_path(story.image_sha256), value, around)
    return Response(data, mimetype="image/jpeg")


@views.get("/picture/<story_id>/<field>/<int:number>")
def written_line(story_id: str, field: str, number: int) -> Response:
    """One written line of a field, to look at while its words are corrected."""
    story = desk().repo.story(story_id)
    value = story.reading.fields.get(field)
    quads = [line.quad_px for line in value.lines] if isinstance(value, TextValue) else []
    if number >= len(quads) or not quads[number]:
        raise NotFound("There is no picture of such a line on this leaflet.")
    path = desk().repo.original_path(story.image_sha256)
    return Response(pictures.line_picture(path, quads[number]), mimetype="image/jpeg")


@views.get("/font/<weight>.ttf")
def font(weight: str) -> Response:
    return send_file(font_path(bold=weight == "bold"), mimetype="font/ttf")
