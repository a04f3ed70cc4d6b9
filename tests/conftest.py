"""What many tests begin with: an empty workspace, and a desk on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import entered
from flask.testing import FlaskClient

from scan_pipeline.store import Repository, open_store


@pytest.fixture
def repo(tmp_path: Path) -> Iterator[Repository]:
    with open_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def client(repo: Repository, tmp_path: Path) -> FlaskClient:
    return entered(repo, tmp_path)
