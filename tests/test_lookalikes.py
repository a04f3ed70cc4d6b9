"""A paper that may have been scanned twice: neither is shown without a word of the other."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner
from desks import HOST
from flask.testing import FlaskClient
from made_stories import outcome, reading
from test_desk_care import ANSWER, answer, confirmed, is_approved, picture

from scan_pipeline.cli import main
from scan_pipeline.lookalikes import came_since, named, notice
from scan_pipeline.store import Repository

WORDS = "The group was kind and nobody rushed me."
SAY_NO = "does not say yes to showing it"


def again(repo: Repository, earlier: str, *, consent: bool, page: int = 3) -> str:
    """A story that looks like `earlier` scanned again, confirmed."""
    first = repo.story(earlier)
    fields = first.reading.fields
    read = replace(
        first.reading,
        fields=fields | {"consent_display": replace(fields["consent_display"], value=consent)},  # type: ignore[arg-type]
        notices=(notice(earlier, differs=True),),
    )
    image = picture(repo, 240 - page)
    made = repo.record(replace(outcome(page, read=read), image_sha256=image)).story_id or ""
    repo.confirm(made, "Sam", worry=False)
    return made


def page_of(client: FlaskClient, path: str) -> str:
    return html.unescape(client.get(path, **HOST).text)


def test_the_notice_names_its_story_and_nothing_else_does(repo: Repository) -> None:
    for differs in (True, False):
        read = replace(reading(), notices=("Other.", notice("S-2026-001", differs=differs)))
        assert named(read) == ("S-2026-001",)
    first = repo.record(outcome()).story_id or ""
    quoted = notice(first, differs=True)
    repo.record(outcome(2, read=reading(words=quoted)))  # in the writer's own words
    looks = replace(reading(), notices=(quoted,))
    second = repo.record(outcome(3, read=looks)).story_id or ""
    assert [s.id for s in repo.alike(first)] == [second]
    assert [s.id for s in repo.alike(second)] == [first]


def test_a_second_scan_is_approved_only_when_the_warning_was_read(
    client: FlaskClient, repo: Repository
) -> None:
    first = confirmed(repo, WORDS)
    second = again(repo, first, consent=True)
    said = page_of(client, f"/answer/{second}")
    assert notice(first, differs=True) in said and f"/answer/{first}" in said
    asked = answer(client, second)
    assert asked.status_code == 409 and "please read the warnings first" in asked.text
    assert not is_approved(repo, second)
    mark = asked.text.split('name="cautions" value="')[1].split('"')[0]
    assert answer(client, second, cautions=mark).status_code == 302
    assert is_approved(repo, second)
    assert "looks like this paper scanned again" in page_of(client, f"/answer/{first}")


def test_an_earlier_scan_that_was_taken_down_or_says_no_is_told_of(
    client: FlaskClient, repo: Repository
) -> None:
    down, no = confirmed(repo, WORDS), confirmed(repo, WORDS, consent=False, page=4)
    after_down = again(repo, down, consent=True)
    after_no = again(repo, no, consent=True, page=5)
    repo.withdraw(down, "Ruth", "")
    assert f"and {down} was taken down" in page_of(client, f"/answer/{after_down}")
    assert f"and {no} {SAY_NO}" in page_of(client, f"/answer/{after_no}")
    assert answer(client, after_down).status_code == 409
    assert answer(client, after_no).status_code == 409


def test_the_command_line_asks_as_the_desk_does(repo: Repository, tmp_path: Path) -> None:
    first = confirmed(repo, WORDS, consent=False)
    second = again(repo, first, consent=True)
    run = ["--workspace", str(tmp_path), "respond", second, "--approve"]
    run += ["--text", ANSWER["text"], "--name", "Anita", "--role", "Manager"]
    asked = CliRunner().invoke(main, run)
    assert asked.exit_code == 7 and f"and {first} {SAY_NO}" in asked.stderr
    assert CliRunner().invoke(main, [*run, "--anyway"]).exit_code == 0


def test_a_later_scan_that_says_no_is_told_of_where_the_first_one_is_approved(
    client: FlaskClient, repo: Repository, tmp_path: Path
) -> None:
    first = confirmed(repo, WORDS)
    assert answer(client, first).status_code == 302 and came_since(repo.stories()) == []
    second = again(repo, first, consent=False)
    told = f"{second} looks like another scan of this paper and {SAY_NO}"
    home = page_of(client, "/")
    assert "Please compare before you print: 1" in home and told in home
    assert "Ready for the wall: 1" in home  # said, not kept back
    assert told in page_of(client, f"/answer/{first}")
    run = ["--workspace", str(tmp_path), "posters", "-o", str(tmp_path / "p.pdf"), "--dry-run"]
    assert told in CliRunner().invoke(main, run).stderr
    asked = answer(client, first)
    assert asked.status_code == 409
    mark = asked.text.split('name="cautions" value="')[1].split('"')[0]
    assert answer(client, first, cautions=mark).status_code == 302
    assert "Please compare" not in page_of(client, "/")  # a person has looked since


def test_what_is_found_out_after_an_approval_is_told_of(
    client: FlaskClient, repo: Repository
) -> None:
    first = confirmed(repo, WORDS)
    second = again(repo, first, consent=True)
    repo.correct(second, "consent_display", False, "Sam")
    repo.correct(second, "consent_display", True, "Sam")
    repo.confirm(second, "Sam", worry=False)
    asked = answer(client, first)
    mark = asked.text.split('name="cautions" value="')[1].split('"')[0]
    assert answer(client, first, cautions=mark).status_code == 302
    assert came_since(repo.stories()) == []
    repo.correct(second, "consent_display", False, "Sam")
    ((found, (told,)),) = came_since(repo.stories())  # before anybody has confirmed it, too
    assert found.id == first and SAY_NO in told
    repo.confirm(second, "Sam", worry=False)
    ((found, (told,)),) = came_since(repo.stories())
    assert found.id == first and SAY_NO in told
    repo.correct(second, "consent_display", True, "Sam")
    repo.withdraw(second, "Ruth", "")
    ((found, (told,)),) = came_since(repo.stories())
    assert found.id == first and "was taken down" in told
    repo.withdraw(first, "Ruth", "")
    assert came_since(repo.stories()) == []
