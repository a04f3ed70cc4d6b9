"""What gives somebody away does not become public, and a worry is only ever added."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaflets.content import PublicText
from scan_pipeline.privacy.redact import Doubts, publish, redact
from scan_pipeline.privacy.worry import worries

ROOT = Path(__file__).resolve().parent.parent
WORDS = st.text(alphabet="abcdefghij klmno pqrs tuvw, ", max_size=60)
DIGITS = st.text(alphabet="0123456789", min_size=9, max_size=9)
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


def test_words_that_begin_a_sentence_are_not_taken_for_names() -> None:
    for text in ("Couldn't get in. Didn't like it.", "Waiting was long. Staff were kind.", "ty"):
        assert isinstance(publish(text), PublicText)


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
