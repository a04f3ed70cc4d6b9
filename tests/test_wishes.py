"""Words that ask not to be shown are found, and words about walls and boards are left alone."""

from __future__ import annotations

import time

import pytest

from scan_pipeline.privacy.wishes import LONGEST, asks_not_to_be_shown


@pytest.mark.parametrize(
    "asking",
    [
        "Please do not put this on the wall",
        "Not for the wall",
        "don't print this",
        "DONT PRINT THIS",
        "don’t show it to anybody",
        "keep this private",
        "please keep it between us",
        "just for the staff",
        "this is only for you",
        "For staff only",
        "dont want this on the board",
        "I do not want my story on your noticeboard",
        "I would not like it to be printed",
        "I don't want it up",
        "id rather this was not shown",
        "I'd rather you did not share this",
        "Do not publish",
        "please keep private",
        "I'd like this to stay private",
        "dont put me on the board",
        "not to go on the wall",
        "I dont want my words to go on the wall",
        "Not for board",
        "I don't want anyone else to read this",
        "This must not be published",
        "This is not to be put up",
        "I don't want this seen by anybody",
        "please not on the board",
        "Leave my story off the wall",
        "This is private",
        "Private and confidential",
        "I do not consent",
        "Please never use what I wrote",
        "hope you dont print this",
        "not for display",
    ],
)
def test_who_asks_not_to_be_shown_is_heard(asking: str) -> None:
    assert asks_not_to_be_shown(asking) == (asking,)
    text = f"The tea was good. {asking}! They were kind to me."
    assert asks_not_to_be_shown(text) == (asking,)


@pytest.mark.parametrize(
    "telling",
    [
        "the pictures on the wall are nice",
        "I did not like the pictures on the wall",
        "they did not show up",
        "They do not show it, but they care",
        "the notice board is out of date",
        "I did not print it",
        "You may put this on the wall",
        "please show this to everybody",
        "I don't mind if you print this",
        "I don't want to be put on a waiting list",
        "Staff keep it private and I trust them",
        "It is confidential here, so I feel safe",
        "This is a private place",
        "The kitchen is just for the staff",
        "The clock is not on the wall any more",
        "They did not share my needles",
        "Do not share needles, they told me",
        "Some nurses never show me respect",
        "You may not be seen for weeks",
        "The group is not for everyone",
        "I don't want my appointment mixed up",
        "I would like to be on the board of the group",
        "I want it to stay open",
        "We dont use it any more",
        "The leaflet was not for me",
        "I never want to go back",
        "Nobody showed me what to do. It was not used.",
        "",
    ],
)
def test_who_tells_of_walls_and_boards_asks_for_nothing(telling: str) -> None:
    assert asks_not_to_be_shown(telling) == ()


def test_a_sentence_may_go_on_over_lines_and_needs_no_stop() -> None:
    assert asks_not_to_be_shown("nice group please do not\nput this on the\nwall") == (
        "nice group please do not put this on the wall",
    )


def test_of_a_long_sentence_the_asking_words_are_quoted() -> None:
    (quoted,) = asks_not_to_be_shown("and so on " * 50 + "please dont print this " + "and on " * 50)
    assert "please dont print this" in quoted and len(quoted) <= LONGEST + 4


@pytest.mark.parametrize(
    "piece", ["dont ", "not for ", "keep my ", "i dont want my a a ", "'", ".a"]
)
def test_words_without_end_take_a_moment(piece: str) -> None:
    began = time.perf_counter()
    asks_not_to_be_shown(piece * (20_000 // len(piece)))
    assert time.perf_counter() - began < 2
