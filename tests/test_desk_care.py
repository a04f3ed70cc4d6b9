"""What the desk must not let happen: old words on the wall, a worry that nobody sees, a page that
leads nowhere, an approval that means nothing. Through its real pages, with stories made up."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import papers
import pytest
from desks import HOST, TOKEN
from flask.testing import FlaskClient
from made_stories import text
from test_desk import fields_of
from werkzeug.test import TestResponse

from leaflets.fonts import text_width_mm
from leaflets.settings import EXAMPLE, write_settings
from leaflets.sheet import layout_for
from scan_pipeline import pipeline, worker
from scan_pipeline.by_hand import unwritten
from scan_pipeline.demo.fill import blank_side
from scan_pipeline.desk.app import MAX_BODY, create_app
from scan_pipeline.desk.printed import reach
from scan_pipeline.forms import Forms, remember
from scan_pipeline.progress import DOWN, PUT_IN_ITS_PLACE, TAKE_OFF, publication
from scan_pipeline.reading.prints import Papers
from scan_pipeline.store import Repository
from scan_pipeline.story import OUTSIDE, FieldValue, PageOutcome

WORDS = "The group was kind and nobody rushed me."


def picture(repo: Repository, shade: int = 255) -> str:
    done, data = cv2.imencode(".png", np.full((900, 1300), shade, np.uint8))
    assert done
    return repo.keep_original(data.tobytes(), ".png")


def story(
    repo: Repository, words: str = WORDS, *, consent: bool = True, page: int = 2, doubted: str = ""
) -> str:
    """A story that was read from the second page of a scan; nobody has confirmed it. `doubted`: a
    field that seems blank, but may not be."""
    empty = unwritten(layout_for("story", EXAMPLE))
    fields: dict[str, FieldValue] = dict(empty.fields)
    fields["story"] = replace(text(words), quad_px=())
    tick = fields["consent_display"]
    assert not isinstance(tick, type(fields["story"]))
    fields["consent_display"] = replace(tick, value=consent)  # type: ignore[arg-type]
    if doubted:
        fields[doubted] = replace(fields[doubted], review=True)
    outcome = PageOutcome(
        file="/scans/scan3.pdf",
        page=page,
        status="read",
        image_sha256=picture(repo, 250 - page),
        reading=replace(empty, fields=fields, notices=()),
    )
    return repo.record(outcome).story_id or ""


def confirmed(repo: Repository, words: str = WORDS, *, consent: bool = True, page: int = 2) -> str:
    story_id = story(repo, words, consent=consent, page=page)
    repo.confirm(story_id, "Sam", worry=False)
    return story_id


def test_another_scan_that_was_set_aside_is_shown_with_its_story(
    client: FlaskClient, repo: Repository
) -> None:
    kept, other = story(repo), story(repo, page=3)
    again = PageOutcome(
        file="/scans/tuesday.pdf",
        page=5,
        status="duplicate",
        image_sha256=picture(repo, 120),
        story_id=kept,
    )
    repo.record(again)
    repo.record(again)  # the same file once more says nothing new
    repo.record(replace(again, image_sha256=repo.story(kept).image_sha256))
    said = html.unescape(client.get(f"/confirm/{kept}", **HOST).text)
    assert said.count("was set aside") == 1 and "tuesday.pdf, page 5" in said
    link = re.search(rf'href="(/picture/{kept}/again/\d+)"', said)
    assert link is not None
    shown = client.get(link[1], **HOST)
    assert shown.status_code == 200 and shown.mimetype == "image/jpeg"
    assert client.get(link[1].replace(kept, other), **HOST).status_code == 404
    assert "was set aside" not in client.get(f"/confirm/{other}", **HOST).text


def left_over(repo: Repository, reason: str = OUTSIDE, *, shade: int = 90) -> int:
    page = PageOutcome(
        file="/scans/scan4.pdf",
        page=7,
        status="unplaced",
        image_sha256=picture(repo, shade),
        reason=reason,
    )
    repo.record(page)
    return repo.ledger()[-1].seq


def opened(client: FlaskClient, path: str) -> dict[str, str]:
    return fields_of(client.get(path, **HOST))


def told(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


ANSWER = {
    "text": "Thank you for saying so.",
    "name": "Anita",
    "role": "Manager",
    "change": "",
    "by": "Ruth",
    "action": "approve",
}


def answer(client: FlaskClient, story_id: str, **more: str) -> TestResponse:
    form = opened(client, f"/answer/{story_id}") | ANSWER | more
    return client.post(f"/answer/{story_id}", data=form, **HOST)


def is_approved(repo: Repository, story_id: str) -> bool:
    response = repo.story(story_id).response
    return response is not None and response.approved_at is not None


# Two windows


def test_an_old_window_puts_no_old_words_on_the_wall(client: FlaskClient, repo: Repository) -> None:
    story_id = confirmed(repo)
    old = opened(client, f"/answer/{story_id}") | ANSWER
    form = opened(client, f"/confirm/{story_id}")
    form |= {"f-story": "Quite other words.", "by": "Sam", "worry": "no", "action": "confirm"}
    assert client.post(f"/confirm/{story_id}", data=form, **HOST).status_code == 302
    refused = client.post(f"/answer/{story_id}", data=old | {"text": "Typed here."}, **HOST)
    assert refused.status_code == 409
    assert "has changed since you opened this page: please look again" in told(refused)
    assert "Typed here." in told(refused) and "Quite other words." in told(refused)
    assert repo.story(story_id).moderation is None and repo.story(story_id).response is None
    assert client.get("/posters.pdf", **HOST).status_code == 404
    again = fields_of(refused) | {"action": "approve", "display-story": "Quite other words."}
    assert client.post(f"/answer/{story_id}", data=again, **HOST).status_code == 302
    assert is_approved(repo, story_id)


def test_what_was_typed_is_given_back_where_the_store_was_moved_away(
    repo: Repository, client: FlaskClient, tmp_path: Path
) -> None:
    story_id = confirmed(repo)
    form = opened(client, f"/confirm/{story_id}") | {"by": "Sam", "worry": "no", "action": "save"}
    form |= {"f-story": "Words <b>typed</b> for an hour."}
    place = tmp_path / "leaflets.sqlite3"
    place.rename(tmp_path / "moved.sqlite3")
    said = client.post(f"/confirm/{story_id}", data=form, **HOST)
    (tmp_path / "moved.sqlite3").rename(place)
    assert said.status_code == 503
    assert "Words &lt;b&gt;typed&lt;/b&gt; for an hour." in said.text
    assert "nothing was saved" in said.text


def test_of_two_confirm_windows_the_second_is_asked_to_look(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = story(repo)
    one, two = opened(client, f"/confirm/{story_id}"), opened(client, f"/confirm/{story_id}")
    done = {"by": "Sam", "worry": "no", "action": "confirm"}
    first = client.post(f"/confirm/{story_id}", data=one | done | {"f-story": "First."}, **HOST)
    assert first.status_code == 302
    second = client.post(f"/confirm/{story_id}", data=two | done | {"f-story": "Second."}, **HOST)
    assert second.status_code == 409
    assert "please look again" in told(second)
    assert ">Second.</textarea>" in told(second)  # what was typed is kept,
    assert "Saved now is:" in told(second) and "First." in told(second)  # beside what is saved
    assert repo.story(story_id).answers["story"] == "First."
    looked = fields_of(second) | done
    assert client.post(f"/confirm/{story_id}", data=looked, **HOST).status_code == 302
    assert repo.story(story_id).answers["story"] == "Second."


def test_a_form_without_a_version_changes_nothing(client: FlaskClient, repo: Repository) -> None:
    story_id = story(repo)
    form = opened(client, f"/confirm/{story_id}") | {"by": "Sam", "f-story": "Other."}
    for version in ("", "x", "999999999999999"):
        refused = client.post(f"/confirm/{story_id}", data=form | {"version": version}, **HOST)
        assert refused.status_code == 409
    assert repo.story(story_id).answers["story"] == WORDS


# Pages that made no story


def test_writing_on_the_outside_comes_first_and_is_never_a_dead_end(
    client: FlaskClient, repo: Repository
) -> None:
    story(repo)
    seq = left_over(repo)
    home = told(client.get("/", **HOST))
    assert home.index(f"/page/{seq}") < home.index("To confirm")
    page = told(client.get(f"/page/{seq}", **HOST))
    assert "Does anything here worry you?" in page and f"/page/{seq}/picture" in page
    shown = client.get(f"/page/{seq}/picture?turns=1", **HOST)
    turned = cv2.imdecode(np.frombuffer(shown.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert turned is not None and turned.shape == (1300, 900)


def test_words_on_the_outside_become_a_story_that_is_held(
    client: FlaskClient, repo: Repository
) -> None:
    seq = left_over(repo)
    form = opened(client, f"/page/{seq}")
    form |= {"by": "Sam", "worry": "no", "done": "typed", "words": "I want to end it all"}
    done = client.post(f"/page/{seq}", data=form, **HOST)
    (made,) = repo.stories()
    assert done.status_code == 302 and done.headers["Location"] == f"/confirm/{made.id}"
    assert made.answers["story"] == "I want to end it all"
    assert made.worry is not None and made.confirmation is None  # whatever was ticked
    assert made.answers["consent_display"] is False
    html = told(client.get(f"/confirm/{made.id}", **HOST))
    assert f"/picture/{made.id}" in html
    assert client.get(f"/picture/{made.id}", **HOST).status_code == 200
    papers = Papers()  # and the next scan is not led astray by a story that no paper is like
    for _, name, print_ in repo.fingerprints():
        papers.add(name, print_)
    assert papers.similar(b"\x00\x10" + b"\xff" * 64) == []
    home = told(client.get("/", **HOST))
    assert "held by the list of words" in home and "Please read these first" not in home
    again = form | {"words": "I want to end it all", "done": "typed"}
    assert client.post(f"/page/{seq}", data=again, **HOST).status_code == 302
    assert len(repo.stories()) == 1  # the same picture makes one story


def test_words_on_the_outside_can_join_the_story_of_the_inside(
    client: FlaskClient, repo: Repository
) -> None:
    story_id, seq = confirmed(repo), left_over(repo)
    form = opened(client, f"/page/{seq}") | {"by": "Sam", "worry": "no", "done": "typed"}
    form |= {"words": "And the tea was good.", "story": story_id.lower()}
    assert client.post(f"/page/{seq}", data=form, **HOST).status_code == 302
    kept = repo.story(story_id)
    assert kept.answers["story"] == f"{WORDS}\n\nAnd the tea was good."
    assert kept.confirmation is None  # to be confirmed again
    nowhere = form | {"story": "S-2026-999"}
    assert client.post(f"/page/{seq}", data=nowhere, **HOST).status_code == 422


def test_a_worrying_page_stays_first_until_it_is_handed_to_somebody(
    client: FlaskClient, repo: Repository
) -> None:
    seq = left_over(repo, "No leaflet was found on this page.")
    form = opened(client, f"/page/{seq}") | {"by": "Sam"}
    post = f"/page/{seq}"
    assert "does anything here worry you" in told(
        client.post(post, data=form | {"done": "nothing"}, **HOST)
    )
    assert client.post(post, data=form | {"worry": "yes", "done": "nothing"}).status_code == 403
    refused = client.post(post, data=form | {"worry": "yes", "done": "nothing"}, **HOST)
    assert refused.status_code == 422 and repo.page_notes(seq) == []
    waits = client.post(post, data=form | {"worry": "yes", "done": "wait"}, **HOST)
    assert waits.status_code == 302
    home = told(client.get("/", **HOST))
    assert "Please read these first" in home and "worries somebody" in home
    vague = form | {"worry": "no", "done": "handed", "note": "."}
    assert client.post(post, data=vague, **HOST).status_code == 422
    handed = form | {"worry": "no", "done": "handed", "note": "To Ruth, at once"}
    assert client.post(post, data=handed, **HOST).status_code == 302
    assert "Please read these first" not in told(client.get("/", **HOST))
    assert [n.worry for n in repo.page_notes(seq)] == [True, True]


def test_wrong_papers_leave_the_list_when_nothing_is_needed(
    client: FlaskClient, repo: Repository
) -> None:
    seq = left_over(repo, "No leaflet was found on this page.")
    assert "could not be placed: 1" in told(client.get("/", **HOST))
    form = opened(client, f"/page/{seq}") | {"by": "Sam", "worry": "no", "done": "nothing"}
    assert client.post(f"/page/{seq}", data=form | {"by": " "}, **HOST).status_code == 422
    assert client.post(f"/page/{seq}", data=form, **HOST).status_code == 302
    home = told(client.get("/", **HOST))
    assert "could not be placed" not in home and "dealt with: 1" in home


def test_a_page_without_a_picture_can_be_dealt_with_too(
    client: FlaskClient, repo: Repository
) -> None:
    repo.record(
        PageOutcome(file="a.pdf", page=1, status="unplaced", image_sha256="", reason="Damaged.")
    )
    seq = repo.ledger()[-1].seq
    assert client.get(f"/page/{seq}/picture", **HOST).status_code == 404
    form = opened(client, f"/page/{seq}") | {"by": "Sam", "done": "nothing"}
    assert client.post(f"/page/{seq}", data=form, **HOST).status_code == 302
    assert repo.unplaced(seq).dealt == "nothing"


# Confirming


def test_a_whole_story_is_not_emptied_without_a_question(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = story(repo)
    form = opened(client, f"/confirm/{story_id}") | {"f-story": " ", "by": "Sam", "worry": "no"}
    for action in ("save", "confirm"):
        asked = client.post(f"/confirm/{story_id}", data=form | {"action": action}, **HOST)
        assert asked.status_code == 422 and "Empty it?" in told(asked)
        assert repo.story(story_id).answers["story"] == WORDS
    assert 'name="f-story-empty"' in told(asked)
    sure = fields_of(asked) | {"f-story-empty": "1", "action": "confirm", "worry": "no"}
    assert client.post(f"/confirm/{story_id}", data=sure, **HOST).status_code == 302
    assert repo.story(story_id).answers["story"] == ""


def test_what_the_picture_may_not_show_is_asked_about_in_other_words(
    client: FlaskClient, repo: Repository
) -> None:
    """A field without words is not said to have some."""
    story_id = story(repo, doubted="good")
    form = opened(client, f"/confirm/{story_id}") | {
        "by": "Sam",
        "worry": "no",
        "action": "confirm",
    }
    asked = client.post(f"/confirm/{story_id}", data=form, **HOST)
    assert asked.status_code == 422 and "There may be writing here" in told(asked)
    assert "The paper has words here" not in told(asked)
    sure = fields_of(asked) | {"f-good-empty": "1", "action": "confirm", "worry": "no"}
    assert client.post(f"/confirm/{story_id}", data=sure, **HOST).status_code == 302


def test_what_is_missing_is_linked_and_nothing_typed_is_lost(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = story(repo)
    form = opened(client, f"/confirm/{story_id}") | {"f-story": "Typed.", "action": "confirm"}
    page = told(client.post(f"/confirm/{story_id}", data=form, **HOST))
    assert 'href="#q-worry"' in page and 'href="#q-by"' in page
    assert 'id="q-worry" class="card care asked"' in page
    assert ">Typed.</textarea>" in page  # although nobody said who they are


def test_a_field_where_nothing_was_written_takes_one_line(
    client: FlaskClient, repo: Repository
) -> None:
    page = told(client.get(f"/confirm/{story(repo)}", **HOST))
    assert page.count("Nothing was written under") == 5
    assert "scan3.pdf, page 2" in page
    assert page.index("does anything here worry you?") < page.index('name="f-story"')


def test_words_in_doubt_travel_as_data_and_never_as_markup(
    client: FlaskClient, repo: Repository
) -> None:
    evil = "'\"><b>&quot;"
    story_id = story(repo, f"so {evil}")
    page = told(client.get(f"/confirm/{story_id}", **HOST))
    assert evil not in page and "'\"><b>" not in page
    (said,) = re.findall(r"data-doubts='([^']*)'", page)
    assert [d["was"] for d in json.loads(html.unescape(said))] == ["so", "'\"><b>&quot;"]
    assert 'id="keys" hidden' in page, "nobody is told of keys that do nothing without a script"


# A worry is never thrown away


NOTE = "the last line"
YES = {"worry": "yes", "note": NOTE}


def say(client: FlaskClient, story_id: str, **more: str) -> TestResponse:
    form = opened(client, f"/confirm/{story_id}") | {"by": "Sam"} | YES | more
    return client.post(f"/confirm/{story_id}", data=form, **HOST)


def worry_of(repo: Repository, story_id: str) -> tuple[str, str, str]:
    """(who, why, what the story is by it)."""
    kept = repo.story(story_id)
    assert kept.worry is not None and not kept.worry.by_list
    return kept.worry.by, kept.worry.note, publication(kept)


def test_who_is_worried_may_stop_at_once(client: FlaskClient, repo: Repository) -> None:
    story_id, other = story(repo), story(repo, page=3)
    done = say(client, story_id, action="save")
    assert worry_of(repo, story_id) == ("Sam", NOTE, "held")
    assert repo.story(story_id).confirmation is None, "nobody said to have compared it"
    page = told(client.get(done.headers["Location"], **HOST))
    assert "It is held" in page and "right thing by saying so" in page and "is done" not in page
    assert f"/confirm/{other}" in page, "the next one is another one"
    assert "worries somebody" in told(client.get("/", **HOST))
    history = repo.events(story_id)
    again = opened(client, f"/confirm/{story_id}") | {"action": "save"}
    assert (again["worry"], again["note"]) == ("yes", NOTE)
    client.post(f"/confirm/{story_id}", data=again, **HOST)
    assert repo.events(story_id) == history, "what is known is not said twice"


def test_a_worry_holds_what_was_approved_whatever_the_button(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = confirmed(repo)
    answer(client, story_id)
    done = say(client, story_id, action="save")
    assert worry_of(repo, story_id) == ("Sam", NOTE, "held")
    assert repo.story(story_id).confirmation is not None
    assert client.get("/posters.pdf", **HOST).status_code == 404
    assert TAKE_OFF in told(client.get(done.headers["Location"], **HOST))


@pytest.mark.parametrize("action", ["save", "confirm"])
def test_a_worry_is_kept_while_a_word_or_a_tick_is_missing(
    client: FlaskClient, repo: Repository, action: str
) -> None:
    story_id = story(repo)
    refused = say(client, story_id, action=action, **{"f-story": ""})
    assert refused.status_code == 422 and "Empty it?" in told(refused)
    assert worry_of(repo, story_id) == ("Sam", NOTE, "held")
    assert "It is held, as something in it worries Sam" in told(refused)
    finished = fields_of(refused) | {"f-story-empty": "1", "action": "confirm"}
    assert client.post(f"/confirm/{story_id}", data=finished, **HOST).status_code == 302
    assert worry_of(repo, story_id) == ("Sam", NOTE, "held")


def test_a_worry_is_kept_before_anybody_says_who_they_are(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = story(repo)
    refused = say(client, story_id, action="save", by=" ")
    assert refused.status_code == 422 and "who is at the desk" in told(refused)
    assert worry_of(repo, story_id) == ("somebody at the desk", NOTE, "held")
    named = fields_of(refused) | {"by": "Sam", "action": "save"}
    assert client.post(f"/confirm/{story_id}", data=named, **HOST).status_code == 302
    assert worry_of(repo, story_id) == ("Sam", NOTE, "held")


def test_a_worry_is_kept_although_somebody_else_was_quicker(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = story(repo)
    form = opened(client, f"/confirm/{story_id}") | {"by": "Sam", "action": "save"} | YES
    repo.confirm(story_id, "Ann", worry=False)
    refused = client.post(f"/confirm/{story_id}", data=form | {"f-story": "Other."}, **HOST)
    assert refused.status_code == 409 and "It is held" in told(refused)
    assert worry_of(repo, story_id) == ("Sam", NOTE, "held")
    assert repo.story(story_id).answers["story"] == WORDS


def test_a_worry_said_again_holds_what_was_settled(client: FlaskClient, repo: Repository) -> None:
    story_id = confirmed(repo)
    repo.raise_worry(story_id, "Ann", "the first line")
    repo.moderate(story_id, "Ruth", {}, worry_settled="Ruth rang the duty lead")
    assert say(client, story_id, action="save", note="the first line").status_code == 302
    assert worry_of(repo, story_id) == ("Sam", "the first line", "held")


def test_a_note_without_an_answer_is_asked_about(client: FlaskClient, repo: Repository) -> None:
    story_id = story(repo)
    asked = say(client, story_id, action="save", worry="")
    assert asked.status_code == 422 and f">{NOTE}</textarea>" in told(asked)
    assert 'href="#q-worry"' in told(asked) and repo.story(story_id).worry is None


# Answering


@pytest.mark.parametrize("settled", [".", "ok", "...", "x y z", "12 34"])
def test_a_worry_is_not_settled_by_a_dot(
    client: FlaskClient, repo: Repository, settled: str
) -> None:
    story_id = story(repo)
    repo.confirm(story_id, "Sam", worry=True)
    refused = answer(client, story_id, settled=settled)
    assert refused.status_code == 422 and "by whom" in told(refused)
    assert repo.story(story_id).moderation is None
    assert answer(client, story_id, settled="Ruth rang the duty lead").status_code == 302


def test_a_worry_says_whose_it_is_and_since_when(client: FlaskClient, repo: Repository) -> None:
    story_id = story(repo)
    repo.confirm(story_id, "Sam", worry=True)
    page = told(client.get(f"/answer/{story_id}", **HOST))
    assert "<strong>Sam, " in page and "without saying why" in page
    assert "<ul></ul>" not in page and "()" not in page
    assert "read by the machine (the machine)" in page


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        ({"text": "Ring us on 0114 496 0999."}, "telephone number"),
        ({"text": "Thank you. Kev will see to it."}, "somebody’s name"),
        ({"name": "Anita Longlast"}, "first name is enough"),
        ({"display-story": "My worker Dave was kind."}, "who somebody is"),
    ],
)
def test_warnings_are_read_before_anything_is_approved(
    client: FlaskClient, repo: Repository, more: dict[str, str], warning: str
) -> None:
    story_id = confirmed(repo)
    asked = answer(client, story_id, **more)
    assert asked.status_code == 409 and warning in told(asked)
    assert "I have read these warnings" in told(asked)
    assert not is_approved(repo, story_id)
    unticked = fields_of(asked) | {"action": "approve"}
    assert client.post(f"/answer/{story_id}", data=unticked, **HOST).status_code == 409
    mark = told(asked).split('name="cautions" value="')[1].split('"')[0]
    other = unticked | {"cautions": mark, "text": "Write to me@example.org, says Zoltan."}
    assert client.post(f"/answer/{story_id}", data=other, **HOST).status_code == 409
    ticked = fields_of(asked) | {"action": "approve", "cautions": mark}
    assert client.post(f"/answer/{story_id}", data=ticked, **HOST).status_code == 302
    assert is_approved(repo, story_id)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"display-story": "A long story. " * 400}, "too long for two sheets"),
        ({"text": "Thank you \U00012000"}, "letters that posters cannot show"),
        ({"name": "A" * 41}, "room for 40"),
        ({"role": "Manager " * 9}, "room for 60"),
        ({"text": " "}, "nothing to approve"),
    ],
)
def test_the_desk_approves_nothing_that_the_poster_would_refuse(
    client: FlaskClient, repo: Repository, more: dict[str, str], why: str
) -> None:
    story_id = confirmed(repo)
    refused = answer(client, story_id, **more)
    assert refused.status_code in {409, 422} and why in told(refused)
    assert "--approve" not in told(refused) and "leaflets desk" not in told(refused)
    assert not is_approved(repo, story_id)


def test_a_held_story_is_refused_in_words_for_somebody_at_the_desk(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = story(repo)
    repo.confirm(story_id, "Sam", worry=True)
    page = told(answer(client, story_id))
    assert "held" in page and "leaflets desk" not in page and "--approve" not in page


def test_an_answered_story_without_consent_leaves_the_list(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = confirmed(repo, consent=False)
    assert "To answer: 1" in told(client.get("/", **HOST))
    page = told(client.get(f"/answer/{story_id}", **HOST))
    assert "Save and approve for the wall" not in page
    assert answer(client, story_id).status_code == 200
    home = told(client.get("/", **HOST))
    assert "To answer: 0" in home and "Answered or taken down, not for the wall: 1" in home


def test_a_story_that_was_taken_down_is_not_offered_for_the_wall(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = confirmed(repo)
    answer(client, story_id)
    repo.withdraw(story_id, "Ruth", "")
    home = told(client.get("/", **HOST))
    assert "To answer: 0" in home and "Answered or taken down, not for the wall: 1" in home
    page = told(client.get(f"/answer/{story_id}", **HOST))
    assert 'value="approve"' not in page and "Take it down" not in page
    refused = answer(client, story_id)
    assert refused.status_code == 409 and "taken down" in told(refused)


def test_who_approves_is_who_said_so_and_not_the_last_volunteer(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = story(repo)
    form = opened(client, f"/confirm/{story_id}")
    form |= {"by": "Sam", "worry": "no", "action": "confirm"}
    client.post(f"/confirm/{story_id}", data=form, **HOST)
    assert opened(client, f"/answer/{story_id}")["by"] == ""
    assert answer(client, story_id, by=" ").status_code == 422
    assert answer(client, story_id, by="Ruth").status_code == 302
    response = repo.story(story_id).response
    assert response is not None and response.approved_by == "Ruth"


def test_a_date_that_is_none_is_said_in_plain_words(client: FlaskClient, repo: Repository) -> None:
    page = told(
        answer(client, confirmed(repo), change="planned", change_text="A sign", due="1 May")
    )
    assert "such as 2026-12-01" in page and "“1 May” is not a date" in page


def test_every_word_is_to_be_read(client: FlaskClient, repo: Repository) -> None:
    page = told(client.get(f"/answer/{confirmed(repo)}", **HOST))
    assert "The machine misses names. Please read every word." in page


# The list, and what goes wrong


def test_the_list_helps_to_find_the_paper(client: FlaskClient, repo: Repository) -> None:
    story(repo, "Nobody told me that the group had moved to another day of the week.")
    home = told(client.get("/", **HOST))
    assert "scan3.pdf, page 2" in home and "/scans/" not in home
    assert "“Nobody told me that the group had moved to …”" in home
    assert repo.stories()[0].received_at.strftime("%B %Y") in home


@pytest.mark.parametrize("path", ["/nowhere", "/confirm/S-2026-999", "/page/77", "/withdraw/x"])
def test_what_is_not_there_is_said_in_plain_words(client: FlaskClient, path: str) -> None:
    page = client.get(path, **HOST)
    assert page.status_code in {404, 405}
    assert "Back to the desk" in told(page)
    assert not {"URL", "server", "method", "leaflets ledger"} & set(
        told(page).split("<main>")[1].replace(".", " ").split()
    )


def test_too_much_text_is_said_in_plain_words(client: FlaskClient, repo: Repository) -> None:
    story_id = story(repo)
    form = opened(client, f"/confirm/{story_id}") | {"by": "Sam", "action": "save"}
    long = client.post(f"/confirm/{story_id}", data=form | {"f-story": "a " * 6000}, **HOST)
    assert long.status_code == 422 and "room for 10000" in told(long)
    huge = client.post(f"/confirm/{story_id}", data=form | {"f-story": "a" * MAX_BODY}, **HOST)
    assert huge.status_code == 413
    assert "shorten it" in told(huge) and "Back to the desk" in told(huge)
    assert repo.story(story_id).answers["story"] == WORDS


def test_the_picture_of_a_box_ends_with_its_sentence() -> None:
    page = layout_for("story", EXAMPLE).page(1)
    for field in page.fields:
        if field.kind not in {"tick", "choice"}:
            continue
        top, left, bottom, right = (r * field.box.w_mm for r in reach(page, field))
        boxes = [(o.box, o.label) for o in field.options] or [(field.box, field.caption)]
        for box, label in boxes:
            beside = [t for t in page.texts if 0 < t.x_mm - box.right_mm < 6]
            words = [t for t in beside if t.text and t.text in label]
            assert words, label
            for run in words:
                end = run.x_mm + text_width_mm(run.text, run.size_pt, run.bold)
                assert end < field.box.right_mm + right
                assert run.y_mm < field.box.bottom_mm + bottom
        assert min(top, left) > 0 and field.box.right_mm + right < page.width_mm


def test_writing_on_the_outside_stands_first_once_its_form_was_copied_here(
    client: FlaskClient, repo: Repository, tmp_path: Path
) -> None:
    there = replace(EXAMPLE, name="The Other House")
    form = layout_for("story", there)
    side = blank_side(form, there, 2).copy()
    cv2.putText(side, "please ring", (1100, 500), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 4, 30, 8)
    file = papers.save(side, tmp_path / "outside.png")
    (before,) = pipeline.scan([file], workspace=tmp_path, workers=1, store=repo)
    assert "not printed from this workspace" in before.reason
    remember(tmp_path, form)
    Forms(tmp_path / "forms", there).blank(form, 2)
    worker._forms.clear()  # as in another process
    (after,) = pipeline.scan([file], workspace=tmp_path, workers=1, store=repo)
    assert (after.status, after.reason) == ("unplaced", OUTSIDE)
    assert [(row.file, row.reason) for row in repo.ledger()] == [(str(file), OUTSIDE)]
    home = told(client.get("/", **HOST))
    assert "Please read these first: 1" in home and "not printed from this workspace" not in home


# What may hang on the wall


def confirm_again(client: FlaskClient, story_id: str, **more: str) -> str:
    form = opened(client, f"/confirm/{story_id}") | {"by": "Sam", "action": "confirm"}
    form |= {"worry": "no"} | more
    done = client.post(f"/confirm/{story_id}", data=form, follow_redirects=True, **HOST)
    assert done.status_code == 200, told(done)
    return told(done)


@pytest.mark.parametrize(
    "change", [{"f-consent_display": "no"}, {"worry": "yes"}, {"f-story": "Quite other words."}]
)
def test_a_poster_that_may_hang_is_told_of_when_its_story_changes(
    client: FlaskClient, repo: Repository, change: dict[str, str]
) -> None:
    story_id = confirmed(repo)
    assert TAKE_OFF not in told(client.get("/", **HOST))
    answer(client, story_id)
    assert client.get("/posters.pdf", **HOST).status_code == 200
    assert TAKE_OFF not in told(client.get("/", **HOST))
    assert TAKE_OFF in confirm_again(client, story_id, **change)
    assert TAKE_OFF in told(client.get("/", **HOST))
    assert TAKE_OFF in told(client.get(f"/answer/{story_id}", **HOST))


def test_a_new_poster_takes_the_place_of_the_old_one(client: FlaskClient, repo: Repository) -> None:
    story_id = confirmed(repo)
    answer(client, story_id)
    answer(client, story_id, action="save", text="Another answer.")
    assert TAKE_OFF in told(client.get(f"/answer/{story_id}", **HOST))
    answer(client, story_id, text="Another answer.")
    page = told(client.get(f"/answer/{story_id}", **HOST))
    assert PUT_IN_ITS_PLACE in page and TAKE_OFF not in page


def test_nothing_hangs_of_a_story_that_was_never_for_the_wall(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = confirmed(repo, consent=False)
    answer(client, story_id)
    assert TAKE_OFF not in confirm_again(client, story_id, **{"f-story": "Quite other words."})


def test_a_worry_does_not_hide_that_a_story_was_taken_down(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = confirmed(repo)
    repo.withdraw(story_id, "Ruth", "")
    repo.confirm(story_id, "Sam", worry=True)
    home = told(client.get("/", **HOST))
    assert "worries somebody" in home and DOWN in home
    page = told(client.get(f"/answer/{story_id}", **HOST))
    assert "Not for the wall:" in page and DOWN in page
    repo.correct(story_id, "story", "Other words.", "Sam")
    waiting = told(client.get("/", **HOST)).split("To answer")[0]
    assert story_id in waiting and DOWN in waiting


@pytest.mark.parametrize(
    ("learn", "kept", "said"),
    [
        (True, False, "`leaflets adapt` is run again"),
        (False, True, "adapt --forget"),
        (False, False, ""),
    ],
)
def test_taking_down_says_what_was_learned(
    repo: Repository, tmp_path: Path, learn: bool, kept: bool, said: str
) -> None:
    write_settings(replace(EXAMPLE, learn=learn), tmp_path / "service.toml")
    if kept:
        (tmp_path / "learned.json").touch()
    inside = create_app(repo, tmp_path, TOKEN).test_client()
    inside.get(f"/?token={TOKEN}", **HOST)
    story_id = confirmed(repo)
    form = opened(inside, f"/answer/{story_id}")
    data = {"csrf": form["csrf"], "by": "Ruth", "reason": ""}
    page = told(inside.post(f"/withdraw/{story_id}", data=data, **HOST))
    assert "is taken down" in page
    assert re.search(said, page) if said else "adapt" not in page


def take_down(client: FlaskClient, story_id: str, path: str, **more: str) -> TestResponse:
    """By the form at the end of the story's page `path`."""
    form = told(client.get(path, **HOST)).rsplit("<form", 1)[1]
    assert f'action="/withdraw/{story_id}"' in form and "Take it down" in form
    csrf = re.search(r'name="csrf" value="([^"]*)"', form)
    assert csrf is not None
    data = {"csrf": csrf[1], "by": "Sam", "reason": ""} | more
    return client.post(f"/withdraw/{story_id}", data=data, **HOST)


@pytest.mark.parametrize("corrected", [False, True])
def test_a_story_is_taken_down_without_being_confirmed(
    client: FlaskClient, repo: Repository, corrected: bool
) -> None:
    story_id = confirmed(repo) if corrected else story(repo)
    if corrected:
        repo.correct(story_id, "story", "Other words.", "Sam")
    page = f"/confirm/{story_id}"
    nobody = take_down(client, story_id, page, by=" ", reason="rang us")
    assert nobody.status_code == 422 and "rang us" in told(nobody)
    assert "is taken down" in told(take_down(client, story_id, page))
    down = repo.story(story_id).moderation
    assert down is not None and down.withdrawn
    after = told(client.get(page, **HOST))
    assert DOWN in after and "Take it down" not in after
    other = told(client.get(f"/answer/{confirmed(repo, page=3)}", **HOST))
    assert 'value="Sam"' not in other, "who took it down is not the coordinator"


def test_nobody_is_asked_to_confirm_what_its_writer_took_back(
    client: FlaskClient, repo: Repository
) -> None:
    down, other = story(repo), story(repo, page=3)
    take_down(client, down, f"/confirm/{down}")
    home = told(client.get("/", **HOST))
    assert "To confirm: 1" in home and "Answered or taken down, not for the wall: 1" in home
    assert f"/answer/{down}" in home.split("Answered or taken down")[1]
    assert "That is all of them" in confirm_again(client, other)


def test_a_story_is_taken_down_once(client: FlaskClient, repo: Repository) -> None:
    story_id = story(repo)
    csrf = opened(client, f"/confirm/{story_id}")["csrf"]
    form = {"csrf": csrf, "by": "Sam", "reason": ""}
    assert "is taken down" in told(client.post(f"/withdraw/{story_id}", data=form, **HOST))
    history = repo.events(story_id)
    again = client.post(f"/withdraw/{story_id}", data=form, **HOST)
    assert again.status_code == 200 and "was taken down before" in told(again)
    assert repo.events(story_id) == history


@pytest.mark.parametrize("damaged", [False, True])
def test_without_a_picture_the_text_is_compared_with_the_paper(
    client: FlaskClient, repo: Repository, damaged: bool
) -> None:
    story_id, other = story(repo), story(repo, page=3)
    assert "picture of this leaflet" not in told(client.get(f"/confirm/{other}", **HOST))
    kept = repo.original_path(repo.story(story_id).image_sha256)
    kept.chmod(0o600)
    kept.write_bytes(b"no picture") if damaged else kept.unlink()
    page = f"/confirm/{story_id}"
    assert "missing or damaged" in told(client.get(page, **HOST))
    form = opened(client, page) | {"by": "Sam", "worry": "no", "action": "confirm"}
    assert "compared" not in form
    refused = client.post(page, data=form, **HOST)
    assert refused.status_code == 422 and 'href="#q-compared"' in told(refused)
    assert repo.story(story_id).confirmation is None
    done = client.post(page, data=fields_of(refused) | form | {"compared": "1"}, **HOST)
    assert done.status_code == 302 and repo.story(story_id).confirmation is not None


NOT_SAVED = "What stands here is not saved."


@pytest.mark.parametrize(
    "wrong",
    [{"text": "a" * 10_001}, {"change": "planned", "change_text": "Tea.", "due": "2020-01-01"}],
)
def test_a_refused_answer_is_not_shown_as_the_approved_one(
    client: FlaskClient, repo: Repository, wrong: dict[str, str]
) -> None:
    story_id = confirmed(repo)
    answer(client, story_id)
    before = told(client.get(f"/answer/{story_id}", **HOST))
    assert "This response is approved" in before and NOT_SAVED not in before
    refused = answer(client, story_id, **wrong)
    assert refused.status_code in {409, 422} and "This response is approved" not in told(refused)
    assert f"{NOT_SAVED} The earlier response is the approved one (Ruth, " in told(refused)
    assert "This is about what is saved" in told(refused)
    assert is_approved(repo, story_id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"display-story": "Ask Gavin, who was kind."},
        {"display-story": "A kind group.", "change": "made"},
        {"display-story": "A kind group.", "change": "planned", "due": "2020-01-01"},
        {"display-story": "A kind group.", "name": " "},
    ],
)
def test_a_refused_approval_leaves_no_words_approved_that_nobody_approved(
    client: FlaskClient, repo: Repository, wrong: dict[str, str]
) -> None:
    story_id = confirmed(repo)
    assert answer(client, story_id).status_code == 302
    refused = answer(client, story_id, **wrong)
    assert refused.status_code == 409
    assert "The words for the wall are saved, and not approved" in told(refused)
    assert "The earlier response is the approved one" not in told(refused)
    assert TAKE_OFF in told(refused) and "approve it again" in told(refused)
    assert not is_approved(repo, story_id)
    assert client.get("/posters.pdf", **HOST).status_code == 404
    assert TAKE_OFF in told(client.get("/", **HOST))


@pytest.mark.parametrize("wrong", [{"change": "made"}, {"text": "Thank you. Kev will see to it."}])
def test_a_refused_response_takes_nothing_away_from_the_words_that_are_approved(
    client: FlaskClient, repo: Repository, wrong: dict[str, str]
) -> None:
    story_id = confirmed(repo)
    answer(client, story_id)
    refused = answer(client, story_id, **wrong)
    assert refused.status_code == 409 and "and not approved" not in told(refused)
    assert is_approved(repo, story_id)
    assert client.get("/posters.pdf", **HOST).status_code == 200


def test_a_change_is_asked_about_although_its_approval_has_lapsed(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = confirmed(repo)
    answer(client, story_id, change="made", change_text="A second kettle.")
    asked = answer(client, story_id, change_text="", **{"display-story": "A kind group."})
    assert asked.status_code == 409 and "“A second kettle.”" in told(asked)


def test_a_draft_that_is_not_approved_yet_is_not_called_unsaved(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = confirmed(repo)
    said = {"text": "Thank you.\nPlease ring Carol Smith on 07700 900123.", "action": "save"}
    answer(client, story_id, **said)
    refused = answer(client, story_id, **said | {"action": "approve"})
    assert refused.status_code == 409 and NOT_SAVED not in told(refused)


def test_an_answer_that_is_saved_with_a_note_is_not_called_unsaved(
    client: FlaskClient, repo: Repository
) -> None:
    story_id = confirmed(repo, consent=False)
    saved = answer(client, story_id)
    assert saved.status_code == 200 and "it will not be printed" in told(saved)
    assert "This response is approved" in told(saved) and NOT_SAVED not in told(saved)


# A worry of the list of words


HARD = "I want to end it all with pills."


def confirm_with(client: FlaskClient, story_id: str, worry: str) -> str:
    """What the volunteer then reads; `worry`: what they answer, if anything."""
    form = opened(client, f"/confirm/{story_id}")
    assert "worry" not in form, "nobody is answered for"
    form |= {"by": "Sam", "action": "confirm"} | ({"worry": worry} if worry else {})
    done = client.post(f"/confirm/{story_id}", data=form, follow_redirects=True, **HOST)
    assert done.status_code == 200
    return told(done)


@pytest.mark.parametrize("worry", ["no", ""])
def test_a_worry_of_the_list_is_nobody_s_own(
    client: FlaskClient, repo: Repository, worry: str
) -> None:
    story_id = story(repo, HARD)
    thanks = confirm_with(client, story_id, worry)
    assert "A list of words holds this story" in thanks and "right thing by saying so" not in thanks
    assert "held by the list of words" in told(client.get("/", **HOST))
    page = told(client.get(f"/answer/{story_id}", **HOST))
    assert "<strong>The list of words, " in page and "without saying why" not in page
    assert "is worried" not in page and "the list of words holds it (Sam)" in page
    refused = answer(client, story_id)
    assert refused.status_code == 409 and "a list of words found something" in told(refused)


def test_who_is_worried_is_named_beside_the_list(client: FlaskClient, repo: Repository) -> None:
    story_id = story(repo, HARD)
    assert "right thing by saying so" in confirm_with(client, story_id, "yes")
    repo.confirm(story_id, "Ann", worry=True, by_list=True)
    page = told(client.get(f"/answer/{story_id}", **HOST))
    assert "<strong>Sam, " in page and "worries somebody" in told(client.get("/", **HOST))


def test_words_typed_from_a_page_are_held_by_the_list_alone(
    client: FlaskClient, repo: Repository
) -> None:
    seq = left_over(repo)
    form = opened(client, f"/page/{seq}") | {"by": "Sam", "done": "typed", "words": HARD}
    assert client.post(f"/page/{seq}", data=form | {"worry": "no"}, **HOST).status_code == 302
    (made,) = repo.stories()
    assert made.worry is not None and made.worry.by_list
    assert not any(note.worry for note in repo.page_notes(seq))


def test_a_desk_with_old_settings_says_so_and_prints_no_posters(
    client: FlaskClient, repo: Repository, tmp_path: Path
) -> None:
    story_id = confirmed(repo)
    assert answer(client, story_id).status_code == 302
    assert "settings have changed" not in told(client.get("/", **HOST))
    assert client.get("/posters.pdf", **HOST).status_code == 200
    write_settings(replace(EXAMPLE, name="Another Clinic"), tmp_path / "service.toml")
    assert "settings have changed" in told(client.get("/", **HOST))
    for path in ("/posters.pdf", f"/poster/{story_id}.pdf"):
        refused = client.get(path, **HOST)
        assert refused.status_code == 409 and "settings have changed" in told(refused)
