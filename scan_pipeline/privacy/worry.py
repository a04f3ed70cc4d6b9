"""Words that should make a person look: safeguarding prompts.

They only ever add a worry. That nothing was found here means nothing: people misspell, machines
misread, and the worst is often said in plain words. How serious it is, a person judges.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from scan_pipeline.privacy.words import alike, english

Category = Literal[
    "self_harm", "overdose", "child", "harm", "staff", "threat", "crime", "prescribing"
]
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_GAP = 3  # words that "~" may stand for

WORDS: dict[Category, str] = {
    "self_harm": "This may be about suicide or self-harm.",
    "overdose": "This may be about an overdose, using alone, or a bad batch.",
    "child": "A child or an unborn baby may be at risk.",
    "harm": "Somebody may be hurt, controlled or exploited.",
    "staff": "This may be about harm or neglect by somebody who works here.",
    "threat": "There may be a threat to somebody.",
    "crime": "This may be about a crime, or accuse somebody of one.",
    "prescribing": "A medicine or a dose may be wrong, or driving may not be safe.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worry:
    """Why a person should look; `text[start:end]` are the words that led to it."""

    category: Category
    reason: str
    start: int
    end: int


# A space parts words, "|" gives a choice, "*" stands for any beginning or end, "~" for up to three
# words in between.
_PHRASES: dict[Category, str] = {
    "self_harm": """
suicid*
self harm*
selfharm*
kill*|hurt*|harm*|cut|cuts|cutting|hang*|starv* ~ myself|meself
kill*|hurt*|harm*|cut|cuts|cutting|hang*|starv* ~ my|me self
kill*|hurt*|harm*|cut|cuts|cutting|hang* ~ himself|herself|themself|themselves
end|ending|take|taking ~ my|his|her|their own life
end|ending ~ my|his|her|their life
end|ending it all
want|wanted|wanting|going|wish|wished ~ die|dye|dead
wish ~ never been born
better off dead|without me
no reason|point ~ live|living|going|on
dont|don't|didnt|didn't|not ~ want ~ live|wake|here anymore
not ~ be here any|anymore
cant|can't|cannot go|carry|cope on|anymore
give|giving|gave up on life
jump off|from|front
noose|ligature
slit ~ wrists|wrist
""",
    "overdose": """
overdos*
od'd
o'd
odd on
od on
went over on|from
using|use|used alone|own
inject|injecting|injected ~ alone|own
bad|dodgy|strong batch|gear|stuff|lot
spiked
nitazene*
fentanyl|carfentanil
stopped breathing
narcan|naloxone|nyxoid
turned|gone|went blue
passed out
""",
    "child": """
unborn
pregnan*
social services
child protection
safeguarding
smack*|hit|hits|hitting|hurt*|shake*|shook|burn* ~ child*|kid|kids|baby|son|daughter|toddler
touch* ~ child*|kid|kids|baby|son|daughter
child*|kid|kids|baby ~ alone|hungry|scared|frightened|neglect*|locked|hurt|bruis*|unsafe
left|leave|leaving ~ kids|children|baby|child|toddler
underage|under age
groom|groomed|grooming
child abuse|neglect
methadone|tablets|pills|needle|needles|drugs ~ kids|child|children|baby|toddler
""",
    "harm": """
abus*
rape|raped|raping|rapist
assault*
molest*
domestic violence|abuse
hit|hits|hitting|beat*|punch*|kick*|strangl*|chok*|slap*|hurt* ~ me
beat|beaten ~ up
black eye
scared|frightened|afraid|terrified of him|her|them
scared|frightened|afraid|terrified ~ go|going home
wont|won't let me|her|him
controls|controlling|stalk|stalks|stalked|stalking|blackmail*
took|takes|taking|taken over my|his|her|their flat|house|home
cuckoo*
made|makes|make|forced|force|forces|forcing me|her|him ~ sex|sell|deal|carry|run|steal
county lines
trafficked|trafficking|exploit*
sex|sleep ~ drugs|money|gear
takes|took|taking|steals|nicks ~ my money|benefits|giro|card
""",
    "staff": """
*worker|nurse|doctor|staff|manager|*sellor|volunteer|therapist|chemist ~ hit|touch*|grab*|kiss*
*worker|nurse|doctor|staff|manager|*sellor|volunteer|therapist|chemist ~ threat*|grop*|push*|stole
*worker|nurse|doctor|staff|manager|*sellor|volunteer|therapist|chemist ~ shout*|swore|flirt*|texted
*worker|nurse|doctor|staff|manager|*sellor|volunteer|therapist|chemist ~ drunk|stoned|high
touched|touching ~ me|my inappropriate|inappropriately|leg|knee|bum|breast
inappropriate*
sexual*
racis*
homophob*|transphob*
discriminat*
refused|ignored ~ ambulance|treatment|help
neglect*
sold|sells|sell|selling ~ me|us ~ drugs|gear
told everyone|everybody|people|my family
breach* ~ confidential*
""",
    "threat": """
kill*|stab*|shoot*|hurt*|batter|burn|smash ~ him|her|them|you|some*|everyone|staff|*worker|people
threat*
knife|knives|gun|machete|acid attack
watch ~ back
get|getting|have my own back|revenge
revenge
know where ~ live|lives
swing for
do time for
bomb|arson
set ~ fire
""",
    "crime": """
dealing|dealer|dealers|deals
stole|stolen|steal|stealing|nicked|rob|robbed|robbing|robbery|burgl*|mugged|mugging
weapon|weapons
murder*
police
arrested
attack|attacked|attacking
grass|grassed
fraud
""",
    "prescribing": """
wrong|double|extra dose|dosage|script|prescription|medication|meds|medicine|tablets|bottle|name
dose|dosage|script|prescription|meds|medication ~ wrong|mistake|doubled|mixed
overmedicated|over medicated
too much methadone|medication|subutex|buprenorphine|meds
gave|given|give ~ someone|somebody else's|elses|else
driv* ~ stoned|drunk|high|drugs|methadone|drink|gear|using|gouching|script|dose
drunk|stoned|high|methadone|drink ~ driv*
drink driv*
nodding|gouching|gouch|nodded ~ wheel|driv*
allergic
withdraw* ~ cold|fit|fits|seizure|seizures
seizure|seizures|fitting|fitted
missed|missing|without|no|ran ~ script|prescription|methadone ~ days|weekend|week
""",
}


def worries(text: str) -> tuple[Worry, ...]:
    """Every reason to look, in order, at most one of a category on the same words.

    >>> [w.category for w in worries("some days i want to dye")]
    ['self_harm']
    """
    tokens = [
        (m[0].casefold().replace("’", "'"), m.start(), m.end()) for m in _TOKEN.finditer(text)
    ]
    said = [token for token, _, _ in tokens]
    begun = {token: _begun_by(token) for token in set(said)}
    found: list[Worry] = []
    for i, token in enumerate(said):
        for category, phrases in begun[token]:
            ends = [e for e in (_match(p, said, i) for p in phrases) if e]
            if ends:
                start, end = tokens[i][1], tokens[max(ends) - 1][2]
                found.append(Worry(category=category, reason=WORDS[category], start=start, end=end))
    return tuple(sorted(found, key=lambda w: (w.start, w.category)))


def _begun_by(token: str) -> tuple[tuple[Category, tuple[tuple[str, ...], ...]], ...]:
    """The phrases that may begin with this word: of most words there are none."""
    begun = (
        (category, tuple(phrase for phrase in phrases if _word(phrase[0], token)))
        for category, phrases in _parsed().items()
    )
    return tuple((category, phrases) for category, phrases in begun if phrases)


@cache
def _parsed() -> dict[Category, tuple[tuple[str, ...], ...]]:
    return {
        category: tuple(tuple(line.split()) for line in block.strip().splitlines())
        for category, block in _PHRASES.items()
    }


def _match(phrase: Sequence[str], said: Sequence[str], i: int) -> int:
    """Index after the last word that matches `phrase` from word `i` on; 0 for no match."""
    if not phrase:
        return i
    if phrase[0] == "~":
        tries = (_match(phrase[1:], said, j) for j in range(i, min(i + _GAP, len(said)) + 1))
        return next((end for end in tries if end), 0)
    if i < len(said) and _word(phrase[0], said[i]):
        return _match(phrase[1:], said, i + 1)
    return 0


@cache
def _word(choice: str, said: str) -> bool:
    return any(_same(wanted, said) for wanted in choice.split("|"))


def _same(wanted: str, said: str) -> bool:
    """The word itself, or something that is no English word and looks like it."""
    if wanted.startswith("*"):
        return said.endswith(wanted[1:])
    if wanted.endswith("*"):
        stem = wanted[:-1]
        if said.startswith(stem):
            return True
        if len(stem) < 6 or said in english():
            return False
        return any(alike(said[: len(stem) + more], stem, 1) for more in (-1, 0, 1))
    if said == wanted:
        return True
    if len(wanted) < 4 or said in english():
        return False
    return alike(said, wanted, 2 if len(wanted) >= 8 else 1)
