"""The store, on real SQLite: what goes in comes out, and nothing that was kept is ever altered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_stories import SECRET, choice, outcome, reading, readings, response

from leaflets.errors import BadInvocation
from scan_pipeline.store import Repository, open_store
from scan_pipeline.store.codec import dump_answer, dump_reading, load_answer, load_reading
from scan_pipeline.story import OUTSIDE, AnswerValue, Change, PageOutcome, PageReading, Story


@pytest.fixture
def repo(tmp_path: Path) -> Iterator[Repository]:
    with open_store(tmp_path / "work") as opened:
        yield opened


def new_story(repo: Repository, read: PageReading | None = None) -> str:
    story_id = repo.record(outcome(read=read)).story_id
    assert story_id is not None
    return story_id


# What goes in comes out


@given(read=readings())
@settings(max_examples=150, deadline=None)
def test_every_reading_survives_being_written_down(read: PageReading) -> None:
    back = load_reading(dump_reading(read))
    assert back == read
    # Equal is not enough: a list equals no tuple, but 1 == True == 1.0, and -0.0 == 0.0.
    assert repr(back) == repr(read)


@given(value=st.none() | st.booleans() | st.text() | st.lists(st.text(), max_size=4).map(tuple))
def test_every_answer_survives_being_written_down(value: AnswerValue) -> None:
    back = load_answer(dump_answer(value))
    assert (back, type(back)) == (value, type(value))


def test_every_reading_survives_the_database(tmp_path: Path) -> None:
    with open_store(tmp_path) as repo:

        @given(read=readings())
        @settings(max_examples=40, deadline=None)
        def survives(read: PageReading) -> None:
            back = repo.story(new_story(repo, read))
            assert repr(back.reading) == repr(read)
            assert list(back.answers) == list(read.fields)

        survives()


def test_a_story_comes_back_with_all_that_became_of_it(repo: Repository) -> None:
    sha256 = repo.keep_original(b"a picture", ".PNG")
    recorded = repo.record(outcome(image=sha256))
    change = Change(status="planned", text="A second line.", due=dt.date(2026, 12, 1))
    assert recorded.story_id is not None
    repo.confirm(recorded.story_id, " Sam ", worry=True, note="page is torn")
    repo.moderate(recorded.story_id, "Jo", {"story": "[name removed]"}, "Spoke to the lead.")
    repo.add_response(recorded.story_id, response("Thank you.\nReally.", change))
    repo.approve_response(recorded.story_id, "Jo")
    story = repo.story(recorded.story_id)
    assert (story.reading, story.image_sha256, story.image_suffix) == (reading(), sha256, ".png")
    assert story.answers["feelings"] == ("safe", "hopeful")
    assert story.answers["consent_display"] is True
    assert story.received_at.tzinfo is dt.UTC
    assert story.confirmation is not None and story.worry == story.confirmation
    assert (story.worry.by, story.worry.worry, story.worry.note) == ("Sam", True, "page is torn")
    assert story.moderation is not None and not story.moderation.stale
    assert story.moderation.display == {"story": "[name removed]"}
    assert story.moderation.worry_settled == "Spoke to the lead."
    assert story.response is not None and story.response.approved_at is not None
    assert replace(story.response, approved_by="", approved_at=None) == response(
        "Thank you.\nReally.", change
    )
    assert repo.stories() == [story]
    assert repo.original_path(sha256).read_bytes() == b"a picture"


# Pages


def test_the_ledger_lists_every_page_image_once_and_in_order(repo: Repository) -> None:
    blank = PageOutcome(file="b.tif", page=1, status="blank", image_sha256="", reason="Nothing.")
    lost = replace(blank, file="bad\udcffname.png", status="unplaced", reason="No marks.")
    first = repo.record(outcome(1))
    assert repo.record(blank) == blank
    repo.record(lost)
    repo.record(replace(blank, page=2, status="duplicate", story_id=first.story_id))
    told = [(row.file, row.page, row.status, row.story_id, row.reason) for row in repo.ledger()]
    assert told == [
        ("batch.pdf", 1, "read", first.story_id, ""),
        ("b.tif", 1, "blank", None, "Nothing."),
        ("bad�name.png", 1, "unplaced", None, "No marks."),
        ("b.tif", 2, "duplicate", first.story_id, "Nothing."),
    ]
    assert all(row.seen_at.tzinfo is dt.UTC for row in repo.ledger())
    assert [story.id for story in repo.stories()] == [first.story_id]


def test_one_picture_makes_one_story_even_when_another_process_was_quicker(
    repo: Repository,
) -> None:
    sha256 = repo.keep_original(b"a picture", ".png")
    with repo.entry() as entry:
        assert entry.known_image(sha256) is None
        first, second = entry.record(outcome(image=sha256)), entry.record(outcome(2, image=sha256))
        assert (second.status, second.story_id) == ("duplicate", first.story_id)
        known = entry.known_image(sha256)
        assert known is not None and (known.page, known.story_id) == (2, first.story_id)
    assert len(repo.ledger()) == 2 and len(repo.stories()) == 1


def test_pages_without_a_picture_are_not_taken_for_one_another(repo: Repository) -> None:
    assert repo.record(outcome(1)).story_id != repo.record(outcome(2)).story_id
    with repo.entry() as entry:
        assert entry.known_image("") is None


def test_fingerprints_are_those_of_stories_alone(repo: Repository) -> None:
    first = new_story(repo, reading(ink=b"one"))
    second = new_story(repo, reading(ink=b"two"))
    repo.record(replace(outcome(read=reading(ink=b"blank")), status="blank"))
    (one, *told), (two, *_) = found = list(repo.fingerprints())
    assert (told, found[1]) == ([first, b"one"], (two, second, b"two"))
    with repo.entry() as entry:
        assert list(entry.fingerprints(after=one)) == found[1:]
        assert list(entry.fingerprints(after=two)) == []


def test_a_page_said_to_be_read_without_a_reading_is_not_written_down(repo: Repository) -> None:
    with pytest.raises(ValueError, match="has a reading"):
        repo.record(replace(outcome(), reading=None))
    assert repo.ledger() == []


# Names of stories


def test_stories_are_numbered_within_their_year(repo: Repository) -> None:
    new_year = iter(
        dt.datetime(2026, 12, 31, 23, 59, 58, tzinfo=dt.UTC) + dt.timedelta(seconds=n)
        for n in range(4)
    )
    repo._clock = lambda: next(new_year)
    ids = [new_story(repo) for _ in range(4)]
    assert ids == ["S-2026-001", "S-2026-002", "S-2027-001", "S-2027-002"]


def test_the_thousandth_story_of_a_year_has_four_digits(repo: Repository) -> None:
    first = new_story(repo)
    with repo._write() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO stories SELECT 'S-999', year, 999, received_at FROM stories "
            f"WHERE id = '{first}'"
        )
    assert new_story(repo) == f"{first[:7]}1000"
    assert repo.story(f"{first[:7]}1000").id == f"{first[:7]}1000"


@pytest.mark.parametrize("write", ["S-{}-001", "s-{}-1", " S-{}-01 ", "s-{}-0001"])
def test_a_story_is_found_however_its_name_is_typed(repo: Repository, write: str) -> None:
    story_id = new_story(repo)
    assert repo.story(write.format(story_id[2:6])).id == story_id


@pytest.mark.parametrize("name", ["S-2026-999", "S-1-1", "", "S-2026-", "S-2026-٣", "x" * 5000])
def test_a_story_that_is_not_there_is_said_to_be_not_there(repo: Repository, name: str) -> None:
    for ask in (repo.story, repo.events):
        with pytest.raises(BadInvocation, match="There is no story") as failure:
            ask(name)
        assert "leaflets ledger" in failure.value.remedy
        assert len(str(failure.value)) < 100
    with pytest.raises(BadInvocation):
        repo.confirm(name, "Sam", worry=False)


# Corrections

READ: dict[str, AnswerValue] = {
    "story": SECRET,
    "handle": "Blue Kettle",
    "rating": "good",
    "author_role": None,
    "feelings": ("safe", "hopeful"),
    "consent_display": True,
}


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("story", "what it really says\n", "what it really says\n"),
        ("story", "", ""),
        ("rating", "poor", "poor"),
        ("rating", None, None),
        ("author_role", "carer", "carer"),
        ("feelings", ("judged", "safe", "safe"), ("safe", "judged")),
        ("feelings", (), None),
        ("feelings", None, None),
        ("consent_display", False, False),
    ],
)
def test_a_correction_lies_over_the_reading(
    repo: Repository, field: str, value: AnswerValue, kept: AnswerValue
) -> None:
    story_id = new_story(repo)
    repo.correct(story_id, field, value, "Sam")
    story = repo.story(story_id)
    assert story.answers == {**READ, field: kept}
    assert story.reading == reading()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nothing", "words"),
        ("story", None),
        ("story", ("a",)),
        ("story", True),
        ("rating", "excellent"),
        ("rating", ("good",)),
        ("rating", True),
        ("author_role", "staff"),
        ("feelings", "safe"),
        ("feelings", ("safe", "angry")),
        ("consent_display", None),
        ("consent_display", "yes"),
    ],
)
def test_a_correction_that_does_not_fit_is_refused_without_repeating_it(
    repo: Repository, field: str, value: AnswerValue
) -> None:
    story_id = new_story(repo)
    with pytest.raises(BadInvocation) as failure:
        repo.correct(story_id, field, value, "Sam")
    assert SECRET not in f"{failure.value} {failure.value.remedy}"
    assert repo.story(story_id).answers == READ
    assert len(repo.events(story_id)) == 1


def test_threads_share_one_repository(repo: Repository) -> None:
    story_id = new_story(repo)

    def work(n: int) -> Story:
        repo.correct(story_id, "story", f"version {n}", f"Sam {n}")
        repo.record(outcome(n))
        return repo.story(story_id)

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(work, range(40)))
    assert all(str(story.answers["story"]).startswith("version") for story in seen)
    assert len(repo.events(story_id)) == 41
    assert len({row.story_id for row in repo.ledger()}) == 41


def test_an_empty_choice_without_options_takes_what_the_form_says(repo: Repository) -> None:
    empty = {"rating": None, "area": None, "helped_by": False}
    read = replace(reading(), fields={n: choice(v) for n, v in empty.items()})
    story_id = new_story(repo, read)
    repo.correct(story_id, "rating", "good", "Sam")
    repo.correct(story_id, "area", ("groups", "chemist"), "Sam")
    answers = repo.story(story_id).answers
    assert answers == {"rating": "good", "area": ("chemist", "groups"), "helped_by": False}
    with pytest.raises(BadInvocation):
        repo.correct(story_id, "helped_by", "good", "Sam")


# The same file again


def refused(repo: Repository, reason: str, *, file: str = "a.png", image: str = "a" * 64) -> int:
    page = PageOutcome(file=file, page=1, status="unplaced", image_sha256=image, reason=reason)
    repo.record(page)
    return repo.ledger()[-1].seq


def states(repo: Repository) -> list[tuple[str, str, str]]:
    return [(row.file, row.status, row.reason) for row in repo.ledger()]


def test_a_refused_page_that_is_known_better_has_its_new_state_alone(repo: Repository) -> None:
    refused(repo, "No such form.")
    refused(repo, OUTSIDE)
    assert states(repo) == [("a.png", "unplaced", OUTSIDE)]
    refused(repo, "No such form.")  # the form is gone again: what was found is still there
    assert states(repo) == [("a.png", "unplaced", OUTSIDE)]
    made = repo.record(replace(outcome(image="a" * 64), file="a.png"))
    assert states(repo) == [("a.png", "read", "")]
    refused(repo, "No such form.", file="copy-of-a.png")
    assert repo.ledger()[-1].status == "duplicate"
    assert repo.ledger()[-1].story_id == made.story_id


def test_other_pictures_and_what_people_said_stay(repo: Repository) -> None:
    seq = refused(repo, "No such form.")
    repo.deal_with(seq, "Sam", "", worry=True)
    refused(repo, "No such form.", image="b" * 64)  # the scanner used the name again
    repo.record(replace(outcome(image="a" * 64), file="a.png"))
    assert [row.status for row in repo.ledger()] == ["unplaced", "unplaced", "read"]
    assert repo.ledger()[0].worry


def test_writing_found_later_waits_although_the_refused_page_was_dealt_with(
    repo: Repository,
) -> None:
    repo.deal_with(refused(repo, "No such form."), "Sam", "nothing", worry=False)
    refused(repo, OUTSIDE)
    assert [(row.reason, row.dealt) for row in repo.ledger()] == [
        ("No such form.", "nothing"),
        (OUTSIDE, ""),
    ]
