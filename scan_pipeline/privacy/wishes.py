"""A writer's own words may ask not to be shown, whatever is ticked: "please don't print this".

They only ever make a person look: nothing is decided here, and that nothing was found means
nothing. So a pattern rather finds a sentence too many than one too few.
"""

from __future__ import annotations

import re

LONGEST = 160
"""Letters of a sentence that are quoted; of a longer one, those around what was found."""

_SENTENCE = re.compile(r"(?:[^.!?\n]|\n(?!\s*\n)|[.!?](?=\w))+")
_APOSTROPHES = re.compile("['’‘`´]")
_WALL = r"(?:(?:the|your|a|any) )?(?:walls?|(?:notice ?)?bo?ards?|posters?|display)"
_SHOWN = (
    r"(?:shown|read out|printed|published|displayed|shared|hung|pinned|posted|put (?:up|out|on)|"
    rf"(?:on|in) {_WALL})"
)
_IT = r"(?:this|it|that|these|those|any of (?:this|it)|(?:my|our) \w+|mine|what i \w+)"
_SHOW = r"(?:put|print|show|publish|display|share|use|hang|pin|stick|post|pass)"
_NOT = r"(?:do not|dont|never|did not|didnt|would not|wouldnt|not)"
# Who says "I don't show it" or "they do not share it" tells of somebody, and asks nothing.
_TELLS_OF = ("i", "we", "they", "he", "she", "who", "it", "staff", "people", "workers", "just")
_ASKED = "".join(rf"(?<!\b{word} )" for word in _TELLS_OF)
_PRIVATE = (
    r"(?:private|confidential|secret|to yoursel(?:f|ves)|between (?:us|you and me|ourselves))"
)
_TEAM = r"(?:the |you |your )?(?:staff|team|workers?|managers?|coordinator|you|yourselves|eyes)"

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "don't print this", "please do not put my story up", "could you not show it"
        rf"\b{_ASKED}(?:(?:do not|dont|never)(?: please| ever)?|(?:please|rather|you) not(?: to)?)"
        rf" {_SHOW}(?: up| out)? {_IT}\b",
        rf"\b{_ASKED}(?:do not|dont|never) put (?:me |us |my name )?(?:up )?(?:on|in) {_WALL}\b",
        rf"(?:^|\bplease )(?:do not|dont) {_SHOW}(?: up| out)?$",
        rf"\b(?:rather|prefer) you (?:did not|didnt|do not|dont) {_SHOW}(?: up| out)? {_IT}\b",
        # "I don't want this on the board", "I would not like it to be printed"
        rf"\b{_NOT}(?: really)? (?:want|like|wish|agree)(?: for| to)? (?:you to {_SHOW} )?"
        rf"{_IT}(?: up| public|(?: \w+){{0,3}}? (?:{_SHOWN}|seen|used))\b",
        # "I don't want anyone to read this"
        rf"\b{_NOT}(?: really)? (?:want|like) (?:any|every|other)?(?:one|body|people|others)"
        rf"(?: else)?(?: to)? (?:see|seeing|read|reading|know|knowing)(?: about| of)? {_IT}\b",
        # "not for the wall", "not for display"
        rf"\bnot (?:meant )?for (?:{_WALL}|(?:the )?public|print(?:ing)?|publication|sharing)\b",
        # "this must not be shown", "I'd rather it was not printed"
        rf"\b(?:(?:must|should|may|please) not|not to) be {_SHOWN}\b",
        rf"\brather {_IT} (?:(?:was|were|is) not|wasnt|werent|isnt) {_SHOWN}\b",
        # "please not on the wall", "keep it off the board"
        rf"(?:^|\bplease )not (?:to go )?(?:up )?on {_WALL}\b",
        rf"\b(?:keep|leave) {_IT} (?:off|out of) {_WALL}\b",
        # "keep this private", "this is confidential", "between you and me"
        rf"\b{_ASKED}keep(?: {_IT}(?: \w+)?)? {_PRIVATE}\b",
        rf"\b(?:want|like|prefer|rather|please) {_IT} (?:to )?(?:stay|stayed|be|(?:be )?kept)"
        rf" {_PRIVATE}\b",
        r"\bthis is (?:(?:strictly|very|just|all) )?(?:private|confidential|secret|between)"
        r"(?! (?:place|room|space|area|service))\b",
        r"^(?:strictly )?(?:private|confidential)(?: and (?:private|confidential))?$",
        r"\bbetween you and me\b",
        # "just for the staff", "this is only for you"
        rf"(?:^|\b(?:this|its|it is|thats|that is|please|meant|written)(?: is)? )"
        rf"(?:just|only) for {_TEAM}\b(?! to)",
        rf"(?:^|\b(?:this|its|it is|thats|that is)(?: is)? )for {_TEAM} only\b",
        # "I do not consent"
        r"\b(?:i|we) (?:do not|dont|no longer|never) (?:give )?(?:my |our )?(?:consent|permission)",
    )
)


def asks_not_to_be_shown(text: str) -> tuple[str, ...]:
    """The sentences, as they are written, that may ask for it; each once, in their order.

    >>> asks_not_to_be_shown("It was good here. Please dont print this.")
    ('Please dont print this',)
    """
    found = (_asking(sentence[0]) for sentence in _SENTENCE.finditer(text))
    return tuple(dict.fromkeys(asking for asking in found if asking))


def _asking(sentence: str) -> str:
    """What is to be quoted of a sentence; "" where it asks for nothing."""
    said = " ".join(sentence.split())
    plain = _APOSTROPHES.sub("", said)
    hit = next((match for p in _PATTERNS if (match := p.search(plain))), None)
    if hit is None:
        return ""
    if len(said) <= LONGEST:
        return said
    # Apostrophes before it move it by a letter each, which is nothing beside what is around it.
    start = max(0, min(hit.start() - LONGEST // 4, len(said) - LONGEST))
    return f"… {said[start : start + LONGEST].strip()} …"
