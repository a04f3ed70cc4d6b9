"""Names of people: after words that announce one, from lists, and unexplained capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from scan_pipeline.privacy.names import (
    FIRST_NAMES,
    MONTH_NAMES,
    NAMES_AND_WORDS,
    NOT_NAMES,
    SURNAMES,
    WORDS_FIRST,
)
from scan_pipeline.privacy.words import Word, english, listed, words_of

Style = Literal["plain", "titled", "shouted"]

TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "doctor", "sir", "madam", "prof"})
STAFF = listed("""
worker keyworker key-worker nurse doctor dr therapist counsellor counselor receptionist manager
prescriber pharmacist chemist psychologist psychiatrist gp sponsor mentor volunteer facilitator
support-worker recovery-worker staff lady woman man bloke guy
""")
SMALL_WORDS = listed("""
a about after again all always am an and another any anybody anyone are as ask at away back bad
be because been before being better but by can cannot come could day days did do does done down
every everybody everyone everything feel felt fine for friendly from get go going good got great
had happy has have he hear help helped her here him his home hour hours how i if in into is it
its just kind last late less like little long look lot made make man me mean mile miles min mins
minutes more most much my never new nice night no nobody not nothing now of off ok okay old on
once one only open or our out over people person please really right round said same say see she
short side small so some somebody someone something sorry still than thank thanks that the their
them then there they thing this those though times to today together told too tried two under up
us use very waiting was way we week weeks well went were what when where which while who why
will with woman would year years yes yet you young your
""")
_AFTER_NAME = listed("""
is was has had will would helped told said made did always never who and gave got came listened
saw understood really took asked explained called rang knows keeps kept
""")
_SOMEBODY_ONLY = _AFTER_NAME - {"always", "and", "never", "really"}
"""Of those, the ones that do not go on after "Will", "Love" or "Hope" either."""
_WORKPLACES = listed("""
counter clinic desk door duty exchange front group office pharmacy phone phones reception team
""")
_STARTS = listed("after and as because before but if so that then today when while yesterday")
_TIME_BEFORE = listed("by during early every from in last late mid next of since the this to until")
RELATION = re.compile(
    r"\b(?:my|his|her|their|our)\s+(?:ex[\s-]*)?(?:mum|mam|mother|dad|father|son|daughter|sister|"
    r"brother|wife|husband|girlfriend|boyfriend|partner|fiance|fiancee|nan|gran|grandma|grandad|"
    r"uncle|auntie?|cousin|niece|nephew|neighbour|landlord|boss|ex|baby|kids?|child(?:ren)?|"
    r"step\s?\w+)\b",
    re.I,
)

_AMOUNT = re.compile(r"\d+(?:st|nd|rd|th|am|pm|x|k|%|min|mins|hr|hrs)|[\d/.+-]+")


def names_in(text: str) -> Iterator[tuple[int, int, bool, bool]]:
    """(start, end, is a worker, sure enough to ask) of every possible name."""
    words = words_of(text)
    style = _style(words)
    done = -1
    for i, word in enumerate(words):
        if word.start < done:
            continue
        cue = _cue(words, i)
        opens = _unexplained_opening(word, style)
        acts = opens and i + 1 < len(words) and words[i + 1].bare in _AFTER_NAME
        sure = cue or _known(words, i, style) or _unexplained(word, style) or acts
        hint = not sure and (opens or _odd_capital(word, style))
        if not sure and not hint:
            continue
        last = _surname_too(words, i, text, style)
        done = last.end
        staff = any(w.bare in STAFF for w in words[max(0, i - 4) : i])
        yield word.start, _without_possessive(last), staff, sure


def _style(words: tuple[Word, ...]) -> Style:
    """Capitals say nothing in a text that IS ALL CAPITALS, and little in a Title Like This."""
    long = [w for w in words if len(w.text) > 3]
    if len(long) < 3:
        return "titled" if len(words) > 1 and all(w.capital for w in words) else "plain"
    if sum(w.text.isupper() for w in long) > 0.7 * len(long):
        return "shouted"
    return "titled" if sum(w.capital for w in long) > 0.8 * len(long) else "plain"


def _cue(words: tuple[Word, ...], i: int) -> bool:
    """Something before the word says that a name comes."""
    word, before = words[i], [w.bare for w in words[max(0, i - 3) : i]]
    if word.bare in SMALL_WORDS or word.bare in NOT_NAMES or not before or len(word.bare) < 2:
        return False
    last = before[-1]
    if last in TITLES and (word.capital or word.bare not in english()):
        return True
    ends = " ".join(before)
    if re.search(r"\b(?:my|her|his|their|whose)\s+n[a-z]{1,3}[em]+(?:'s|\s+is|\s+was)?$", ends):
        return True
    if last in {"called", "named", "nicknamed", "known"} or ends.endswith("known as"):
        person = len(before) > 1 and before[-2] in STAFF | {"someone", "somebody", "friend", "mate"}
        return word.capital or person or word.bare in NAMES_AND_WORDS
    if last in STAFF | {"i'm", "im", "dear"} or ends.endswith(("i am", "this is", "signed")):
        return word.capital and (word.bare in NAMES_AND_WORDS or word.bare not in english())
    return False


def _known(words: tuple[Word, ...], i: int, style: Style) -> bool:
    """A name from the lists. Where it may be a word too, its capital tells, or what is beside it:
    a needless warning costs a glance, and a name that is missed may expose somebody."""
    word, before = words[i], words[i - 1].bare if i else ""
    if word.bare in FIRST_NAMES:
        return True
    if word.bare in MONTH_NAMES:
        return word.capital and before not in _TIME_BEFORE and _somebody(words, i)
    if word.bare in NOT_NAMES:
        return False
    either = word.bare in NAMES_AND_WORDS
    if not word.capital or style != "plain":  # a capital, or none, says nothing
        starts = word.opens or before in _STARTS
        return either and starts and word.bare not in WORDS_FIRST and _somebody(words, i)
    if not word.opens:
        return either or word.bare in SURNAMES
    return either and (word.bare not in WORDS_FIRST or _somebody(words, i))


def _somebody(words: tuple[Word, ...], i: int) -> bool:
    """Whether what follows is said of people: "Will helped", "Hope on reception", "Joy's desk"."""
    word, after = words[i], words[i + 1 : i + 5]
    if word.text.casefold() != word.bare:
        return True
    if not after or after[0].opens:
        return False
    if after[0].bare == "and":
        return len(after) > 1 and after[1].capital and word.capital and not after[1].text.isupper()
    at_work = after[0].bare in {"at", "behind", "from", "in", "on"}
    return after[0].bare in _SOMEBODY_ONLY or (
        at_work and any(w.bare in _WORKPLACES for w in after[1:])
    )


def _unexplained(word: Word, style: Style) -> bool:
    """A capital inside a sentence on a word that no dictionary has."""
    return word.capital and not word.opens and style != "shouted" and _in_no_dictionary(word)


def _unexplained_opening(word: Word, style: Style) -> bool:
    """The same at the beginning of a sentence, where a capital says little."""
    return word.capital and word.opens and style == "plain" and _in_no_dictionary(word)


def _in_no_dictionary(word: Word) -> bool:
    if word.bare in NOT_NAMES or word.bare.endswith("n't"):
        return False
    initials = word.text.isupper() and len(word.text) <= 5
    parts = re.split(r"['\-]", word.bare)
    return not initials and not all(p in english() or len(p) < 3 for p in parts)


def is_no_word(said: str) -> bool:
    """Whether `said` is what an account may be called and no ordinary word: "sarahj90".

    >>> is_no_word("sarahj90"), is_no_word("messages"), is_no_word("5pm")
    (True, False, False)
    """
    bare = said.casefold().replace("’", "'").removesuffix("'s")
    if not re.search(r"[^\W\d_]", bare) or _AMOUNT.fullmatch(bare):
        return False
    if re.search(r"[\d_]|^@", bare):
        return True
    parts = re.split(r"[^\w]+", bare.removesuffix("n't"))
    known = bare in NOT_NAMES | FIRST_NAMES
    return not known and not all(p in english() or len(p) < 3 for p in parts)


def _odd_capital(word: Word, style: Style) -> bool:
    """A capital inside a sentence on a word that needs none."""
    plain = word.capital and not word.opens and style == "plain" and word.bare not in NOT_NAMES
    return plain and len(word.text) > 2 and not word.text.isupper()


def _surname_too(words: tuple[Word, ...], i: int, text: str, style: Style) -> Word:
    """The last word of the name: "Dave" or, in "Dave Smith", "Smith"."""
    last = words[i]
    for after in words[i + 1 : i + 3]:
        beside = text[last.end : after.start].strip(" .") == ""
        capital = after.capital and after.bare not in SMALL_WORDS
        named = after.bare in SURNAMES or (
            _in_no_dictionary(after) if style == "shouted" else capital
        )
        if not beside or not named or after.opens or last.text.endswith(("'s", "’s")):
            break
        last = after
    return last


def _without_possessive(word: Word) -> int:
    return word.end - 2 if word.text.endswith(("'s", "’s")) else word.end
