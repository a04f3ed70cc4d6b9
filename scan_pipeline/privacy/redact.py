"""The one door through which people's words become public: the only maker of `PublicText`.

Certain details (numbers, addresses, links) go whatever anybody decided; exact dates become months.
What only may be a name is settled by a person: until then there are `Doubts`, and no text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from leaflets.content import PublicText
from scan_pipeline.privacy.identify import Finding, find
from scan_pipeline.privacy.names import FIRST_NAMES
from scan_pipeline.privacy.words import english, words_of

_ROUNDS = 8
_GREETING = re.compile(
    r"\b(?:dear|hi|hello|hey|thank\s+you|thanks|well\s+done|congratulations)\b,?\s++", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """No public text yet: a person must decide about these. `reasons` are in plain words and
    quote nothing that was written."""

    findings: tuple[Finding, ...] = ()
    reasons: tuple[str, ...] = ()


def redact(text: str) -> str:
    """`text` without its certain details, and with months for dates. Brackets show each edit."""
    return _replace(text, {"remove", "soften"})


def suggest(text: str) -> str:
    """A first draft for the coordinator: as `redact`, and with "[name]" and so on where a person
    must decide. Never public by itself."""
    return _replace(text, {"remove", "soften", "ask"})


def publish(text: str, *, settled: bool = False) -> PublicText | Doubts:
    """The public form of what somebody wrote, or the doubts that stand against it.

    `settled`: a coordinator left these very words for the wall, so possible names in them were
    seen and decided about. Certain details are taken out even then.
    """
    safe = redact(text)
    findings = () if settled else tuple(f for f in find(safe) if f.action == "ask")
    if findings:
        return Doubts(findings=findings, reasons=_reasons(findings))
    return PublicText(safe)


def own_words(text: str) -> PublicText:
    """Words that the service or the form itself uses, such as the label of a tick box."""
    return PublicText(text)


def publish_response(
    text: str, *, originals: Iterable[str], shown: Iterable[str]
) -> PublicText | Doubts:
    """The public form of what a worker wrote, who may well name themselves or a telephone number
    of the service; but never what was taken out of the story (`originals` as written, `shown` as
    it will hang on the wall), nor the writer's name."""
    reasons = response_doubts(text, originals=originals, shown=shown)
    return Doubts(reasons=reasons) if reasons else PublicText(text)


def response_doubts(
    text: str, *, originals: Iterable[str], shown: Iterable[str]
) -> tuple[str, ...]:
    """Why a response would give the writer away; empty when nothing was found."""
    seen, said = _Said.of(" ".join(shown)), _Said.of(text)
    reasons: dict[str, None] = {}
    for original in originals:
        for f in find(original):
            detail = original[f.start : f.end]
            taken_out = f.action != "hint" and not seen.has(detail)
            if taken_out and said.has(detail):
                told = f"The response repeats a detail that the story does not show: {f.reason}."
                reasons[told] = None
    for f in find(text):
        if f.kind in {"nhs_number", "insurance_number", "birth_date"}:
            reasons[f"The response has {f.reason} in it."] = None
    if _greets_by_name(text, seen):
        reasons["The response seems to call the writer by name. Use the story name."] = None
    return tuple(reasons)


def _replace(text: str, actions: set[str]) -> str:
    """Until nothing is left: one edit may bring two halves of a number to light."""
    for _ in range(_ROUNDS):
        todo = [f for f in find(text) if f.action in actions]
        if not todo:
            break
        ends = [0, *(f.end for f in todo)]
        kept = [text[end : f.start] + f.suggestion for end, f in zip(ends, todo, strict=False)]
        text = "".join(kept) + text[ends[-1] :]
    return text


def _reasons(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"there may be {f.reason}" for f in findings))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a text says, however it is spaced or capitalised: all of it in one run, and its words
    with one space around each."""

    run: str
    words: str

    @classmethod
    def of(cls, text: str) -> _Said:
        run = re.sub(r"[^\w]|_", "", text)
        return cls(run=run, words=" ".join(("", *re.findall(r"\w+", text.casefold()), "")))

    def has(self, detail: str) -> bool:
        digits = re.sub(r"\D", "", detail)
        if len(digits) >= 6:
            return digits in self.run
        words = re.findall(r"\w+", detail.casefold())
        return bool(words) and f" {' '.join(words)} " in self.words


def _greets_by_name(text: str, seen: _Said) -> bool:
    greeted = {m.end() for m in _GREETING.finditer(text)}
    for word in words_of(text):
        if not word.capital or word.start not in greeted or seen.has(word.text):
            continue
        if word.bare in FIRST_NAMES or (word.bare not in english() and not word.text.isupper()):
            return True
    return False
