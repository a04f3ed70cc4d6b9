"""A desk for tests, and the browser in front of it."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient

from scan_pipeline.desk.app import create_app
from scan_pipeline.store import Repository

TOKEN = "a-token-for-this-test"
HOST = {"base_url": "http://127.0.0.1:8000"}


def entered(repo: Repository, workspace: Path) -> FlaskClient:
    """A browser that has come in by the desk's own link."""
    inside = create_app(repo, workspace, TOKEN).test_client()
    assert inside.get(f"/?token={TOKEN}", **HOST).status_code == 302
    return inside
