"""The loop in a real browser: confirm, respond, poster; as the volunteer and the coordinator do."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import papers
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.expected_conditions import staleness_of, url_contains
from selenium.webdriver.support.wait import WebDriverWait
from waitress import wasyncore
from waitress.server import create_server

from scan_pipeline import pipeline
from scan_pipeline.demo.fill import PX_PER_MM
from scan_pipeline.desk.app import create_app
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import OUTSIDE, LineReading, PageOutcome, TextValue, WordReading

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
    app, channels, stop = create_app(repo, tmp_path / "w", TOKEN), {}, threading.Event()
    server = create_server(app, map=channels, host="127.0.0.1", port=0)

    def serve() -> None:
        """Ends in its own thread: sockets closed by another are missed in the middle of a poll."""
        while not stop.is_set():
            wasyncore.loop(timeout=0.2, map=channels, count=1)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(channels)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()


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
    """Press a button, and wait until the page that answers is there: between two pages there is a
    moment without any words."""
    before = browser.find_element(By.TAG_NAME, "html")
    button = browser.find_element(By.CSS_SELECTOR, f"button[value={action}]")
    browser.execute_script("arguments[0].click()", button)  # type: ignore[no-untyped-call]
    ready = "return document.readyState === 'complete'"
    WebDriverWait(browser, 30).until(staleness_of(before))
    WebDriverWait(browser, 30).until(lambda b: b.execute_script(ready))


def source(browser: WebDriver) -> str:
    """The page as it is now. A busy browser may say for a moment that it has none at all."""
    return WebDriverWait(browser, 30).until(lambda b: b.page_source)


def choose(browser: WebDriver, name: str, value: str) -> None:
    box = browser.find_element(By.CSS_SELECTOR, f"input[name='{name}'][value='{value}']")
    browser.execute_script("arguments[0].click()", box)  # type: ignore[no-untyped-call]


def checkbox(browser: WebDriver, name: str) -> str:
    return str(browser.find_element(By.NAME, name).get_attribute("value"))


def is_seen(browser: WebDriver, anchor: str) -> bool:
    """Whether the beginning of a section is on the screen, above the bar."""
    told = browser.execute_script(  # type: ignore[no-untyped-call]
        "const box = document.getElementById(arguments[0]).getBoundingClientRect();"
        "const bar = document.querySelector('.bar').getBoundingClientRect();"
        "return box.top >= 0 && box.top < Math.min(bar.top, innerHeight);",
        anchor,
    )
    return bool(told)


COVERED = """
const field = document.activeElement, bar = document.querySelector(".bar");
if (!field.matches("form input, form textarea") || bar.contains(field)) return null;
const box = field.getBoundingClientRect(), top = bar.getBoundingClientRect().top;
return box.height < top && box.bottom > top && bar.getBoundingClientRect().bottom > box.top;
"""


def test_confirm_respond_poster(browser: WebDriver, address: str, repo: Repository) -> None:
    browser.get(f"{address}/?token={TOKEN}")
    assert "token" not in browser.current_url
    look(browser, "1-home")
    story_id = repo.stories()[0].id
    browser.find_element(By.LINK_TEXT, story_id).click()
    assert "page.png, page 1" in source(browser)
    images = browser.find_elements(By.CSS_SELECTOR, "main img")
    assert len(images) == len(repo.stories()[0].reading.fields)
    broken = "return [...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    assert browser.execute_script(broken) == 0  # type: ignore[no-untyped-call]
    look(browser, "2-confirm")
    write(browser, "f-story", "The group was kind and nobody rushed me.")
    write(browser, "by", "Sam")
    press(browser, "confirm")
    assert "does anything here worry you" in source(browser)  # not answered yet
    assert "nobody rushed me" in source(browser)  # and nothing typed is lost
    assert is_seen(browser, "q-worry")  # brought into view, and not behind the bar
    look(browser, "3-nearly")
    choose(browser, "worry", "no")
    press(browser, "confirm")
    assert "Thank you" in source(browser)
    look(browser, "4-thanks")
    browser.get(f"{address}/answer/{story_id}")
    assert browser.find_element(By.NAME, "by").get_attribute("value") == ""
    write(browser, "by", "Ruth")
    write(browser, "text", "Thank you. The tea stays, and the door now says when the group meets.")
    write(browser, "name", "Anita Longlast")
    write(browser, "role", "Service manager")
    choose(browser, "change", "made")
    write(browser, "change_text", "A sign on the door")
    look(browser, "5-answer")
    press(browser, "approve")
    assert is_seen(browser, "q-cautions")
    look(browser, "6-warned")
    press(browser, "approve")  # not ticked: still not approved
    assert "may go on the wall" not in source(browser)
    choose(browser, "cautions", checkbox(browser, "cautions"))
    press(browser, "approve")
    look(browser, "7-approved")
    assert "may go on the wall" in source(browser)
    browser.get(f"{address}/")
    look(browser, "8-home")
    assert "Ready for the wall: 1" in source(browser)
    story = repo.story(story_id)
    assert story.response is not None and story.response.approved_by == "Ruth"
    severe = [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]  # type: ignore[no-untyped-call]
    # What is not complete or not read comes back as 422 or 409, and the browser logs an error.
    assert [s for s in severe if not {"422", "409"} & set(s["message"].split())] == []


def test_the_bar_covers_no_field_that_is_reached_with_tab(
    browser: WebDriver, address: str, repo: Repository
) -> None:
    browser.get(f"{address}/?token={TOKEN}")
    browser.get(f"{address}/confirm/{repo.stories()[0].id}")
    reached = 0
    for _ in range(60):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        hidden = browser.execute_script(COVERED)  # type: ignore[no-untyped-call]
        assert hidden in (None, False), browser.switch_to.active_element.get_attribute("name")
        reached += hidden is False
    assert reached > 20


def test_writing_on_the_outside_is_read_first_and_becomes_a_story(
    browser: WebDriver, address: str, repo: Repository, tmp_path: Path
) -> None:
    side = papers.printed(2).copy()
    words = ((90, 40, "please ring"), (90, 55, "I cannot go on"))
    for x_mm, y_mm, said in words:
        at = (round(x_mm * PX_PER_MM), round(y_mm * PX_PER_MM))
        cv2.putText(side, said, at, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 4, 30, 8)
    page = papers.save(side, tmp_path / "outside.png")
    (outcome,) = pipeline.scan([page], workspace=tmp_path / "w", workers=1, store=repo)
    assert (outcome.status, outcome.reason) == ("unplaced", OUTSIDE)
    browser.get(f"{address}/?token={TOKEN}")
    look(browser, "a-home")
    browser.find_element(By.LINK_TEXT, "outside.png, page 1").click()
    look(browser, "b-page")
    choose(browser, "worry", "yes")
    choose(browser, "done", "typed")
    write(browser, "words", "please ring I cannot go on")
    write(browser, "by", "Sam")
    browser.find_element(By.CSS_SELECTOR, "button[data-main]").click()
    WebDriverWait(browser, 30).until(url_contains("/confirm/"))
    look(browser, "c-confirm")
    made = repo.stories()[0]
    assert made.worry is not None and browser.current_url.endswith(made.id)
    again = pipeline.scan([page], workspace=tmp_path / "w", workers=1, store=repo)
    assert [o.status for o in again] == ["unplaced"]
    browser.get(f"{address}/")
    look(browser, "d-home")
    assert "Please read these first" not in source(browser)


def doubtful(text: str, *others: str, joins: int = 1, letters: bool = False) -> WordReading:
    return WordReading(
        text=text,
        confidence=0.5,
        alternatives=others,
        stands_for=(joins, *[1] * (len(others) - 1)) if others else (),
        by_letters=letters,
    )


def sure(text: str) -> list[WordReading]:
    return [WordReading(text=word, confidence=0.99) for word in text.split()]


LINES = (
    [*sure("The group"), doubtful("wars", "wans", "was", "war", letters=True), *sure("kind")],
    [*sure("to"), doubtful("them", "they"), *sure("and I felt")],
    [doubtful("a", "alive", "the", joins=2), *sure("live again.")],
)


@pytest.fixture
def in_doubt(repo: Repository) -> str:
    """The scanned story again, with words in doubt in two of its fields."""
    was = repo.stories()[0]
    done, picture = cv2.imencode(".jpg", papers.filled(papers.WRITTEN, 2).image)
    assert done
    fields = dict(was.reading.fields)
    for name, lines in (("story", LINES), ("good", ([*sure("The"), doubtful("tee", "tea")],))):
        value = fields[name]
        assert isinstance(value, TextValue)
        read = tuple(
            LineReading(
                text=" ".join(w.text for w in line),
                confidence=0.8,
                words=tuple(line),
                quad_px=value.lines[min(k, len(value.lines) - 1)].quad_px,
            )
            for k, line in enumerate(lines)
        )
        said = " ".join(line.text for line in read)
        fields[name] = replace(value, text=said, lines=read, review=True)
    outcome = PageOutcome(
        file="again.png",
        page=1,
        status="read",
        image_sha256=repo.keep_original(picture.tobytes(), ".jpg"),
        reading=replace(was.reading, fields=fields),
    )
    return repo.record(outcome).story_id or ""


def keys(browser: WebDriver, key: str, *, alt: bool = True) -> None:
    """One key, to whatever has the focus."""
    chain = ActionChains(browser)
    held = Keys.ALT if alt else Keys.CONTROL
    chain.key_down(held).send_keys(key).key_up(held).perform()


def chosen(browser: WebDriver) -> tuple[str, str]:
    """The name of the field that has the focus, and what is marked in it."""
    name, marked = browser.execute_script(  # type: ignore[no-untyped-call]
        "const box = document.activeElement;"
        "return [box.name, box.value.slice(box.selectionStart, box.selectionEnd)];"
    )
    return str(name), str(marked)


def panel(browser: WebDriver, name: str) -> str:
    box = browser.find_element(By.CSS_SELECTOR, f"#q-{name} .choices")
    assert box.get_attribute("role") == "status"
    return str(box.text)


def value(browser: WebDriver, name: str) -> str:
    return str(browser.find_element(By.NAME, name).get_attribute("value"))


def test_a_word_in_doubt_is_corrected_with_one_key(
    browser: WebDriver, address: str, repo: Repository, in_doubt: str
) -> None:
    browser.get(f"{address}/?token={TOKEN}")
    browser.get(f"{address}/confirm/{in_doubt}")
    assert browser.find_element(By.ID, "keys").is_displayed()
    assert panel(browser, "story") == "3 words in doubt: Alt+↓"
    keys(browser, Keys.ARROW_DOWN)
    assert chosen(browser) == ("f-story", "wars")
    told = panel(browser, "story")
    assert "“wars”, 1 of 3 in doubt" in told
    assert "Alt+1 was" in told and "Alt+2 war" in told and "Alt+3 wans (letter by letter)" in told
    look(browser, "e-doubt")
    width = "return document.querySelector('#q-story img.line').naturalWidth"
    assert WebDriverWait(browser, 30).until(lambda b: b.execute_script(width)) > 300
    keys(browser, "2")
    assert chosen(browser) == ("f-story", "war")
    keys(browser, "1")
    assert chosen(browser) == ("f-story", "was"), "another key, another word"
    assert "Alt+0 wars (as it was)" in panel(browser, "story")
    keys(browser, "0")
    assert chosen(browser) == ("f-story", "wars")
    keys(browser, "4")
    assert chosen(browser) == ("f-story", "wars"), "there is no fourth"
    keys(browser, "1")
    keys(browser, Keys.ARROW_DOWN)
    assert chosen(browser) == ("f-story", "them")
    browser.switch_to.active_element.send_keys("THEM 2")  # typed over, digits too
    keys(browser, Keys.ARROW_DOWN)
    assert chosen(browser) == ("f-story", "a live")
    keys(browser, "1")
    said = "The group was kind to THEM 2 and I felt alive again."
    assert value(browser, "f-story") == said
    keys(browser, "z", alt=False)
    assert value(browser, "f-story") == said.replace("alive", "a live"), "Ctrl+Z takes it back"
    keys(browser, Keys.ARROW_UP)
    assert chosen(browser) == ("f-story", "was"), "what was typed by hand is in doubt no more"
    keys(browser, Keys.ARROW_DOWN)
    keys(browser, "1")
    look(browser, "f-chosen")
    keys(browser, Keys.ARROW_DOWN)
    assert chosen(browser) == ("f-good", "tee"), "on to the next field"
    keys(browser, Keys.ARROW_DOWN)
    assert "No more words in doubt." in panel(browser, "good")
    keys(browser, "1")
    keys(browser, Keys.ARROW_UP)
    assert chosen(browser) == ("f-story", "alive")
    shown = (value(browser, "f-story"), value(browser, "f-good"))
    assert shown == (said, "The tea")
    write(browser, "by", "Sam")
    press(browser, "save")
    WebDriverWait(browser, 30).until(url_contains(f"{address}/"))
    story = repo.story(in_doubt)
    assert (story.answers["story"], story.answers["good"]) == shown
    assert [e for e in browser.get_log("browser") if e["level"] == "SEVERE"] == []  # type: ignore[no-untyped-call]


def test_words_in_doubt_are_found_wherever_typing_has_moved_them(
    browser: WebDriver, address: str, in_doubt: str
) -> None:
    browser.get(f"{address}/?token={TOKEN}")
    browser.get(f"{address}/confirm/{in_doubt}")
    box = browser.find_element(By.NAME, "f-story")
    box.send_keys(Keys.CONTROL, Keys.HOME)
    box.send_keys("Hello.\n")
    box.send_keys(Keys.CONTROL, Keys.END)
    box.send_keys(" Thanks")
    keys(browser, Keys.ARROW_UP)
    assert chosen(browser) == ("f-story", "a live")
    box.send_keys(Keys.CONTROL, Keys.HOME)
    box.send_keys("So. ")
    keys(browser, Keys.ARROW_DOWN)
    keys(browser, Keys.ARROW_DOWN)
    keys(browser, Keys.ARROW_DOWN)
    choice = browser.find_element(By.XPATH, "//button[contains(., 'alive')]")
    choice.click()  # with a mouse, or with Tab and Enter
    assert chosen(browser) == ("f-story", "alive")
    browser.find_element(By.CSS_SELECTOR, "#q-story mark").click()
    assert chosen(browser) == ("f-story", "wars")
    keys(browser, "1")
    assert value(browser, "f-story") == (
        "So. Hello.\nThe group was kind to them and I felt alive again. Thanks"
    )
    browser.switch_to.active_element.send_keys("x")  # over the word
    keys(browser, Keys.ARROW_UP)
    assert "No words in doubt before." in panel(browser, "story")
    browser.find_element(By.NAME, "by").send_keys("Sam")
    keys(browser, Keys.ARROW_DOWN)
    assert chosen(browser) == ("f-story", "them"), "below the last one it begins again"


def offered(browser: WebDriver) -> list[str]:
    """Every key that the panels offer now."""
    found = browser.find_elements(By.CSS_SELECTOR, ".choices kbd")
    return [str(key.text) for key in found]


def test_no_key_with_alt_loses_a_word(browser: WebDriver, address: str, in_doubt: str) -> None:
    browser.get(f"{address}/?token={TOKEN}")
    browser.get(f"{address}/confirm/{in_doubt}")
    assert "Alt+0 the first one back" in browser.find_element(By.ID, "keys").text
    keys(browser, Keys.ARROW_DOWN)
    said = value(browser, "f-story")
    for digit in "456789":
        keys(browser, digit)
        assert (value(browser, "f-story"), chosen(browser)[1]) == (said, "wars")
        assert f"There is no reading with Alt+{digit}." in panel(browser, "story")
    keys(browser, Keys.NUMPAD5)
    assert value(browser, "f-story") == said
    keys(browser, Keys.NUMPAD1)
    assert chosen(browser) == ("f-story", "was"), "the keypad has digits as well"
    box = browser.find_element(By.NAME, "f-story")
    box.send_keys("wings")  # typed over
    keys(browser, "1")
    assert "Alt+0 puts “wars” back." in panel(browser, "story")
    keys(browser, "0")
    assert chosen(browser) == ("f-story", "wars") and value(browser, "f-story") == said


def test_panels_say_what_is_so(browser: WebDriver, address: str, in_doubt: str) -> None:
    browser.get(f"{address}/?token={TOKEN}")
    browser.get(f"{address}/confirm/{in_doubt}")
    for _ in range(4):
        keys(browser, Keys.ARROW_DOWN)
    assert chosen(browser) == ("f-good", "tee")
    assert panel(browser, "story") == "3 words in doubt: Alt+↓"
    assert offered(browser) == ["Alt+1"], "of the field with the word, and of no other"
    browser.find_element(By.CSS_SELECTOR, "#q-story mark").click()
    assert panel(browser, "good") == "1 word in doubt: Alt+↓"
    browser.find_element(By.NAME, "f-story").send_keys(Keys.CONTROL, "a", Keys.DELETE)
    assert panel(browser, "story") == "No more words in doubt here."


def test_a_long_word_makes_no_page_wider(
    browser: WebDriver, address: str, repo: Repository
) -> None:
    browser.get(f"{address}/?token={TOKEN}")
    story = repo.stories()[0]
    browser.get(f"{address}/confirm/{story.id}")
    write(browser, "f-story", "mine")
    write(browser, "by", "Sam")
    repo.correct(story.id, "story", "w" * 300, "Ruth", seen=story.version)
    press(browser, "save")
    WebDriverWait(browser, 30).until(lambda b: "Saved now is" in b.page_source)
    widths = "return [document.documentElement.scrollWidth, innerWidth]"
    told, room = browser.execute_script(widths)  # type: ignore[no-untyped-call]
    assert told <= room
