"""The loop in a real browser: confirm, respond, poster; as the volunteer and the coordinator do."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import papers
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from waitress.server import create_server

from scan_pipeline import pipeline
from scan_pipeline.desk.app import create_app
from scan_pipeline.store import Repository, open_store

CHROME = next((p for n in ("chromium", "google-chrome", "chrome") if (p := shutil.which(n))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(
    CHROME is None or DRIVER is None, reason="no Chromium with its driver on this machine"
)
TOKEN = "browser-token"
PICTURES = os.environ.get("LEAFLETS_SCREENSHOTS", "")
"""A folder for screenshots to look at; none are taken without it."""


@pytest.fixture
def repo(tmp_path: Path) -> Iterator[Repository]:
    page = papers.save(papers.filled(papers.WRITTEN, 2).image, tmp_path / "page.png")
    assert len(list(pipeline.scan([page], workspace=tmp_path / "w", workers=1))) == 1
    with open_store(tmp_path / "w") as opened:
        yield opened


@pytest.fixture
def address(repo: Repository, tmp_path: Path) -> Iterator[str]:
    server = create_server(create_app(repo, tmp_path / "w", TOKEN), host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[WebDriver]:
    options = Options()
    options.binary_location = str(CHROME)
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1366,900",
        f"--user-data-dir={tmp_path / 'profile'}",
    ):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    yield driver
    driver.quit()


def look(browser: WebDriver, name: str) -> None:
    if PICTURES:
        size = browser.get_window_size()
        height = browser.execute_script("return document.documentElement.scrollHeight")  # type: ignore[no-untyped-call]
        browser.set_window_size(size["width"], min(int(height) + 100, 4000))
        browser.save_screenshot(str(Path(PICTURES) / f"{name}.png"))
        browser.set_window_size(size["width"], size["height"])


def write(browser: WebDriver, name: str, words: str) -> None:
    box = browser.find_element(By.NAME, name)
    box.clear()
    box.send_keys(words)


def press(browser: WebDriver, action: str) -> None:
    button = browser.find_element(By.CSS_SELECTOR, f"button[value={action}]")
    browser.execute_script("arguments[0].click()", button)  # type: ignore[no-untyped-call]


def choose(browser: WebDriver, name: str, value: str) -> None:
    box = browser.find_element(By.CSS_SELECTOR, f"input[name='{name}'][value='{value}']")
    browser.execute_script("arguments[0].click()", box)  # type: ignore[no-untyped-call]


def test_confirm_respond_poster(browser: WebDriver, address: str, repo: Repository) -> None:
    browser.get(f"{address}/?token={TOKEN}")
    assert "token" not in browser.current_url
    look(browser, "1-home")
    story_id = repo.stories()[0].id
    browser.find_element(By.LINK_TEXT, story_id).click()
    images = browser.find_elements(By.CSS_SELECTOR, "main img")
    assert len(images) == len(repo.stories()[0].reading.fields)
    broken = "return [...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    assert browser.execute_script(broken) == 0  # type: ignore[no-untyped-call]
    look(browser, "2-confirm")
    write(browser, "f-story", "The group was kind and nobody rushed me.")
    write(browser, "by", "Sam")
    press(browser, "confirm")
    assert "does anything here worry you" in browser.page_source  # not answered yet
    assert "nobody rushed me" in browser.page_source  # and nothing typed is lost
    look(browser, "3-nearly")
    choose(browser, "worry", "no")
    press(browser, "confirm")
    assert "Thank you" in browser.page_source
    look(browser, "4-thanks")
    browser.get(f"{address}/answer/{story_id}")
    write(browser, "text", "Thank you. The tea stays, and the door now says when the group meets.")
    write(browser, "name", "Anita")
    write(browser, "role", "Service manager")
    choose(browser, "change", "made")
    write(browser, "change_text", "A sign on the door")
    look(browser, "5-answer")
    press(browser, "approve")
    look(browser, "6-approved")
    assert "may go on the wall" in browser.page_source
    browser.get(f"{address}/")
    look(browser, "7-home")
    assert "Ready for the wall: 1" in browser.page_source
    story = repo.story(story_id)
    assert story.response is not None and story.response.approved_by
    severe = [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]  # type: ignore[no-untyped-call]
    # An answer that is not complete comes back as 422, which the browser logs as an error.
    assert [line for line in severe if "422" not in line["message"]] == []
