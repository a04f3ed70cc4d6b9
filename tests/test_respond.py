"""The response from the command line: refused for the reasons that would keep it off the wall."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from made_stories import choice, outcome, reading, text

from leaflets.settings import EXAMPLE
from scan_pipeline.board import poster_of
from scan_pipeline.cli import main
from scan_pipeline.store import open_store
from scan_pipeline.story import CONSENT, ChoiceValue

WORDS = "The group was kind and nobody rushed me."
ANSWER = ["--text", "Thank you for saying so.", "--name", "Anita", "--role", "Manager"]


def workspace(folder: Path, words: str = WORDS, *, worry: bool = False) -> str:
    """A folder with one confirmed story; its number."""
    with open_store(folder) as repo:
        story_id = repo.record(outcome(read=reading(words=words))).story_id or ""
        repo.confirm(story_id, "Sam", worry=worry)
    return story_id


def respond(folder: Path, story_id: str, *more: str) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(folder), "respond", story_id, *more])


def approved_by(folder: Path, story_id: str) -> str:
    with open_store(folder) as repo:
        response = repo.story(story_id).response
    return response.approved_by if response is not None else ""


def test_who_approves_is_written_down(tmp_path: Path) -> None:
    story_id = workspace(tmp_path)
    done = respond(tmp_path, story_id, *ANSWER, "--approve", "--by", "Ruth")
    assert done.exit_code == 0, done.output
    assert approved_by(tmp_path, story_id) == "Ruth"


@pytest.mark.parametrize(
    ("words", "text", "why", "code"),
    [
        ("My worker Gavin was kind.", "Thank you.", "may be a worker’s name", 7),
        ("A long story. " * 400, "Thank you.", "too long for two sheets", 8),
        (WORDS, "Thank you \U00012000", "letters that posters cannot show", 7),
    ],
)
def test_approval_is_refused_for_the_reasons_of_the_poster(
    tmp_path: Path, words: str, text: str, why: str, code: int
) -> None:
    story_id = workspace(tmp_path, words)
    refused = respond(tmp_path, story_id, *ANSWER, "--text", text, "--approve")
    assert refused.exit_code == code and why in refused.output
    assert "is not approved" in refused.output
    assert approved_by(tmp_path, story_id) == ""
    draft = respond(tmp_path, story_id, *ANSWER, "--text", text)
    assert draft.exit_code == 0 and why in draft.output


def test_a_held_story_says_what_to_do(tmp_path: Path) -> None:
    story_id = workspace(tmp_path, worry=True)
    refused = respond(tmp_path, story_id, *ANSWER, "--approve")
    assert refused.exit_code == 7 and "held" in refused.output


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--text", "Ring 0114 496 0999."], "telephone number"),
        (["--text", "Thank you. Kev will see to it."], "somebody’s name"),
        (["--name", "Anita Longlast"], "first name is enough"),
    ],
)
def test_warnings_need_a_second_yes(tmp_path: Path, more: list[str], why: str) -> None:
    story_id = workspace(tmp_path)
    asked = respond(tmp_path, story_id, *ANSWER, *more, "--approve")
    assert asked.exit_code == 7 and why in asked.output and "--anyway" in asked.output
    assert approved_by(tmp_path, story_id) == ""
    done = respond(tmp_path, story_id, *ANSWER, *more, "--approve", "--anyway")
    assert done.exit_code == 0 and approved_by(tmp_path, story_id) == "the coordinator"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--name", "A" * 41], "there is room for 40"),
        (["--role", "B" * 61], "there is room for 60"),
        (["--change", "planned", "--change-text", "A sign", "--due", "1.5.2027"], "2026-12-01"),
        (["--change", "planned", "--change-text", "A sign"], "no date"),
        (["--change", "planned", "--change-text", "A sign", "--due", "9999-12-01"], "due in 9999"),
    ],
)
def test_what_does_not_fit_is_said_in_plain_words(
    tmp_path: Path, more: list[str], why: str
) -> None:
    story_id = workspace(tmp_path)
    refused = respond(tmp_path, story_id, *ANSWER, *more)
    assert refused.exit_code == 2 and why in refused.output
    assert "%Y" not in refused.output
    assert approved_by(tmp_path, story_id) == ""


def test_a_change_is_not_taken_off_the_wall_by_leaving_it_out(tmp_path: Path) -> None:
    story_id = workspace(tmp_path)
    change = ["--change", "made", "--change-text", "A second heater"]
    assert respond(tmp_path, story_id, *ANSWER, *change, "--approve").exit_code == 0
    asked = respond(tmp_path, story_id, *ANSWER, "--approve")
    assert asked.exit_code == 7 and "“A second heater”" in asked.stderr
    assert respond(tmp_path, story_id, *ANSWER, *change, "--approve").exit_code == 0
    done = respond(tmp_path, story_id, *ANSWER, "--approve", "--anyway")
    assert done.exit_code == 0, done.output


def test_every_warning_is_listed_with_its_words(tmp_path: Path) -> None:
    story_id = workspace(tmp_path, "I waited for an hour. the man who sat by carol was kind.")
    text = ["--text", "Ring Carol on 07700 900123, thank you"]
    asked = respond(tmp_path, story_id, *ANSWER, *text, "--approve")
    assert asked.exit_code == 7 and "these 2 warnings" in asked.stderr
    listed = [line for line in asked.stderr.splitlines() if line.startswith("- ")]
    assert len(listed) == 2 and "“07700 900123”" in listed[0] and "“Carol”" in listed[1]


def test_the_words_for_the_wall_are_shown_to_whoever_approves(tmp_path: Path) -> None:
    story_id = workspace(tmp_path, "It was cold on 3 May 2026, but nobody rushed me.")
    change = ["--change", "made", "--change-text", "A second heater"]
    done = respond(tmp_path, story_id, *ANSWER, *change, "--approve")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "story: It was cold in May 2026, but nobody rushed me.",  # as it will be printed
        "story name: Blue Kettle",
        "feeling: safe",
        "feeling: hopeful",
        "response: Thank you for saying so.",
        "change: A second heater",
        "from: Anita",
        "role: Manager",
    ]
    tried = respond(tmp_path, story_id, *ANSWER, "--text", "Ring 0114 496 0999.", "--approve")
    assert tried.exit_code == 7 and "nobody rushed me" in tried.stdout


def test_what_became_of_the_response_is_said(tmp_path: Path) -> None:
    story_id = workspace(tmp_path)
    assert "saved as a draft" in respond(tmp_path, story_id, *ANSWER).stderr
    assert f"{story_id}: the response is approved." in (
        respond(tmp_path, story_id, *ANSWER, "--approve").stderr
    )
    tried = respond(tmp_path, story_id, *ANSWER, "--approve", "--dry-run")
    assert "Nothing was written" in tried.stderr


def test_a_story_that_was_taken_down_is_not_approved(tmp_path: Path) -> None:
    story_id = workspace(tmp_path)
    with open_store(tmp_path) as repo:
        repo.withdraw(story_id, "Ruth", "")
    refused = respond(tmp_path, story_id, *ANSWER, "--approve")
    assert refused.exit_code == 7 and "taken down" in refused.output


def posters(folder: Path, *more: str) -> Result:
    to = ["-o", str(folder / "p.pdf"), *more]
    return CliRunner().invoke(main, ["--workspace", str(folder), "posters", *to])


def test_posters_of_a_story_that_was_taken_down_do_not_lie_about(tmp_path: Path) -> None:
    story_id, file = workspace(tmp_path), tmp_path / "p.pdf"
    respond(tmp_path, story_id, *ANSWER, "--approve")
    assert posters(tmp_path).exit_code == 0 and file.exists()
    with open_store(tmp_path) as repo:
        repo.withdraw(story_id, "Ruth", "")
    tried = posters(tmp_path, "--dry-run")
    assert "would be deleted" in tried.stderr and file.exists()
    again = posters(tmp_path)
    assert again.exit_code == 7 and "old" in again.stderr and "was deleted" in again.stderr
    assert "off the wall" in again.stderr and not file.exists()
    assert "was deleted" not in posters(tmp_path).stderr


def test_no_other_file_is_deleted_for_want_of_stories(tmp_path: Path) -> None:
    story_id, file = workspace(tmp_path), tmp_path / "p.pdf"
    run = ["--workspace", str(tmp_path), "print", "story", "-o", str(file)]
    assert CliRunner().invoke(main, run).exit_code == 0
    assert story_id and posters(tmp_path).exit_code == 7
    assert file.exists()  # printed leaflets


def test_the_command_line_tells_of_a_poster_that_may_hang(tmp_path: Path) -> None:
    story_id = workspace(tmp_path)
    assert "may hang" not in respond(tmp_path, story_id, *ANSWER, "--approve").stderr
    assert "please take it off" in respond(tmp_path, story_id, *ANSWER).stderr
    assert "please take it off" in posters(tmp_path, "--dry-run").stderr
    assert "in its place" in respond(tmp_path, story_id, *ANSWER, "--approve").stderr


@pytest.mark.parametrize(
    ("more", "why", "words"),
    [
        (["--role", "Manager 0114 496 0000"], "telephone number", "0114 496 0000"),
        (["--name", "Anita 0114 496 0000"], "telephone number", "0114 496 0000"),
        (["--role", "Manager, anita@clinic.example"], "telephone number", "anita@clinic.example"),
        (["--role", "Manager Sarah Jones"], "The role may have somebody’s name", "Sarah Jones"),
        (["--text", "Thank you 🙂"], "Pictures such as 🙂", "[slightly smiling face]"),
        (["--name", "Anita 🌻"], "Pictures such as 🌻", "[sunflower]"),
    ],
)
def test_all_that_is_printed_of_a_response_is_looked_through(
    tmp_path: Path, more: list[str], why: str, words: str
) -> None:
    story_id = workspace(tmp_path)
    asked = respond(tmp_path, story_id, *ANSWER, *more, "--approve")
    assert asked.exit_code == 7 and approved_by(tmp_path, story_id) == ""
    told = [line for line in asked.stderr.splitlines() if why in line]
    assert len(told) == 1 and f"“{words}”" in told[0]


@pytest.mark.parametrize("role", ["Service Manager", "Non-Medical Prescriber", "Front desk"])
def test_roles_raise_no_needless_warning(tmp_path: Path, role: str) -> None:
    done = respond(tmp_path, workspace(tmp_path), *ANSWER, "--role", role, "--approve")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("more", [["--role", "Manager, QQ 12 34 56 C"], ["--name", "QQ123456C"]])
def test_what_may_never_be_printed_is_refused_in_names_and_roles_too(
    tmp_path: Path, more: list[str]
) -> None:
    story_id = workspace(tmp_path)
    refused = respond(tmp_path, story_id, *ANSWER, *more, "--approve", "--anyway")
    assert refused.exit_code == 7 and "National Insurance number" in refused.output


def test_the_last_door_looks_at_the_role_too(tmp_path: Path) -> None:
    story_id = workspace(tmp_path)
    assert respond(tmp_path, story_id, *ANSWER, "--approve").exit_code == 0
    with open_store(tmp_path) as repo:
        story = repo.story(story_id)
    assert story.response is not None and not isinstance(poster_of(story, EXAMPLE), str)
    told = replace(story.response, responder_role="Manager, QQ 12 34 56 C")
    assert "National Insurance" in str(poster_of(replace(story, response=told), EXAMPLE))


@pytest.mark.parametrize("field", ["story", "story_title", "handle"])
def test_words_that_ask_not_to_be_shown_are_read_before_approving(
    tmp_path: Path, field: str
) -> None:
    scanned = reading(words=WORDS)
    asking = text(f"{WORDS} Please do not put this on the wall.")
    scanned = replace(scanned, fields={**scanned.fields, field: asking})
    with open_store(tmp_path) as repo:
        story_id = repo.record(outcome(read=scanned)).story_id or ""
        repo.confirm(story_id, "Sam", worry=False)
        repo.moderate(story_id, "Ruth", {field: WORDS})  # not on the wall, and still asked
    asked = respond(tmp_path, story_id, *ANSWER, "--approve")
    assert asked.exit_code == 7 and approved_by(tmp_path, story_id) == ""
    told = "may ask not to be shown. “Please do not put this on the wall”"
    assert told in asked.stderr
    assert respond(tmp_path, story_id, *ANSWER, "--approve", "--anyway").exit_code == 0
    with open_store(tmp_path) as repo:
        repo.correct(story_id, CONSENT, False, "Sam")
        repo.confirm(story_id, "Sam", worry=False)
    for_the_team = respond(tmp_path, story_id, *ANSWER, "--approve")
    assert for_the_team.exit_code == 0 and "ask not to be shown" not in for_the_team.stderr


NO_TICK = "The scan shows no tick in the box that gives consent, but Sam says that it is ticked"
NOT_SURE = "whether the box that gives consent is ticked; Sam says that it is"


@pytest.mark.parametrize(
    ("read", "why"),
    [
        (choice(False, ""), NO_TICK),
        (choice(None, ""), NO_TICK),
        (replace(choice(None, ""), review=True), NOT_SURE),
        (replace(choice(True, ""), review=True), NOT_SURE),
        (choice(True, ""), ""),
        (replace(choice(False, ""), quad_px=()), ""),  # typed by hand: nothing was read
    ],
)
def test_a_yes_that_a_person_gave_for_the_writer_is_told_to_whoever_approves(
    tmp_path: Path, read: ChoiceValue, why: str
) -> None:
    scanned = reading(words=WORDS)
    scanned = replace(scanned, fields={**scanned.fields, CONSENT: read})
    with open_store(tmp_path) as repo:
        story_id = repo.record(outcome(read=scanned)).story_id or ""
        repo.correct(story_id, CONSENT, True, "Sam")
        repo.confirm(story_id, "Sam", worry=False)
    asked = respond(tmp_path, story_id, *ANSWER, "--approve")
    assert asked.exit_code == (7 if why else 0) and why in asked.stderr
    assert why or "box that gives consent" not in asked.stderr
    assert respond(tmp_path, story_id, *ANSWER, "--approve", "--anyway").exit_code == 0
    with open_store(tmp_path) as repo:
        repo.correct(story_id, CONSENT, False, "Sam")
        repo.confirm(story_id, "Sam", worry=False)
    for_the_team = respond(tmp_path, story_id, *ANSWER, "--approve")
    assert for_the_team.exit_code == 0 and "box that gives consent" not in for_the_team.stderr


def test_what_is_taken_out_of_the_words_for_the_wall_is_said(tmp_path: Path) -> None:
    story_id = workspace(tmp_path)
    with open_store(tmp_path) as repo:
        seen = repo.story(story_id).version
        repo.moderate(story_id, "Ruth", {"story": "Ring me on 07700 900123."}, "", seen=seen)
    asked = respond(tmp_path, story_id, *ANSWER, "--approve")
    assert asked.exit_code == 7 and "“[number removed]”" in asked.stderr
    assert "printed as here" in asked.stderr and "07700" not in asked.output
