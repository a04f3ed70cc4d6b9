"""The desk as a Flask app: who may come in, what every answer carries, what goes wrong.

Only this computer (loopback, Host checked), only one browser (the token works once), no request
that another page forged (a secret in every form), nothing from elsewhere (content policy).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePath

from flask import Flask, Response, redirect, render_template, request, session, url_for
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.routing import IntegerConverter
from werkzeug.wrappers import Response as AnyResponse

from leaflets.errors import BadInvocation, LeafletsError, StorageFailure
from leaflets.settings import load_settings
from scan_pipeline.desk import calls, coordinator, home, leftovers, volunteer
from scan_pipeline.desk.pages import MessagePage
from scan_pipeline.forms import load_forms
from scan_pipeline.store import Repository

HOSTS = {"127.0.0.1", "localhost"}
MAX_BODY = 1_000_000
PLAIN = {
    404: "There is no such page here; the desk itself shows what is open.",
    405: "This page cannot be opened like that: please start from the desk.",
    413: "That is far more text than a leaflet holds, and more than the desk can take at once. "
    "Nothing of it was saved: please go back and shorten it.",
}
"""What the web server says in developers' words, in ours."""
NOT_TYPED = {"csrf", "version", "action", "cautions"}
"""What a form of the desk carries that nobody typed."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; "
    "font-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Number(IntegerConverter):
    """A number in an address, if it is one that a store can hold; else there is no such page."""

    regex = r"\d{1,15}"


class Unsaved(Forbidden):
    """A form came that is not taken; what was typed into it is given back to be copied."""


def create_app(repo: Repository, workspace: Path, token: str) -> Flask:
    """The desk over an open store. `token` lets the first browser in that brings it."""
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        # Cookies know no ports: under one name, two desks in a browser would lock each other out.
        SESSION_COOKIE_NAME=f"leaflets-{sha256(token.encode()).hexdigest()[:12]}",
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
    )
    app.extensions["leaflets"] = home.Desk(
        settings=home.settings_mark(workspace),  # first: a change while they are read shows
        repo=repo,
        forms=load_forms(workspace),
        service=load_settings(workspace),
        workspace=workspace,
    )
    app.add_template_filter(lambda path: PurePath(path.replace("\\", "/")).name, "basename")
    _guard(app, token)
    _explain(app)
    app.url_map.converters["int"] = Number
    app.register_blueprint(home.views)
    app.register_blueprint(volunteer.views)
    app.register_blueprint(coordinator.views)
    app.register_blueprint(calls.views)
    app.register_blueprint(leftovers.views)
    return app


def _guard(app: Flask, token: str) -> None:
    lock, unused = threading.Lock(), [token]

    @app.before_request
    def let_in() -> AnyResponse | None:
        if request.host.rsplit(":", 1)[0] not in HOSTS:
            raise Forbidden("The desk answers on this computer only.")
        if request.endpoint == "static" or request.endpoint == "home.font":
            return None
        brought = request.args.get("token", "")
        if brought and not session.get("inside"):
            with lock:
                if not unused or not secrets.compare_digest(brought, unused[0]):
                    raise Forbidden(
                        "This address has been used already. Close the desk (Ctrl+C where it was "
                        "started) and open it again: you will get a new one. Nothing is lost."
                    )
                unused.clear()
            session["inside"] = True
            session["csrf"] = secrets.token_urlsafe(24)
        if not session.get("inside"):
            raise Unsaved(
                "This desk does not know this browser, or not any more. Stop the desk (Ctrl+C "
                "where it was started) and start `leaflets desk` again: it gives a new address. "
                "Nothing that was saved is lost."
            )
        if brought:
            return redirect(url_for("home.show"))
        if request.method == "POST" and not secrets.compare_digest(
            request.form.get("csrf", ""), session["csrf"]
        ):
            raise Unsaved(
                "This page is older than the desk that is open now: please open it again from the "
                "desk. Nothing that was saved is lost."
            )
        return None

    @app.after_request
    def shield(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @app.context_processor
    def shared() -> dict[str, object]:
        return {"csrf": session.get("csrf", ""), "by": home.known_name()}


def _explain(app: Flask) -> None:
    """The one exception handler: a sentence and what to do, never a traceback or any story."""

    @app.errorhandler(Exception)
    def say(error: Exception) -> tuple[str, int]:
        unkept = isinstance(error, StorageFailure | Unsaved)
        typed = "\n\n".join(_typed()) if unkept else ""
        if isinstance(error, LeafletsError):
            code = {BadInvocation: 404, StorageFailure: 503}.get(type(error), 409)
            page = MessagePage(
                title="That did not work", lines=(str(error), error.remedy), typed=typed
            )
        elif isinstance(error, HTTPException):
            code = error.code or 500
            page = MessagePage(title="That did not work", lines=(_plain(error),), typed=typed)
        else:
            code = 500
            app.logger.error("unexpected %s at %s", type(error).__name__, request.endpoint)
            page = MessagePage(
                title="Something went wrong",
                lines=("Nothing that was saved is lost. Go back, load the page and try again.",),
            )
        return render_template("message.html", page=page), code


def _typed() -> Iterator[str]:
    """What was typed into the form that came, each after the name of its box. It goes back to the
    browser that sent it, on this computer, and is kept nowhere."""
    for name, said in request.form.items():
        if said.strip() and name not in NOT_TYPED:
            yield f"{name.removeprefix('f-').removeprefix('display-')}: {said.strip()}"


def _plain(error: HTTPException) -> str:
    """Our own sentence where there is one; the server's own words are for developers."""
    said = error.description
    if said and said != type(error).description:
        return said
    return PLAIN.get(error.code or 500, "The desk could not do this: please start from the desk.")
