"""Posters as they are printed: real PDFs, read back with poppler."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pdf2image import convert_from_path
from PIL import Image

from leaflets.content import PosterContent, PublicText
from leaflets.errors import BadInvocation, BadTemplate, DoesNotFit, StorageFailure
from leaflets.poster import INKS, draw_posters, why_not_printable
from leaflets.poster_rows import BADGES
from leaflets.poster_sheet import lay_out
from leaflets.typeset import balanced, missing_letters, printable, wrap
from scan_pipeline.privacy.redact import own_words

STORY = (
    "I waited fifty minutes for my prescription and nobody told me why. I do not mind waiting "
    "if somebody says what is going on. I felt like a number."
)
FLOOR_PT = 18.0


def content(**parts: Any) -> PosterContent:
    base = PosterContent(
        number="S-2026-041",
        month="November 2026",
        title=own_words("Waiting for my script"),
        story=own_words(STORY),
        good=own_words("The doctor did say sorry."),
        improve=own_words("Tell people how long it will be."),
        feelings=(own_words("ignored"), own_words("let down")),
        handle=own_words("Silver Bus"),
        badge="change_planned",
        response=own_words("I am sorry that you waited with no word from us."),
        responder_name=own_words("Paul"),
        responder_role=own_words("Clinical lead"),
        response_month="December 2026",
        change=own_words("The front desk will write the waiting time on a board."),
        due_month="January 2027",
        service_name="Riverbank Example Clinic",
        organisation="Example Recovery Services",
        take_down_after="24 February 2027",
        take_down_route="To take a story down, tell us its name. Nobody asks why.",
    )
    return replace(base, **parts)


def draw(folder: Path, *contents: PosterContent) -> Path:
    path = folder / "posters.pdf"
    draw_posters(contents, path)
    return path


def words_in(path: Path) -> list[str]:
    """Words of the PDF in the order in which they were drawn, without the large “ before them."""
    told = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    return [w.removeprefix("“") for w in told.stdout.decode("utf-8").split() if w != "“"]


def boxes_in(path: Path) -> list[list[tuple[float, float, float, float, str]]]:
    """(left, top, right, bottom, word) in points, page by page."""
    told = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True)
    found = r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>'
    return [
        [(float(a), float(b), float(c), float(d), w) for a, b, c, d, w in re.findall(found, page)]
        for page in told.stdout.decode("utf-8").split("<page ")[1:]
    ]


def sizes_in(path: Path) -> set[float]:
    """Every type size that the PDF sets, from its own instructions; none is scaled afterwards."""
    sizes: set[float] = set()
    for raw in re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), re.S):
        try:
            code = zlib.decompress(base64.a85decode(raw.strip().removesuffix(b"~>")))
        except (ValueError, zlib.error):
            continue
        if b" Tf" in code:
            assert set(re.findall(rb"[^\n]+(?= cm\b)", code)) <= {b"1 0 0 1 0 0"}
            sizes |= {float(size) for size in re.findall(rb"/F\d\S* ([\d.]+) Tf", code)}
    return sizes


def in_order(wanted: str | list[str], found: list[str]) -> bool:
    """Whether all the words are there, one after the other (others may stand between)."""
    rest = iter(found)
    return all(word in rest for word in (wanted.split() if isinstance(wanted, str) else wanted))


def test_a_poster_says_all_of_it_word_by_word(tmp_path: Path) -> None:
    poster = content()
    found = words_in(draw(tmp_path, poster))
    story = f"{STORY} What was good? The doctor did say sorry."
    story += " What could be better? Tell people how long it will be. How it felt: ignored let down"
    answer = "Response from Paul, Clinical lead Example Recovery Services, December 2026 I am sorry"
    answer += " that you waited with no word from us. Change planned, by January 2027 The front"
    answer += " desk will write the waiting time on a board. Your turn: leaflets are by the door."
    assert in_order(f"{story} {answer}", found)
    around = "Riverbank Example Clinic Waiting for my script By “Silver Bus”, November 2026 "
    around += (
        "S-2026-041. Take down after 24 February 2027. To take a story down, tell us its name."
    )
    assert not set(around.replace("“", "").split()) - set(found)


def test_the_writers_words_come_before_and_larger_than_the_response() -> None:
    (sheet,) = lay_out(content())
    title, story, answer, foot = (
        next(run for run in sheet.runs if run.text.startswith(words))
        for words in ("Waiting for", "I waited", "I am sorry", "Your turn")
    )
    assert title.size_pt >= 32 > story.size_pt > answer.size_pt >= FLOOR_PT
    assert title.y_mm < story.y_mm < answer.y_mm < foot.y_mm


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    story=st.lists(st.text("abcdefgh’éł", min_size=1, max_size=14), min_size=1, max_size=330),
    response=st.lists(st.text("ijklmnop", min_size=1, max_size=9), min_size=1, max_size=90),
    title=st.lists(st.text("qrstuvw", min_size=1, max_size=9), max_size=14),
    feelings=st.integers(0, 12),
)
def test_no_word_is_lost_small_or_outside_whatever_people_write(
    tmp_path: Path, story: list[str], response: list[str], title: list[str], feelings: int
) -> None:
    poster = content(
        story=own_words(" ".join(story)),
        response=own_words(" ".join(response)),
        title=own_words(" ".join(title)),
        feelings=tuple(own_words(f"feeling{n}") for n in range(feelings)),
    )
    try:
        path = draw(tmp_path, poster)
    except DoesNotFit:
        assert len(story) + len(response) > 150
        return
    found = words_in(path)
    assert in_order(story, found)
    assert in_order(response, found)
    assert in_order(title, found)
    assert not {f"feeling{n}" for n in range(feelings)} - set(found)
    assert min(sizes_in(path)) >= FLOOR_PT
    pages = boxes_in(path)
    assert len(pages) <= 2
    for page in pages:
        for left, top, right, bottom, word in page:
            assert left > 28 and right < 595.3 - 28, word
            assert top > 20 and bottom < 841.9 - 20, word
        _nothing_overlaps(page)


def _nothing_overlaps(page: list[tuple[float, float, float, float, str]]) -> None:
    """Boxes hold the room above and below letters too, so only their middles are compared."""
    words = [
        (a + 0.5, b + (d - b) * 0.3, c - 0.5, d - (d - b) * 0.3)
        for a, b, c, d, word in page
        if word != "“"
    ]
    for one, two in combinations(words, 2):
        apart = one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
        assert apart, (one, two)


def test_type_is_embedded_and_never_below_the_floor(tmp_path: Path) -> None:
    path = draw(tmp_path, content(), content(badge="answered", story=own_words(STORY * 3)))
    assert min(sizes_in(path)) >= FLOOR_PT
    assert max(sizes_in(path)) >= 48
    fonts = subprocess.run(["pdffonts", path], capture_output=True, check=True, text=True)
    rows = fonts.stdout.splitlines()[2:]
    assert rows and all("Atkinson" in row and row.split()[-5] == "yes" for row in rows)


def test_a_long_story_goes_on_to_a_second_sheet_that_says_so(tmp_path: Path) -> None:
    long = " ".join(f"word{n}" for n in range(150))
    path = draw(tmp_path, content(story=own_words(long)))
    first, second = ([word for *_, word in page] for page in boxes_in(path))
    assert in_order("It goes on: sheet 2 of 2 hangs beside this.", first)
    assert in_order("S-2026-041, sheet 2 of 2", second)
    assert in_order(long, words_in(path))
    for sheet in (first, second):
        assert in_order("S-2026-041. Take down after 24 February 2027.", sheet)
    assert in_order("Response from Paul,", second)


def test_a_story_too_long_for_two_sheets_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "posters.pdf"
    path.write_bytes(b"last week's")
    too_long = content(story=own_words("again " * 600))
    with pytest.raises(DoesNotFit, match=r"S-2026-041 is about (\d+) words too long") as caught:
        draw_posters([content(), too_long], path)
    over = int(re.findall(r"about (\d+)", str(caught.value))[0])
    # What it says is true: without that many words it fits, and with many more it does not.
    draw_posters([content(story=own_words("again " * (600 - over - 10)))], tmp_path / "fits.pdf")
    with pytest.raises(DoesNotFit):
        lay_out(content(story=own_words("again " * (600 - over + 40))))
    assert path.read_bytes() == b"last week's"
    assert {p.name for p in tmp_path.iterdir()} == {"posters.pdf", "fits.pdf"}
    assert "shorter extract" in why_not_printable(too_long)
    assert why_not_printable(content()) == ""


def test_parts_that_are_not_there_leave_no_trace(tmp_path: Path) -> None:
    bare = content(
        title=None, good=None, improve=None, feelings=(), handle=None, response=None, change=None,
        badge="new", responder_name=None, responder_role=None, due_month="",
    )  # fmt: skip
    found = words_in(draw(tmp_path, bare))
    assert in_order(["New", "A", "story", "November", "2026", "I", "waited"], found)
    assert not {"Response", "What", "How", "By", "Change", "None"} & set(found)


def test_without_a_title_the_story_name_stands_there(tmp_path: Path) -> None:
    found = words_in(draw(tmp_path, content(title=None)))
    assert in_order(["Silver", "Bus", "November", "2026"], found)
    assert "By" not in found


def test_a_story_that_is_only_a_wish_keeps_its_question(tmp_path: Path) -> None:
    found = words_in(draw(tmp_path, content(story=None, good=None)))
    assert in_order("What could be better? Tell people how long it will be.", found)


def test_a_word_longer_than_any_line_is_broken_with_a_hyphen(tmp_path: Path) -> None:
    word = "so" * 60
    found = words_in(draw(tmp_path, content(story=own_words(f"I am {word} glad."))))
    start = found.index("am") + 1
    pieces = found[start : found.index("glad.")]
    assert len(pieces) > 1 and all(piece.endswith("-") for piece in pieces[:-1])
    assert "".join(piece.removesuffix("-") for piece in pieces) == word


@pytest.mark.parametrize("piece", ["a", "a ", "ab. "])
def test_words_without_end_are_refused_in_a_moment(piece: str) -> None:
    endless = own_words((piece * 100_000)[:100_000])
    begun = time.process_time()
    assert "too long" in why_not_printable(content(response=endless))
    assert time.process_time() - begun < 60.0  # some seconds; one word of this length took minutes


def test_pictures_become_words_and_letters_that_cannot_be_printed_are_refused(
    tmp_path: Path,
) -> None:
    told = "Good \N{GRINNING FACE} \N{THUMBS UP SIGN}\U0001f3fd, caf\N{LATIN SMALL LETTER E}\u0301"
    found = words_in(draw(tmp_path, content(story=own_words(told))))
    assert in_order("Good [grinning face] [thumbs up sign], café", found)
    with pytest.raises(BadInvocation, match="S-2026-041 has letters that posters cannot show: д о"):
        draw_posters([content(story=own_words("добро"))], tmp_path / "never.pdf")
    assert "letters" in why_not_printable(content(change=own_words("добро")))
    assert not (tmp_path / "never.pdf").exists()


@given(st.text())
def test_whatever_is_printed_has_a_glyph(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert not missing_letters(shown)
    assert (missing_letters(text) != "") == ("[?]" in shown.replace("[?]", "", text.count("[?]")))


@given(st.text("abc -", max_size=80), st.floats(20, 60), st.floats(40, 180), st.booleans())
def test_lines_hold_every_letter_in_order(
    text: str, size_pt: float, width_mm: float, bold: bool
) -> None:
    for lines in (wrap(text, size_pt, width_mm, bold=bold), balanced(text, size_pt, width_mm)):
        plain = "".join("".join(lines).replace("-", "").split())
        assert plain == "".join(text.replace("-", "").split())
        assert not any(line.startswith(" ") or line.endswith(" ") for line in lines)


def test_the_same_contents_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    path = draw(tmp_path, content())
    again = tmp_path / "again.pdf"
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path;"
        "from test_poster import content, draw_posters as d; d([content()], Path(sys.argv[2]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), str(again)],
        check=True,
        env=environment,
    )
    assert again.read_bytes() == path.read_bytes()


def test_signs_differ_in_shape_and_inks_are_dark_enough_without_colour(tmp_path: Path) -> None:
    posters = [content(badge=badge) for badge in BADGES]
    pages = convert_from_path(draw(tmp_path, *posters), dpi=100, grayscale=True)
    signs = []
    for poster, page in zip(posters, pages, strict=True):
        box = next(s.box for sheet in lay_out(poster) for s in sheet.shapes if s.kind == "badge")
        mm = page.width / 210
        edges = (box.x_mm * mm, box.y_mm * mm, box.right_mm * mm, box.bottom_mm * mm)
        signs.append(np.asarray(page.crop(tuple(map(round, edges))).resize((40, 40))) < 128)
    for one, two in combinations(signs, 2):
        assert np.mean(one != two) > 0.05
    for name, ink in INKS.items():
        light = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in ink.rgb()]
        contrast = 1.05 / (0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05)
        assert contrast >= (4.5 if name == "warm" else 7.0), name


def test_the_logo_is_drawn_and_a_broken_one_is_named(tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (300, 100), "black").save(logo)
    (page,) = convert_from_path(draw(tmp_path, content(logo=logo)), dpi=50, grayscale=True)
    (plain,) = convert_from_path(draw(tmp_path, content()), dpi=50, grayscale=True)
    corner = (28, 24, 105, 52)
    dark, light = (np.mean(np.asarray(p.crop(corner)) < 128) for p in (page, plain))
    assert dark > 0.7 > 0.3 > light
    logo.write_bytes(b"not a picture")
    with pytest.raises(BadTemplate, match=r"logo\.png cannot be opened"):
        draw(tmp_path, content(logo=logo))


def test_writing_fails_kindly_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(StorageFailure, match=r"posters\.pdf could not be written"):
        draw_posters([content()], tmp_path / "nowhere" / "posters.pdf")
    taken = tmp_path / "taken.pdf"
    (taken / "inside").mkdir(parents=True)
    with pytest.raises(StorageFailure, match=r"taken\.pdf could not be written"):
        draw_posters([content()], taken)
    assert [p.name for p in tmp_path.iterdir()] == ["taken.pdf"]
    with pytest.raises(BadInvocation, match="no story"):
        draw_posters([], tmp_path / "empty.pdf")


def test_a_poster_takes_only_public_text_from_people() -> None:
    person_fields = {"title", "story", "good", "improve", "handle", "response", "change"}
    for name in person_fields:
        assert isinstance(getattr(content(), name), PublicText)
