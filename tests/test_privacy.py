"""What gives somebody away does not become public, and a worry is only ever added."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaflets.content import PublicText
from scan_pipeline.demo.stories import STORIES
from scan_pipeline.privacy.identify import find
from scan_pipeline.privacy.names import MONTH_NAMES, NAMES_AND_WORDS
from scan_pipeline.privacy.redact import Doubts, publish, redact, response_doubts
from scan_pipeline.privacy.worry import worries

ROOT = Path(__file__).resolve().parent.parent
WORDS = st.text(alphabet="abcdefghij klmno pqrs tuvw, ", max_size=60)
DIGITS = st.text(alphabet="0123456789", min_size=9, max_size=9)
EITHER = NAMES_AND_WORDS | MONTH_NAMES
CALM = settings(max_examples=150, deadline=None, derandomize=True)


@CALM
@given(before=WORDS, digits=DIGITS, after=WORDS, gap=st.sampled_from(["", " ", "-"]))
def test_no_mobile_number_survives(before: str, digits: str, after: str, gap: str) -> None:
    number = f"07{digits[:3]}{gap}{digits[3:]}"
    assert digits[3:] not in redact(f"{before} {number} {after}")


@CALM
@given(name=st.from_regex(r"[a-z]{2,10}", fullmatch=True), before=WORDS)
def test_no_mail_address_survives(name: str, before: str) -> None:
    assert "@" not in redact(f"{before} {name}@example.org please")


@CALM
@given(digit=st.integers(0, 9), letters=st.from_regex(r"[ABDEFGHJLNPQRSTUWXYZ]{2}", fullmatch=True))
def test_no_postcode_survives(digit: int, letters: str) -> None:
    assert letters not in redact(f"I live at S11 {digit}{letters} now")


def test_a_possible_name_waits_for_a_person() -> None:
    waiting = publish("My worker is called Gavin and he was rude.")
    assert isinstance(waiting, Doubts) and waiting.findings
    settled = publish("My worker [name] was rude.", settled=True)
    assert isinstance(settled, PublicText)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kev was rude to me.", "Kev"),  # at the beginning, in a short form
        ("i saw kev on the stairs", "kev"),  # without a capital
        ("I asked Leigh and Brett", "Leigh"),  # names that the dictionary has
        ("Then shazza came", "shazza"),
        ("Zoltan helped me a lot.", "Zoltan"),  # on no list at all
        ("Thank you Caoimhe", "Caoimhe"),
    ],
)
def test_first_names_are_found_in_every_guise(text: str, name: str) -> None:
    waiting = publish(text)
    assert isinstance(waiting, Doubts)
    assert name in [text[f.start : f.end] for f in waiting.findings]


def asked_about(text: str) -> list[str]:
    return [text[f.start : f.end] for f in find(text) if f.action == "ask"]


@pytest.mark.parametrize(
    "said", ["{} on the desk was rude.", "{} was kind.", "{}'s help was good."]
)
def test_a_name_that_begins_a_sentence_is_found_though_it_is_a_word_too(said: str) -> None:
    for name in EITHER:
        text = said.format(name.capitalize())
        assert [name] == [n.casefold() for n in asked_about(text)], text


@pytest.mark.parametrize(
    "text",
    [
        "Carol on the desk only shrugged.",
        "Carol, on the desk, shrugged.",
        "Carol",
        "I waited. Carol shrugged.",
        "CAROL ON THE DESK ONLY SHRUGGED",
        "i waited and carol on the desk only shrugged",
    ],
)
def test_a_name_is_found_wherever_its_capital_says_nothing(text: str) -> None:
    assert [name.casefold() for name in asked_about(text)] == ["carol"]


@pytest.mark.parametrize(
    "text",
    [
        "Will come back. Will always be glad. Will there be a group in May?",
        "Hope this helps. Hope and patience. Love from all of us. Love, Silver Bus",
        "Art group on Monday. Art and music. Max ten people at the desk. Rich food.",
        "Summer in the garden. Since June I have been well. In April was my first day.",
        "Charity shops. Ginger biscuits. Rain on the roof. Joy at last. Sunshine and tea.",
        "i will always come and my mark was low. the bill was high. a nice guy and a good group",
        "THE GUY WAS KIND. I WILL ALWAYS COME. MY GAS BILL WAS PAID",
        "Couldn't get in. Didn't like it.",
        "Waiting was long. Staff were kind.",
        "ty",
    ],
)
def test_words_that_begin_a_sentence_are_not_taken_for_names(text: str) -> None:
    assert asked_about(text) == []


def test_invented_stories_raise_few_needless_questions() -> None:
    texts = [text for story in STORIES for text in story.texts.values()]
    asked = [name for text in texts for name in asked_about(text) if name.casefold() in EITHER]
    assert asked == ["Carol"]  # and she is one


@pytest.mark.parametrize(
    "text",
    ["i want to kill my self", "thinking of suicde most days", "he hits me", "took an overdose"],
)
def test_hard_words_are_noticed_misspelt_too(text: str) -> None:
    found = worries(text)
    assert found and all(text[w.start : w.end].strip() for w in found)


@CALM
@given(more=WORDS)
def test_a_worry_is_never_taken_away_by_other_words(more: str) -> None:
    assert worries(f"{more}. I want to kill myself. {more}")


def test_public_text_has_one_maker() -> None:
    makers = set()
    for path in [*(ROOT / "leaflets").rglob("*.py"), *(ROOT / "scan_pipeline").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PublicText":
                makers.add(path.relative_to(ROOT).as_posix())
    assert makers == {"scan_pipeline/privacy/redact.py"}


def test_ordinary_words_are_left_alone() -> None:
    told = "The group was kind and nobody rushed me. I came back the week after."
    assert redact(told) == told
    assert not re.search(r"\[", redact("We waited 20 minutes and had 2 cups of tea."))


@pytest.mark.parametrize(
    "said",
    [
        "oh seven seven double oh nine hundred one two three",
        "07700 nine hundred one two three",
        "0 7 7 double 0 9 hundred and 1 2 3",
        "nought one one four, forty-nine, treble six",
        "077009 one two three",
        "07700900 one two three",
        "one two three four five six",
    ],
)
def test_a_number_in_words_goes_as_a_whole(said: str) -> None:
    assert redact(f"ring {said}, ask for me") == "ring [number removed], ask for me"


@pytest.mark.parametrize(
    "said",
    [
        "One or two of the five people came three times, one for a hundred days.",
        "In 2019 one of the two of us was twenty one.",
        "It was a snap decision, and on Facebook 2019 was a good year.",
        "Facebook didn't help, WhatsApp messages do; my snapchat at 5pm, TikTok they're on.",
    ],
)
def test_numbers_and_sites_in_plain_talk_stay(said: str) -> None:
    assert redact(said) == said and not [f for f in find(said) if f.action == "ask"]


@pytest.mark.parametrize(
    ("told", "account"),
    [
        ("insta @sarahj_1990 or snap sarahj90.", "sarahj90"),
        ("add me on here, or kik sarah_j", "sarah_j"),
        ("snap me sarahjx ok", "sarahjx"),
        ("my telegram name bluekttl7", "bluekttl7"),
    ],
)
def test_what_stands_by_the_name_of_a_site_is_asked_about(told: str, account: str) -> None:
    asked = [told[f.start : f.end] for f in find(told) if f.kind == "link" and f.action == "ask"]
    assert asked == [account]


@pytest.mark.parametrize("told", ["SARAH JONES SAID IT", "I THINK SARAH BABATUNDE SAID IT TO ME"])
def test_a_surname_is_found_in_capitals_too(told: str) -> None:
    (name,) = (told[f.start : f.end] for f in find(told))
    assert name.split() == [w for w in told.split() if w[:4] in {"SARA", "JONE", "BABA"}]


LONG = 100_000
TIRING = (
    *("a", "A", "1", ".", "-", "_", " ", "\n", "(", "+", "["),
    *("a.", "a-", "A'", "Ab-", "a@", "a.b@", "1O", "l1", "1/", "111,", "x(at)y.com/"),
    *("one ", "oh 7 ", "nine hundred and ", "snap ", "snap me ", "snap a1 "),
    *("a ", "1 ", "12 ab ", "on the ", "1 may 5pm ", "07700900123 ", "[a] ", "Dave Smith "),
)
"""What a text may be made of that has to be searched as quickly as any other."""
MOMENT = 20.0
"""Seconds of a core, on a machine a good deal slower than ours; without end it is minutes."""


@pytest.mark.parametrize("piece", TIRING)
def test_a_text_without_end_is_searched_in_a_moment(piece: str) -> None:
    text = (piece * LONG)[:LONG]
    begun = time.process_time()
    find(text)
    assert time.process_time() - begun < MOMENT  # a third of a second; it was many minutes


@pytest.mark.parametrize("text", ["12" + " " * LONG, "1" + "O" * LONG + "1", "x at " + "a." * LONG])
def test_one_long_stretch_is_searched_in_a_moment(text: str) -> None:
    begun = time.process_time()
    find(text)
    assert time.process_time() - begun < MOMENT


@pytest.mark.parametrize("piece", ["a", "a.", "Dave Smith ", "12 ab ", "kill me ", "Dear Kev "])
def test_all_that_is_asked_of_a_response_takes_a_moment(piece: str) -> None:
    text = (piece * LONG)[:LONG]
    begun = time.process_time()
    publish(text)
    response_doubts(text, originals=[text], shown=[])
    worries(text)
    assert time.process_time() - begun < MOMENT  # two seconds at most


def test_an_address_in_the_middle_of_a_long_run_is_still_found() -> None:
    texts = ("x at y.com/foo@bar.example", "me at b.com-you at d.com", "joe.at gmail.com")
    assert [redact(text) for text in texts] == [
        "[e-mail removed]/[e-mail removed]".replace("/", ""),
        "[e-mail removed]-[e-mail removed]",
        "[e-mail removed]",
    ]
