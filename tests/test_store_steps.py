"""What people do with a story: nothing unconfirmed, worried over or taken down reaches the wall,
and whatever was kept before stays as it was."""

from __future__ import annotations

import datetime as dt
import sqlite3
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from made_stories import SECRET, outcome, reading, response

from leaflets.errors import BadInvocation, StorageFailure
from scan_pipeline.progress import (
    TAKE_OFF,
    about_the_poster,
    held_by_list,
    publication,
    why_not_on_the_wall,
)
from scan_pipeline.store import Changed, Repository, open_store
from scan_pipeline.story import AnswerValue

OPEN_TABLES = ("alembic_version", "sqlite_sequence")


@pytest.fixture
def repo(tmp_path: Path) -> Iterator[Repository]:
    with open_store(tmp_path / "work") as opened:
        yield opened


def new_story(repo: Repository) -> str:
    story_id = repo.record(outcome()).story_id
    assert story_id is not None
    return story_id


def on_the_wall(repo: Repository) -> str:
    """A story with everything done that the wall needs."""
    story_id = new_story(repo)
    repo.confirm(story_id, "Sam", worry=False)
    repo.moderate(story_id, "Jo", {"story": "Words for everybody."})
    repo.add_response(story_id, response())
    repo.approve_response(story_id, "Jo")
    assert publication(repo.story(story_id)) == "ready"
    return story_id


def unplaced(repo: Repository, image: str = "") -> int:
    """A page that made no story; its number in the ledger."""
    repo.record(replace(outcome(9, image=image), status="unplaced", reading=None, reason="No."))
    return repo.ledger()[-1].seq


def rows(workspace: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, read past the store."""
    with sqlite3.connect(workspace / "leaflets.sqlite3") as raw:
        names = [n for (n,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {n: raw.execute(f"SELECT * FROM {n} ORDER BY 1").fetchall() for n in names}
    raw.close()
    return found


def test_saving_a_field_as_it_is_is_no_correction(repo: Repository) -> None:
    story_id = on_the_wall(repo)
    for field, value in repo.story(story_id).answers.items():
        repo.correct(story_id, field, value, "Sam")
    assert publication(repo.story(story_id)) == "ready"


# No old approval carries new words to the wall


@pytest.mark.parametrize(
    ("field", "value"), [("story", "other words"), ("rating", "poor"), ("feelings", None)]
)
def test_changed_words_are_confirmed_checked_and_approved_again(
    repo: Repository, field: str, value: AnswerValue
) -> None:
    story_id = on_the_wall(repo)
    repo.correct(story_id, field, value, "Sam")
    story = repo.story(story_id)
    assert story.confirmation is None
    assert story.moderation is not None and story.moderation.stale
    assert story.response is not None and story.response.approved_at is None
    missing = []
    for do in (
        lambda: repo.confirm(story_id, "Sam", worry=False),
        lambda: repo.moderate(story_id, "Jo", {"story": "Other words."}),
        lambda: repo.approve_response(story_id, "Jo"),
    ):
        missing.append(why_not_on_the_wall(repo.story(story_id)))
        do()
    assert len(set(missing)) == 3 and all(missing)
    assert publication(repo.story(story_id)) == "ready"


def test_a_correction_taken_back_is_still_a_change(repo: Repository) -> None:
    story_id = on_the_wall(repo)
    repo.correct(story_id, "story", "other words", "Sam")
    repo.correct(story_id, "story", SECRET, "Sam")
    assert publication(repo.story(story_id)) == "in_review"


def test_a_new_response_is_not_approved_by_the_old_approval_nor_by_itself(
    repo: Repository,
) -> None:
    story_id = on_the_wall(repo)
    claim = replace(response("Another."), approved_by="Jo", approved_at=dt.datetime.now(dt.UTC))
    repo.add_response(story_id, claim)
    story = repo.story(story_id)
    assert story.response == replace(claim, approved_by="", approved_at=None)
    assert publication(story) == "in_review"
    repo.approve_response(story_id, "Jo")
    assert publication(repo.story(story_id)) == "ready"


def test_there_is_nothing_to_approve_before_there_is_a_response(repo: Repository) -> None:
    story_id = new_story(repo)
    with pytest.raises(BadInvocation, match="no response yet"):
        repo.approve_response(story_id, "Jo")
    with pytest.raises(BadInvocation, match="needs words"):
        repo.add_response(story_id, response(" \n"))


def test_other_words_for_the_wall_are_not_approved_by_what_was_approved_before(
    repo: Repository,
) -> None:
    story_id = on_the_wall(repo)
    repo.moderate(story_id, "Jo", {"story": "Words that nobody approved."})
    story = repo.story(story_id)
    assert story.response is not None and story.response.approved_at is None
    assert publication(story) == "in_review" and "approve it again" in why_not_on_the_wall(story)
    assert about_the_poster(story) == TAKE_OFF
    repo.moderate(story_id, "Jo", {"story": "Words for everybody."})
    assert publication(repo.story(story_id)) == "in_review", "taken back, it is still a change"
    repo.approve_response(story_id, "Jo")
    assert publication(repo.story(story_id)) == "ready"


def test_an_approval_stands_while_the_same_words_hang_on_the_wall(repo: Repository) -> None:
    story_id = on_the_wall(repo)
    repo.confirm(story_id, "Sam", worry=True)
    repo.moderate(story_id, "Jo", {"story": " Words for everybody.\n"}, worry_settled="Spoke.")
    assert publication(repo.story(story_id)) == "ready"
    repo.moderate(story_id, "Jo", {"story": "Words for everybody.", "handle": "Blue Kettle"})
    assert publication(repo.story(story_id)) == "held", "and a worry stands again without a word"


def test_words_that_were_never_printed_may_be_taken_out_after_the_approval(
    repo: Repository,
) -> None:
    read = reading(words="They rang me on 07700 900123.")
    story_id = repo.record(outcome(read=read)).story_id or ""
    repo.confirm(story_id, "Sam", worry=False)
    repo.add_response(story_id, response())
    repo.approve_response(story_id, "Jo")
    repo.moderate(story_id, "Jo", {"story": "They rang me on [number removed]."})
    assert publication(repo.story(story_id)) == "ready"
    repo.moderate(story_id, "Jo", {"story": "They rang me."})
    assert publication(repo.story(story_id)) == "in_review"


# Worries


def test_a_worry_is_not_cleared_by_who_confirms_later(repo: Repository) -> None:
    story_id = on_the_wall(repo)
    repo.confirm(story_id, "Sam", worry=True, note="the last line")
    repo.confirm(story_id, "Ann", worry=False)
    story = repo.story(story_id)
    assert story.confirmation is not None and story.worry is not None
    assert (story.confirmation.by, story.confirmation.worry) == ("Ann", True)
    assert story.confirmation.note == story.worry.note == "the last line"
    assert publication(story) == "held"


def test_a_worry_outlives_the_confirmation_that_said_it(repo: Repository) -> None:
    story_id = new_story(repo)
    repo.confirm(story_id, "Sam", worry=True, note="the last line")
    repo.correct(story_id, "story", "other words", "Sam")
    story = repo.story(story_id)
    assert story.confirmation is None
    assert story.worry is not None and story.worry.note == "the last line"
    assert publication(story) == "held"


@pytest.mark.parametrize("by_list", [False, True])
def test_a_worry_is_kept_without_confirming_anything(repo: Repository, by_list: bool) -> None:
    waiting, done = new_story(repo), on_the_wall(repo)
    for story_id in (waiting, done):
        repo.raise_worry(story_id, "Sam", "the last line", by_list=by_list)
        story = repo.story(story_id)
        assert publication(story) == "held" and held_by_list(story) == by_list
        assert story.worry is not None and story.worry.note == "the last line"
        assert (story.confirmation is not None) == (story_id == done)
        assert "compared" not in repo.events(story_id)[-1].what
    assert about_the_poster(repo.story(done)) == TAKE_OFF
    repo.confirm(waiting, "Ann", worry=False)
    assert publication(repo.story(waiting)) == "held"


def test_a_worry_needs_somebody_and_the_story_as_it_was_seen(repo: Repository) -> None:
    story_id = on_the_wall(repo)
    with pytest.raises(BadInvocation, match="answer for"):
        repo.raise_worry(story_id, " ")
    with pytest.raises(Changed):
        repo.raise_worry(story_id, "Sam", seen=repo.story(story_id).version - 1)
    assert publication(repo.story(story_id)) == "ready"


def test_a_settled_worry_stands_again_after_new_words_or_a_new_worry(repo: Repository) -> None:
    story_id = on_the_wall(repo)
    repo.confirm(story_id, "Sam", worry=True)
    words = {"story": "Words for everybody."}
    repo.moderate(story_id, "Jo", words, worry_settled="Spoke to the lead.")
    assert publication(repo.story(story_id)) == "ready"
    repo.confirm(story_id, "Ann", worry=True)
    assert publication(repo.story(story_id)) == "held"
    repo.moderate(story_id, "Jo", words, worry_settled="Spoke again.")
    assert publication(repo.story(story_id)) == "ready"
    repo.correct(story_id, "handle", "Red Kettle", "Sam")
    assert publication(repo.story(story_id)) == "held"


def test_stories_come_worry_first_then_unconfirmed_then_the_rest(repo: Repository) -> None:
    done, waiting, worried, settled, later = (new_story(repo) for _ in range(5))
    repo.confirm(done, "Sam", worry=False)
    repo.confirm(worried, "Sam", worry=True)
    repo.confirm(settled, "Sam", worry=True)
    repo.moderate(settled, "Jo", {}, worry_settled="Done.")
    assert [s.id for s in repo.stories()] == [worried, waiting, later, done, settled]


# Taken down


def test_a_story_that_was_taken_down_stays_down(repo: Repository) -> None:
    story_id = on_the_wall(repo)
    repo.withdraw(story_id, "Jo", "asked at the desk")
    assert publication(repo.story(story_id)) == "taken_down"
    repo.correct(story_id, "story", "other words", "Sam")
    repo.confirm(story_id, "Sam", worry=False)
    repo.moderate(story_id, "Jo", {"story": "Other words."})
    repo.approve_response(story_id, "Jo")
    story = repo.story(story_id)
    assert story.moderation is not None and story.moderation.withdrawn
    assert publication(story) == "taken_down" and why_not_on_the_wall(story)


def test_taking_a_story_down_does_not_make_its_old_words_fresh(repo: Repository) -> None:
    story_id = on_the_wall(repo)
    repo.correct(story_id, "story", "other words", "Sam")
    repo.withdraw(story_id, "Jo", "")
    moderation = repo.story(story_id).moderation
    assert moderation is not None and moderation.stale and moderation.withdrawn
    assert moderation.display == {"story": "Words for everybody."}


def test_taking_a_story_down_needs_no_reason_and_settles_nothing(repo: Repository) -> None:
    story_id = new_story(repo)
    repo.confirm(story_id, "Sam", worry=True)
    repo.withdraw(story_id, "Jo", "")
    story = repo.story(story_id)
    assert story.moderation is not None and story.moderation.withdrawn
    assert publication(story) == "held"


# Two people at once


def test_what_was_seen_before_somebody_else_changed_it_cannot_be_acted_on(
    repo: Repository,
) -> None:
    story_id = on_the_wall(repo)
    seen = repo.story(story_id).version
    newest = repo.correct(story_id, "story", "other words", "Sam", seen=seen)
    assert newest == repo.story(story_id).version > seen
    before = repo.events(story_id)
    for act in (
        lambda: repo.correct(story_id, "story", "yet others", "Ann", seen=seen),
        lambda: repo.confirm(story_id, "Ann", worry=False, seen=seen),
        lambda: repo.moderate(story_id, "Jo", {"story": "Old words."}, seen=seen),
        lambda: repo.add_response(story_id, response(), seen=seen),
        lambda: repo.approve_response(story_id, "Jo", seen=seen),
    ):
        with pytest.raises(Changed, match="has changed since you opened this page"):
            act()
    assert repo.events(story_id) == before
    assert repo.confirm(story_id, "Ann", worry=False, seen=newest) > newest


# Pages that made no story


def test_a_page_is_dealt_with_once_for_every_scan_of_the_same_picture(repo: Repository) -> None:
    sha256 = repo.keep_original(b"a picture", ".png")
    first, other = unplaced(repo, sha256), unplaced(repo)
    repo.deal_with(first, "Sam", "", worry=True, note="the first line")
    assert [(r.dealt, r.worry) for r in repo.ledger()] == [("", True), ("", False)]
    again = unplaced(repo, sha256)
    assert repo.unplaced(again).worry
    repo.deal_with(again, "Jo", "handed", worry=True, note="to Ruth")
    assert [(r.dealt, r.worry) for r in repo.ledger()] == [
        ("handed", False),
        ("", False),
        ("handed", False),
    ]
    assert [n.by for n in repo.page_notes(first)] == ["Sam", "Jo"]
    assert repo.page_notes(other) == []


def test_only_a_page_that_made_no_story_is_dealt_with_and_by_somebody(repo: Repository) -> None:
    new_story(repo)
    with pytest.raises(BadInvocation, match="no such page"):
        repo.deal_with(repo.ledger()[0].seq, "Sam", "nothing", worry=False)
    with pytest.raises(BadInvocation, match="answer for"):
        repo.deal_with(unplaced(repo), " ", "nothing", worry=False)


# Nothing is altered, and nothing is said aloud


def test_everything_that_people_do_only_adds_rows(repo: Repository, tmp_path: Path) -> None:
    sha256 = repo.keep_original(b"a picture", ".png")
    story_id = repo.record(outcome(image=sha256)).story_id
    assert story_id is not None
    steps = (
        lambda: repo.correct(story_id, "story", "other words", "Sam"),
        lambda: repo.correct(story_id, "story", "yet others", "Sam"),
        lambda: repo.confirm(story_id, "Sam", worry=True),
        lambda: repo.moderate(story_id, "Jo", {"story": "Words."}, "Settled."),
        lambda: repo.add_response(story_id, response()),
        lambda: repo.approve_response(story_id, "Jo"),
        lambda: repo.withdraw(story_id, "Jo", ""),
        lambda: repo.record(outcome(2, image=sha256)),
        lambda: repo.keep_original(b"a picture", ".tif"),
    )
    for step in steps:
        before = rows(tmp_path / "work")
        step()
        after = rows(tmp_path / "work")
        for table, kept in before.items():
            if table != "sqlite_sequence":
                assert after[table][: len(kept)] == kept, table
    assert repo.story(story_id).reading == reading()
    assert repo.original_path(sha256).read_bytes() == b"a picture"


def test_the_database_itself_refuses_to_alter_a_row(repo: Repository, tmp_path: Path) -> None:
    on_the_wall(repo)
    repo.correct("S-" + str(dt.datetime.now(dt.UTC).year) + "-1", "story", "other", "Sam")
    repo.deal_with(unplaced(repo), "Sam", "nothing", worry=False)
    raw = sqlite3.connect(tmp_path / "work" / "leaflets.sqlite3")
    try:
        filled = [t for t, kept in rows(tmp_path / "work").items() if kept]
        tables = [t for t in filled if t not in OPEN_TABLES]
        assert len(tables) == 10  # those of contact slips: test_contact
        for table in tables:
            column = raw.execute(f"PRAGMA table_info({table})").fetchone()[1]
            with pytest.raises(sqlite3.IntegrityError, match="never altered"):
                raw.execute(f'UPDATE {table} SET "{column}" = "{column}"')
    finally:
        raw.close()


def test_the_history_tells_who_did_what_and_no_words(repo: Repository) -> None:
    story_id = new_story(repo)
    repo.correct(story_id, "story", SECRET.upper(), "Sam")
    repo.confirm(story_id, "Sam", worry=True, note=SECRET)
    repo.moderate(story_id, "Jo", {"story": SECRET}, worry_settled=SECRET)
    repo.add_response(story_id, response(SECRET))
    repo.approve_response(story_id, "Jo")
    repo.withdraw(story_id, "Jo", SECRET)
    told = repo.events(story_id)
    assert [by for _, by, _ in told] == ["", "Sam", "Sam", "Jo", "Anita", "Jo", "Jo"]
    assert [at for at, _, _ in told] == sorted(at for at, _, _ in told)
    assert told[1].what == "corrected what was read: story"
    assert SECRET.lower() not in repr(told).lower()


def test_no_message_of_a_database_that_fails_repeats_what_was_written(
    repo: Repository, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    story_id = new_story(repo)
    with sqlite3.connect(tmp_path / "work" / "leaflets.sqlite3") as raw:
        for table in ("corrections", "responses", "readings"):
            raw.execute(
                f"CREATE TRIGGER no_{table} BEFORE INSERT ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
    raw.close()
    for act in (
        lambda: repo.correct(story_id, "story", "not " + SECRET, "Sam"),
        lambda: repo.add_response(story_id, response(SECRET)),
        lambda: repo.record(outcome()),
    ):
        with pytest.raises(StorageFailure) as failure:
            act()
        told = "".join(traceback.format_exception(failure.value))
        assert "INSERT INTO" in told and SECRET not in told
    assert SECRET not in caplog.text
    assert len(repo.events(story_id)) == 1 and len(repo.ledger()) == 1


@pytest.mark.parametrize("by", ["", "  "])
def test_nothing_is_done_by_nobody(repo: Repository, by: str) -> None:
    story_id = new_story(repo)
    for act in (
        lambda: repo.confirm(story_id, by, worry=False),
        lambda: repo.correct(story_id, "story", "words", by),
        lambda: repo.moderate(story_id, by, {}),
        lambda: repo.withdraw(story_id, by, ""),
        lambda: repo.add_response(story_id, replace(response(), responder_name=by)),
    ):
        with pytest.raises(BadInvocation, match="answer for"):
            act()
    assert len(repo.events(story_id)) == 1
