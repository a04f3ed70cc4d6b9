"""Words in doubt at the desk: which ones, where they stand, and what may replace them."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from made_stories import QUAD, reading

from scan_pipeline.desk.doubts import Doubt, doubts, hints, runs
from scan_pipeline.store.codec import dump_reading, load_reading
from scan_pipeline.story import LineReading, TextValue, WordReading


def sure(text: str) -> list[WordReading]:
    return [WordReading(text=word, confidence=0.99) for word in text.split()]


def doubtful(
    text: str, *others: str, letters: bool = False, stands_for: tuple[int, ...] = ()
) -> WordReading:
    return WordReading(
        text=text,
        confidence=0.4,
        alternatives=others,
        by_letters=letters,
        stands_for=stands_for,
    )


def field(*lines: list[WordReading]) -> TextValue:
    done = tuple(
        LineReading(text=" ".join(w.text for w in line), confidence=0.8, words=tuple(line))
        for line in lines
    )
    return TextValue(
        text=" ".join(line.text for line in done),
        confidence=0.8,
        review=True,
        lines=done,
        quad_px=QUAD,
    )


def offered(doubt: Doubt) -> list[str]:
    return [choice.text for choice in doubt.choices]


def test_hints_are_few_and_are_words_where_any_reading_is_one() -> None:
    assert hints(doubtful("wark", "work", "wurk", "walk", "wirk", "word", "worn")) == (
        "work",
        "walk",
        "word",
    )
    assert hints(doubtful("work", "wurk", "wirk")) == ()
    assert hints(doubtful("xqz", "xqx", "zqx", "qqx", "xxx q")) == ("xqx", "zqx", "qqx")
    assert hints(doubtful("aswell", "as well", "aswel")) == ("as well",)


def test_what_the_letters_say_comes_last_and_is_said_to_be_so() -> None:
    value = field(sure("the tea was"), [doubtful("warm", "wurm", "warn", letters=True)])
    (doubt,) = doubts(value, value.text)
    assert (doubt.at, doubt.words, doubt.was, doubt.read_at) == (3, 1, "warm", (3,))
    assert [(c.text, c.by_letters) for c in doubt.choices] == [("warn", False), ("wurm", True)]


def test_what_the_letters_say_is_offered_once_and_in_its_rank_if_it_is_a_word() -> None:
    value = field([doubtful("warm", "warn", "worm", letters=True)])
    (doubt,) = doubts(value, value.text)
    assert [(c.text, c.by_letters) for c in doubt.choices] == [("warn", True), ("worm", False)]
    same = field([doubtful("Warm", "warm", letters=True)])
    assert offered(doubts(same, same.text)[0]) == ["warm"], "a capital is the writer's own"


def test_words_that_an_alternative_joins_are_chosen_together() -> None:
    value = field(
        [
            *sure("I was"),
            doubtful("a", "alive", "the", stands_for=(2, 1)),
            doubtful("live", "life"),
            *sure("and"),
            doubtful("wel", "well", "veil"),
        ]
    )
    first, second = doubts(value, value.text)
    assert (first.at, first.words, first.was) == (2, 2, "a live")
    assert offered(first) == ["alive", "a life", "the live"], "the best of each word first"
    assert (second.at, second.was) == (5, "wel")


def test_letters_that_join_words_join_them_in_what_is_offered() -> None:
    value = field([doubtful("a", "aliv", letters=True, stands_for=(2,)), *sure("live here")])
    (doubt,) = doubts(value, value.text)
    assert (doubt.was, offered(doubt)) == ("a live", ["aliv"])


def test_an_alternative_never_reaches_beyond_its_line() -> None:
    value = field([doubtful("to", "today", stands_for=(2,))], [doubtful("day", "bay"), *sure("it")])
    assert [(d.was, offered(d)) for d in doubts(value, value.text)] == [
        ("to", []),
        ("day", ["bay"]),
    ]


def test_what_a_person_has_changed_is_in_doubt_no_more() -> None:
    value = field(
        [*sure("we"), doubtful("wark", "work"), *sure("with"), doubtful("tham", "them")],
        [doubtful("thay", "they"), *sure("listen")],
    )
    now = "And we work with\n tham thay listen"
    assert [(d.at, d.was) for d in doubts(value, now)] == [(4, "tham"), (5, "thay")]
    assert doubts(value, "") == ()


def test_readings_from_before_have_alternatives_for_one_word_each() -> None:
    body = json.loads(dump_reading(reading(words="wark")))
    (word,) = body[0]["fields"]["story"]["lines"][0]["words"]
    del word["stands_for"], word["by_letters"], word["letters"]
    word["alternatives"] = ["work", "walk"]
    value = load_reading(json.dumps(body)).fields["story"]
    assert isinstance(value, TextValue)
    (doubt,) = doubts(value, "wark")
    assert (offered(doubt), doubt.words) == (["work", "walk"], 1)


def test_the_letters_in_doubt_stand_apart_in_a_word_in_doubt() -> None:
    word = replace(doubtful("Tham"), letters=(0.99, 0.98, 0.4, 0.5))
    assert runs(word) == (("Th", False), ("am", True))
    assert runs(replace(word, confidence=0.95)) == (("Tham", False),)
    assert runs(replace(word, letters=())) == (("Tham", False),)


SAID = st.sampled_from(["a", "live", "alive", "the", "xq", "a live", "tea"])
WORDS = st.builds(
    WordReading,
    text=st.sampled_from(["a", "live", "the", "xq", "Tea"]),
    confidence=st.sampled_from([0.2, 0.99]),
    alternatives=st.lists(SAID, max_size=4, unique=True).map(tuple),
    stands_for=st.lists(st.integers(1, 3), max_size=4).map(tuple),
    by_letters=st.booleans(),
)


@given(
    lines=st.lists(st.lists(WORDS, max_size=6), max_size=3),
    now=st.none() | st.lists(st.sampled_from(["a", "live", "the", "tea"]), max_size=9),
)
def test_whatever_was_read_each_doubt_stands_where_it_is_said_to(
    lines: list[list[WordReading]], now: list[str] | None
) -> None:
    value = field(*lines)
    text = value.text if now is None else " ".join(now)
    found = doubts(value, text)
    end = 0
    for doubt in found:
        assert doubt.at >= end
        end = doubt.at + doubt.words
        assert " ".join(text.split()[doubt.at : end]) == doubt.was
        assert len(doubt.read_at) == doubt.words
        said = offered(doubt)
        assert len(said) == len(set(said)) <= 4 and doubt.was not in said and "" not in said
    if now is None:
        number = {k for doubt in found for k in doubt.read_at}
        words = [word for line in value.lines for word in line.words]
        assert {k for k, w in enumerate(words) if w.confidence < 0.9} <= number
