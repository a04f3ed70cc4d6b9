"""The demo is the program itself on invented leaflets: one run, and everything it promises."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from leaflets.errors import BadInvocation, MissingProgram
from leaflets.settings import EXAMPLE
from leaflets.sheet import layout_for
from scan_pipeline.demo import run_demo
from scan_pipeline.demo.batch import BATCH, SMALL_BATCH, FilePlan, PagePlan, make_batch
from scan_pipeline.demo.coordinator import due_date, made_safe
from scan_pipeline.demo.fill import blank_side
from scan_pipeline.demo.folder import MARK, OURS, fresh_folder
from scan_pipeline.demo.run import run
from scan_pipeline.demo.stories import STORIES, WORRYING, Answer
from scan_pipeline.demo.volunteer import VOLUNTEER, compare_text, same
from scan_pipeline.progress import publication, why_not_on_the_wall
from scan_pipeline.store import open_store
from scan_pipeline.story import LineReading, Story, TextValue, WordReading

PRIVATE = STORIES[7]  # written without consent
TEA, SCRIPT = STORIES[0], STORIES[1]


class Links(HTMLParser):
    """Every address on a page, and every picture with what it says of itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.alts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [str(found[k]) for k in ("src", "href") if k in found]
        if "id" in found:
            self.ids.append(str(found["id"]))
        if tag == "img":
            self.alts.append(str(found.get("alt") or ""))
        assert tag != "script"


def test_the_whole_loop_on_a_small_batch(tmp_path: Path) -> None:
    said: list[str] = []
    page = run(tmp_path, said.append, SMALL_BATCH)
    folder = tmp_path / "demo"
    assert page == folder / "index.html"
    assert [line[:2] for line in said if line[0] != " "] == [f"{k}." for k in range(1, 8)]
    with open_store(folder) as repo:
        ledger = [(row.page, row.status, row.story_id) for row in repo.ledger()]
        stories = {
            name: next(s for s in repo.stories() if s.answers["handle"] == name)
            for name in ("Copper Kettle", "Silver Bus", "Tin Whistle", "Blue Scarf")
        }
        assert len(repo.stories()) == 4
    script = stories["Silver Bus"].id
    assert ledger == [
        (1, "read", stories["Copper Kettle"].id),
        (2, "blank", None),
        (3, "blank", None),
        (4, "read", script),
        (5, "read", stories["Tin Whistle"].id),
        (6, "unplaced", None),
        (7, "read", stories["Blue Scarf"].id),
        (8, "duplicate", script),
    ]
    check_stories(stories)
    check_posters(folder, stories)
    check_page(page, stories)


def check_stories(stories: dict[str, Story]) -> None:
    for story, told in zip(stories.values(), (TEA, SCRIPT, WORRYING, PRIVATE), strict=True):
        assert story.confirmation is not None and story.confirmation.by == VOLUNTEER
        assert story.answers["story"] == told.story  # as it was written, whatever was read
        assert story.answers["consent_display"] is told.consent_display
    states = [publication(story) for story in stories.values()]
    assert states == ["ready", "ready", "held", "not_for_display"]
    assert why_not_on_the_wall(stories["Tin Whistle"])


def check_posters(folder: Path, stories: dict[str, Story]) -> None:
    """By what the PDF itself says: the words that may hang there, and none of the others."""
    got = subprocess.run(
        ["pdftotext", "-layout", str(folder / "posters.pdf"), "-"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    words = " ".join(got.split())
    for name in ("Copper Kettle", "Silver Bus"):
        assert stories[name].id in words and name in words
    assert "[the worker on the desk] only shrugged" in words and "Carol" not in words
    for name in ("Tin Whistle", "Blue Scarf"):
        assert stories[name].id not in words and name not in words
    for private in ("my flat", "the bath", "Gwen", "needle"):
        assert private not in words
    assert words.count("Response from") == 2


def check_page(page: Path, stories: dict[str, Story]) -> None:
    html = page.read_text(encoding="utf-8")
    assert (
        "http:" not in html and "https:" not in html and "//" not in re.sub(r"<!--.*?-->", "", html)
    )
    links = Links(html)
    assert len(links.alts) >= 4 * 2 + 2 + 4 and all(links.alts)
    for address in links.addresses + re.findall(r"url\(([^)]+)\)", html):
        if address.startswith("#"):
            assert address[1:] in links.ids
        else:
            assert not Path(address).is_absolute() and (page.parent / address).is_file(), address
    assert len(links.ids) == len(set(links.ids))
    for story in stories.values():
        assert story.id in links.ids
    shown = {story.id: f"poster-{story.id}-1.png" in html for story in stories.values()}
    assert list(shown.values()) == [True, True, False, False]
    assert "it counts once" in html and "No leaflet marks" in html
    assert "In reality a person" in html


def test_the_command_runs_all_of_the_invented_stories() -> None:
    told = [page.story for plan in BATCH for page in plan.pages if page.story is not None]
    assert {story.handle for story in told} == {s.handle for s in (*STORIES, WORRYING)}
    assert len({s.handle for s in (*STORIES, WORRYING)}) == len(STORIES) + 1
    kinds = {page.what for plan in BATCH for page in plan.pages}
    assert kinds == {"story", "blank", "outside", "letter"}
    assert {Path(plan.name).suffix for plan in BATCH} == {".pdf", ".tif", ".jpg"}


def test_invented_stories_hold_nothing_that_could_be_somebodys() -> None:
    for story in (*STORIES, WORRYING):
        words = " ".join([*story.texts.values(), story.answer.text if story.answer else ""])
        assert not re.search(r"\d{4,}|@|www\.|https?:", words)
        for name, _ in story.taken_out:
            assert name in words


def test_importing_the_simulator_stays_light() -> None:
    code = "import sys, scan_pipeline.demo.paper, scan_pipeline.demo as d; d.run_demo; " + (
        "print(sorted({'sqlalchemy', 'onnxruntime', 'jinja2', 'flask'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_without_poppler_it_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="poppler"):
        blank_side(layout_for("story", EXAMPLE), EXAMPLE, 1, dpi=41)


# --- its folder --------------------------------------------------------------------------------


def test_a_folder_that_no_demo_made_is_never_touched(tmp_path: Path) -> None:
    mine = tmp_path / "demo" / "scans" / "mine.pdf"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(BadInvocation, match="not made by a demo"):
        run_demo(tmp_path, lambda line: None)
    assert mine.read_text() == "mine" and len(list(tmp_path.rglob("*"))) == 3


def test_a_link_to_another_folder_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "demo").symlink_to(other)
    with pytest.raises(BadInvocation):
        run_demo(tmp_path, lambda line: None)
    assert not list(other.iterdir())


def test_a_second_demo_starts_afresh_and_leaves_other_files(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "demo", tmp_path / "elsewhere"
    fresh_folder(folder)
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("kept")
    (folder / "notes.txt").write_text("mine")
    (folder / "scans" / "deep").mkdir(parents=True)
    (folder / "scans" / "deep" / "old.pdf").write_text("old")
    (folder / "index.html").write_text("old")
    (folder / "pictures").symlink_to(elsewhere)
    fresh_folder(folder)
    assert sorted(p.name for p in folder.iterdir()) == [MARK, "notes.txt"]
    assert (elsewhere / "kept.txt").read_text() == "kept"
    assert all(name in (folder / MARK).read_text() for name in OURS)


# --- its box of leaflets -----------------------------------------------------------------------


def test_files_are_what_scanners_and_phones_save_and_the_truth_is_kept(tmp_path: Path) -> None:
    blank = PagePlan(what="blank", condition="one-bit", says="a leaflet that nobody wrote on")
    plans = [
        FilePlan(name="a.tif", pages=(BATCH[1].pages[0], blank)),
        FilePlan(name="b.jpg", pages=(BATCH[3].pages[0],), colour=True),
    ]
    layout = layout_for("story", EXAMPLE)
    pages = make_batch(plans, layout, EXAMPLE, tmp_path / "scans", tmp_path / "small")
    assert [(p.file, p.page) for p in pages] == [("a.tif", 1), ("a.tif", 2), ("b.jpg", 1)]
    with Image.open(tmp_path / "scans" / "a.tif") as fax:
        assert (fax.n_frames, fax.mode, fax.info["compression"]) == (2, "1", "group4")
        assert round(float(fax.info["dpi"][0])) == 200
    with Image.open(tmp_path / "scans" / "b.jpg") as photo:
        assert photo.mode == "RGB" and photo.size == (3600, 2700)
    story = BATCH[1].pages[0].story
    assert story is not None and " ".join(pages[0].texts["story"]) == story.story
    assert pages[0].choices["consent_display"] is True
    assert pages[1].texts == {} and pages[1].choices == {}
    for page in pages:
        with Image.open(page.picture) as small:
            assert max(small.size) == 1400


# --- its volunteer and coordinator -------------------------------------------------------------


def reading(*words: tuple[str, float]) -> TextValue:
    line = LineReading(
        text=" ".join(text for text, _ in words),
        confidence=0.9,
        words=tuple(WordReading(text=text, confidence=c) for text, c in words),
    )
    return TextValue(text=line.text, confidence=0.9, review=False, lines=(line,), quad_px=())


def test_words_are_counted_as_a_person_would_correct_them() -> None:
    read = reading(("I", 0.99), ("wark", 0.5), ("nights", 0.99), ("and", 0.99), ("yon", 0.99))
    checked = compare_text("story", read, "I work nights and you shut")
    assert [word.text for word in checked.machine if word.wrong] == ["wark", "yon"]
    assert [word.text for word in checked.truth if word.wrong] == ["work", "you", "shut"]
    assert (checked.wrong, checked.unmarked) == (3, 2)  # of "wark" the machine had its doubts
    assert checked.small == 0
    assert [word.text for word in checked.machine if word.doubt] == ["wark"]


def test_a_field_without_mistakes_and_one_without_words() -> None:
    right = compare_text("good", reading(("Being", 0.99), ("asked.", 0.4)), "Being asked.")
    assert (right.wrong, right.unmarked, right.small) == (0, 0, 0)
    assert not any(word.wrong for word in (*right.machine, *right.truth))
    nearly = compare_text("good", reading(("being", 0.99), ("asked", 0.99)), "Being asked.")
    assert (nearly.wrong, nearly.unmarked, nearly.small) == (0, 0, 2)
    assert all(word.wrong for word in (*nearly.machine, *nearly.truth))
    missed = compare_text("good", reading(), "Being asked.")
    assert (missed.wrong, missed.unmarked) == (2, 2)
    made_up = compare_text("good", reading(("1", 0.99)), "")
    assert (made_up.wrong, made_up.unmarked) == (1, 1)


def test_ticks_are_the_same_in_any_order() -> None:
    assert same(("safe", "hopeful"), ("hopeful", "safe"))
    assert not same(("safe",), ("hopeful", "safe"))
    assert not same(None, ("safe",)) and not same("good", "poor") and same(None, None)


def test_a_planned_change_is_due_at_the_end_of_a_month_to_come() -> None:
    answer = Answer(text="", responder="", role="", due_in_months=3)
    assert due_date(answer, dt.date(2026, 11, 24)) == dt.date(2027, 2, 28)
    assert due_date(answer, dt.date(2027, 9, 30)) == dt.date(2027, 12, 31)
    assert due_date(Answer(text="", responder="", role=""), dt.date(2026, 1, 1)) is None


def test_names_are_taken_out_where_the_coordinator_says_so() -> None:
    assert "Carol" in SCRIPT.story and "Carol" not in made_safe(SCRIPT.story, SCRIPT)
