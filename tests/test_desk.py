"""The desk's rules, through its real pages: who comes in, what must be answered, what is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import papers
import pytest
from desks import HOST, TOKEN, entered
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from scan_pipeline import pipeline
from scan_pipeline.desk.app import create_app
from scan_pipeline.store import Repository, open_store
from scan_pipeline.story import TextValue


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one real scan, ticks read and words left for the volunteer."""
    folder = tmp_path_factory.mktemp("desk")
    page = papers.save(papers.filled(papers.WRITTEN, 4).image, folder / "page.png")
    (outcome,) = pipeline.scan([page], workspace=folder / "w", engine="tesseract", workers=1)
    assert outcome.story_id
    return folder / "w"


@pytest.fixture
def repo(scanned: Path, tmp_path: Path) -> Iterator[Repository]:
    """A copy of that workspace for each test."""
    import shutil

    shutil.copytree(scanned, tmp_path / "w")
    with open_store(tmp_path / "w") as opened:
        yield opened


@pytest.fixture
def client(repo: Repository, tmp_path: Path) -> FlaskClient:
    return entered(repo, tmp_path / "w")


def the_story(repo: Repository) -> str:
    return repo.stories()[0].id


def fields_of(page: TestResponse) -> dict[str, str]:
    """What a browser would post from the page's first form without touching it."""
    html = page.get_data(as_text=True).split("<form", 1)[1].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        assert name and kind
        if kind[1] in {"radio", "checkbox"} and "checked" not in tag:
            continue
        found[name[1]] = value[1] if value else ""
    for name_, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>([^<]*)</textarea>', html):
        found[name_] = text
    return found


def confirmed(client: FlaskClient, repo: Repository, **more: str) -> TestResponse:
    story_id = the_story(repo)
    form = fields_of(client.get(f"/confirm/{story_id}", **HOST))
    form |= {"f-story": "The group was kind and nobody rushed me."}
    form |= {
        "f-good": "",
        "f-improve": "",
        "f-story_title": "A warm room",
        "f-handle": "Blue Kettle",
    }
    form |= {"f-good-empty": "1", "f-improve-empty": "1"}
    form |= {"by": "Sam", "worry": "no", "action": "confirm"} | more
    return client.post(f"/confirm/{story_id}", data=form, **HOST)


def answered(client: FlaskClient, repo: Repository, **more: str) -> TestResponse:
    story_id = the_story(repo)
    form = fields_of(client.get(f"/answer/{story_id}", **HOST))
    form |= {"text": "Thank you for saying so.", "name": "Anita", "role": "Manager", "change": ""}
    form |= {"by": "Ruth", "action": "approve"} | more
    return client.post(f"/answer/{story_id}", data=form, **HOST)


def test_the_address_works_once_and_nothing_without_it(repo: Repository, tmp_path: Path) -> None:
    app = create_app(repo, tmp_path / "w", TOKEN)
    first, second = app.test_client(), app.test_client()
    assert second.get("/", **HOST).status_code == 403
    assert second.get("/?token=wrong", **HOST).status_code == 403
    assert first.get(f"/?token={TOKEN}", **HOST).status_code == 302
    assert first.get("/", **HOST).status_code == 200
    refused = second.get(f"/?token={TOKEN}", **HOST)
    assert refused.status_code == 403
    assert "used already" in refused.get_data(as_text=True)
    assert second.get(f"/picture/{the_story(repo)}", **HOST).status_code == 403


def test_another_host_name_is_refused(client: FlaskClient) -> None:
    assert client.get("/", base_url="http://evil.example:8000").status_code == 403


def test_a_forged_form_changes_nothing(client: FlaskClient, repo: Repository) -> None:
    refused = client.post(f"/confirm/{the_story(repo)}", data={"by": "X", "csrf": "no"}, **HOST)
    assert refused.status_code == 403
    assert repo.story(the_story(repo)).confirmation is None


def test_what_was_typed_comes_back_when_the_desk_knows_the_browser_no_more(
    repo: Repository, tmp_path: Path
) -> None:
    stranger = create_app(repo, tmp_path / "w", TOKEN).test_client()
    form = {"f-story": "It was <b>warm</b>.", "note": "Please ring", "csrf": "old"}
    lost = stranger.post(f"/confirm/{the_story(repo)}", data=form, **HOST)
    told = lost.get_data(as_text=True)
    assert lost.status_code == 403 and "start `leaflets desk` again" in told
    assert "story: It was &lt;b&gt;warm&lt;/b&gt;." in told and "note: Please ring" in told
    assert "csrf: old" not in told
    assert "<textarea" not in stranger.get("/", **HOST).get_data(as_text=True)
    elsewhere = stranger.post("/", data=form, base_url="http://evil.example:8000")
    assert "warm" not in elsewhere.get_data(as_text=True)


def test_two_desks_in_one_browser_leave_each_other_alone(repo: Repository, tmp_path: Path) -> None:
    desks = {port: create_app(repo, tmp_path / "w", f"token-{port}") for port in ("8001", "8002")}
    browser = Client(lambda environ, start: desks[environ["SERVER_PORT"]](environ, start))
    for port in desks:
        let_in = browser.get(f"/?token=token-{port}", base_url=f"http://127.0.0.1:{port}")
        assert let_in.status_code == 302
    for port in desks:  # its cookies know no ports, as a real one's do not
        assert browser.get("/", base_url=f"http://127.0.0.1:{port}").status_code == 200


def test_every_answer_is_shielded(client: FlaskClient) -> None:
    headers = client.get("/", **HOST).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"


def test_pages_use_nothing_from_elsewhere(client: FlaskClient, repo: Repository) -> None:
    for path in ("/", f"/confirm/{the_story(repo)}"):
        html = client.get(path, **HOST).get_data(as_text=True)
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)
        assert "style=" not in html and "onclick" not in html


def test_worry_must_be_answered_and_typing_is_kept(client: FlaskClient, repo: Repository) -> None:
    page = confirmed(client, repo, worry="")
    assert page.status_code == 422
    assert "does anything here worry you" in page.get_data(as_text=True)
    story = repo.story(the_story(repo))
    assert story.confirmation is None
    assert story.answers["story"] == "The group was kind and nobody rushed me."


def test_words_that_worry_answer_yes_and_a_volunteer_cannot_clear_it(
    client: FlaskClient, repo: Repository
) -> None:
    done = confirmed(client, repo, **{"f-story": "I want to kill myself", "worry": "no"})
    assert done.status_code == 302
    story = repo.story(the_story(repo))
    assert story.confirmation is not None and story.confirmation.worry
    held = answered(client, repo)
    assert held.status_code == 409 and "held" in held.get_data(as_text=True)
    assert client.get("/posters.pdf", **HOST).status_code == 404


def test_an_unsure_box_must_be_decided(client: FlaskClient, repo: Repository) -> None:
    story_id = the_story(repo)
    form = fields_of(client.get(f"/confirm/{story_id}", **HOST))
    form |= {"by": "Sam", "worry": "no", "action": "confirm"}
    del form["f-consent_display"]
    page = client.post(f"/confirm/{story_id}", data=form, **HOST)
    assert page.status_code == 422
    assert "Please look at the boxes of “Yes, show my story" in page.get_data(as_text=True)


def test_nobody_confirms_without_a_name(client: FlaskClient, repo: Repository) -> None:
    assert confirmed(client, repo, by=" ").status_code == 422
    assert repo.story(the_story(repo)).confirmation is None


def test_the_loop_at_the_desk_ends_in_a_poster(client: FlaskClient, repo: Repository) -> None:
    assert client.get(f"/answer/{the_story(repo)}", **HOST).status_code == 302  # not confirmed yet
    assert confirmed(client, repo).status_code == 302
    assert answered(client, repo).status_code in {200, 302}
    story = repo.story(the_story(repo))
    assert story.response is not None and story.response.approved_at is not None
    pdf = client.get("/posters.pdf", **HOST)
    assert pdf.status_code == 200 and pdf.data.startswith(b"%PDF-")
    assert client.get(f"/poster/{story.id}.pdf", **HOST).data.startswith(b"%PDF-")


def test_without_consent_there_is_no_poster(client: FlaskClient, repo: Repository) -> None:
    assert confirmed(client, repo, **{"f-consent_display": "no"}).status_code == 302
    answered(client, repo)
    assert client.get("/posters.pdf", **HOST).status_code == 404
    assert "did not tick" in client.get("/", **HOST).get_data(as_text=True)


def test_a_correction_after_approval_takes_the_approval_away(
    client: FlaskClient, repo: Repository
) -> None:
    confirmed(client, repo)
    answered(client, repo)
    confirmed(client, repo, **{"f-story": "Other words.", "action": "save"})
    assert client.get("/posters.pdf", **HOST).status_code == 404


def test_a_withdrawn_story_stays_down(client: FlaskClient, repo: Repository) -> None:
    confirmed(client, repo)
    answered(client, repo)
    csrf = fields_of(client.get(f"/answer/{the_story(repo)}", **HOST))["csrf"]
    gone = client.post(
        f"/withdraw/{the_story(repo)}", data={"csrf": csrf, "by": "Ruth", "reason": ""}, **HOST
    )
    assert gone.status_code == 200
    assert client.get("/posters.pdf", **HOST).status_code == 404


def test_hostile_words_are_only_words(client: FlaskClient, repo: Repository) -> None:
    attack = '<script>alert("x")</script></textarea>'
    confirmed(client, repo, **{"f-story": attack, "action": "save"})
    html = client.get(f"/confirm/{the_story(repo)}", **HOST).get_data(as_text=True)
    assert attack not in html and "&lt;script&gt;" in html


def test_pictures_show_the_field(client: FlaskClient, repo: Repository) -> None:
    import cv2
    import numpy as np

    story = repo.story(the_story(repo))
    for name in story.reading.fields:
        answer = client.get(f"/picture/{story.id}/{name}", **HOST)
        picture = cv2.imdecode(np.frombuffer(answer.data, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert picture is not None and min(picture.shape) > 40
        assert picture.min() < 170  # there are rules, boxes or ink on it
    assert client.get(f"/picture/{story.id}/nothing", **HOST).status_code == 404


def test_pictures_show_a_line_of_a_field(client: FlaskClient, repo: Repository) -> None:
    import cv2
    import numpy as np

    story = repo.story(the_story(repo))
    value = story.reading.fields["story"]
    assert isinstance(value, TextValue) and len(value.lines) > 1
    heights = []
    for number, line in enumerate(value.lines):
        answer = client.get(f"/picture/{story.id}/story/{number}", **HOST)
        picture = cv2.imdecode(np.frombuffer(answer.data, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert picture is not None and picture.min() < 170 and line.quad_px
        heights.append(picture.shape[0] / picture.shape[1])
    assert max(heights) < 0.4, "one line, and not the field"
    for nothing in (f"story/{len(value.lines)}", "rating/0", "nothing/0", "story/-1"):
        assert client.get(f"/picture/{story.id}/{nothing}", **HOST).status_code == 404


def test_a_story_that_is_not_there_is_said_kindly(client: FlaskClient) -> None:
    page = client.get("/confirm/S-2026-999", **HOST)
    assert page.status_code == 404
    assert "Traceback" not in page.get_data(as_text=True)


def test_the_coordinator_sees_the_box_that_gives_consent(
    client: FlaskClient, repo: Repository
) -> None:
    confirmed(client, repo)
    page = client.get(f"/answer/{the_story(repo)}", **HOST).get_data(as_text=True)
    shown = re.search(r'<img class="box" src="([^"]*consent_display)" alt="[^"]+"', page)
    assert shown is not None and page.count('<img class="box"') == 1
    assert client.get(shown[1], **HOST).mimetype == "image/jpeg"


@pytest.mark.parametrize("number", ["9" * 16, "9" * 20, "9" * 5000])
def test_a_number_that_no_store_can_hold_is_a_page_that_is_not_there(
    client: FlaskClient, repo: Repository, number: str
) -> None:
    story = f"/picture/{the_story(repo)}"
    for path in (f"/page/{number}", f"/page/{number}/picture", f"{story}/again/{number}"):
        lost = client.get(path, **HOST)
        assert lost.status_code == 404 and "There is no such page here" in lost.text
    assert client.get(f"{story}/story/{number}", **HOST).status_code == 404
    assert client.get("/page/0", **HOST).status_code == 404
    assert client.get("/page/" + "9" * 15, **HOST).status_code == 404
