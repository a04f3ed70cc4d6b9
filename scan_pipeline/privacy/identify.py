"""Find what gives people away. Findings are suggestions: a person decides about all but the
plainest of them. Meant to find too much rather than too little."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from scan_pipeline.privacy import details as d
from scan_pipeline.privacy import people
from scan_pipeline.privacy.words import alike, english

Kind = Literal[
    "email",
    "link",
    "number",
    "nhs_number",
    "insurance_number",
    "vehicle",
    "postcode",
    "address",
    "birth_date",
    "date",
    "time",
    "name",
    "staff_name",
    "age",
    "place",
    "relation",
]
Action = Literal["remove", "soften", "ask", "hint"]
"""remove, soften: done to every text before it is public. ask: a person must decide first.
hint: worth a look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A detail at `text[start:end]`; `suggestion` is what could stand there instead, `reason`
    says why in words for a coordinator."""

    kind: Kind
    action: Action
    start: int
    end: int
    suggestion: str
    reason: str


_REASONS: dict[Kind, str] = {
    "email": "an e-mail address",
    "link": "a web address or an account name",
    "number": "a telephone number or another long number",
    "nhs_number": "an NHS number",
    "insurance_number": "a National Insurance number",
    "vehicle": "a number plate",
    "postcode": "a postcode",
    "address": "an address",
    "birth_date": "a date of birth",
    "date": "an exact date: the month is enough",
    "time": "a time of day, which together with a date says who was there",
    "name": "perhaps somebody’s name",
    "staff_name": "a worker’s name: in praise the first name may stay, in criticism the job "
    "title says enough",
    "age": "somebody’s age",
    "place": "a place where somebody could be looked for",
    "relation": "somebody’s family or partner, who may be recognised",
}
_REMOVED: dict[Kind, str] = {
    "email": "[e-mail removed]",
    "link": "[link removed]",
    "number": "[number removed]",
    "nhs_number": "[number removed]",
    "insurance_number": "[number removed]",
    "vehicle": "[number removed]",
    "postcode": "[postcode removed]",
    "address": "[address removed]",
    "birth_date": "[date of birth removed]",
    "time": "[time]",
    "name": "[name]",
    "staff_name": "[worker’s name]",
    "age": "[age]",
    "place": "[place]",
}
BORN_BEFORE = 80
"""How many letters before a date may say that somebody was born then."""
HELP_NUMBERS = frozenset({"999", "111", "101", "116123", "85258"})


def find(text: str) -> tuple[Finding, ...]:
    """Every personal detail that was found in `text`, in order; no two overlap.

    >>> [f.suggestion for f in find("Ring me on 07700 900123.")]
    ['[number removed]']
    """
    found: list[Finding] = []
    taken = bytearray(len(text))
    for finder in _FINDERS:
        for finding in finder(text):
            if 1 not in taken[finding.start : finding.end]:
                found.append(finding)
                taken[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
    return tuple(_times_by_dates(text, sorted(found, key=lambda f: f.start)))


def finding(kind: Kind, action: Action, span: tuple[int, int], suggestion: str = "") -> Finding:
    """A finding with the usual words for its kind."""
    return Finding(
        kind=kind,
        action=action,
        start=span[0],
        end=span[1],
        suggestion=suggestion or _REMOVED.get(kind, ""),
        reason=_REASONS[kind],
    )


def _plain(kind: Kind, pattern: re.Pattern[str], action: Action) -> Callable[[str], list[Finding]]:
    def search(text: str) -> list[Finding]:
        group = "what" if "what" in pattern.groupindex else 0
        return [
            finding(kind, action, m.span(group if m[group] is not None else 0))
            for m in pattern.finditer(text)
        ]

    return search


def _numbers(text: str) -> Iterator[Finding]:
    for m in d.NUMBER_RUN.finditer(text):
        digits = re.sub(r"\D", "", re.sub("[Oo]", "0", re.sub("[lI]", "1", m[0])))
        money = _before(text, m.start()) in {"£", "$", "€"}
        if len(digits) < 6 or (money and len(digits) < 9) or d.HARMLESS_NUMBER.fullmatch(m[0]):
            continue
        if len(digits) <= 8 and any(p.fullmatch(m[0]) for p in (d.FIGURES, d.ISO_DATE)):
            continue
        yield finding("nhs_number" if d.nhs_number(digits) else "number", "remove", m.span())


def _spoken_numbers(text: str) -> Iterator[Finding]:
    for m in d.SPOKEN_NUMBER.finditer(text):
        said = [part for part in re.findall(r"\w+", m[0]) if part.casefold() != "and"]
        figures = sum(len(part) if part.isdigit() else 1 for part in said)
        long = len(said) >= 6 or (m[0].startswith("0") and figures >= 6)
        if long and not all(part.isdigit() for part in said):  # those are for `_numbers`
            yield finding("number", "remove", m.span())


def _accounts(text: str) -> Iterator[Finding]:
    for m in d.BY_A_SITE.finditer(text):
        start, said = m.start("what"), m["what"].rstrip(".'’…")
        if people.is_no_word(said):
            yield finding("link", "ask", (start, start + len(said)))


def _before(text: str, end: int) -> str:
    """The last letter or sign before `end`; "" where there is none."""
    while end and text[end - 1].isspace():
        end -= 1
    return text[end - 1 : end] if end else ""


def _addresses(text: str) -> Iterator[Finding]:
    for m in d.ADDRESS.finditer(text):
        yield finding("address", "remove", m.span())
    for m in d.LOOSE_ADDRESS.finditer(text):
        # "10 minutes down the road" is no address; "10 spring st" is one.
        if not people.SMALL_WORDS & set(m["middle"].casefold().split()):
            yield finding("address", "ask", m.span())


def _dates(text: str) -> Iterator[Finding]:
    for pattern in (d.ISO_DATE, d.DAY_MONTH, d.MONTH_DAY, d.MISSPELT_MONTH, d.FIGURES):
        for m in pattern.finditer(text):
            month = _month(m, pattern)
            if month is None or not 1 <= int(m["day"]) <= 31:
                continue
            if d.BORN.search(text, max(0, m.start() - BORN_BEFORE), m.start()):
                yield finding("birth_date", "remove", m.span())
                continue
            year = _year(m["year"])
            words = f"{month} {year}" if year else month
            yield finding("date", "soften", m.span(), f"in {words}" if m["on"] else words)


def _month(m: re.Match[str], pattern: re.Pattern[str]) -> str | None:
    """The month's name; None where it is no date after all."""
    said = m["month"].rstrip(".")
    if said.isdigit():
        loose = m.groupdict().get("sep", "-") in " \t\n" and not m["year"]
        scored = m.groupdict().get("sep") == "/" and said == "10" and not m["year"]
        decimal = m.groupdict().get("sep") == "." and not m["year"]
        if loose or scored or decimal or m[0].strip() in d.NOT_A_DATE:
            return None
        return d.MONTHS[int(said) - 1] if 1 <= int(said) <= 12 else None
    if said in {"may", "march", "mar", "dec", "sep"} and not (m["th"] or m["year"]):
        return None
    if pattern is d.MISSPELT_MONTH and said.casefold() in english():
        return None
    near = [n for n in d.MONTHS if alike(said.casefold(), n.casefold(), 1 if len(n) < 7 else 2)]
    exact = [n for n in d.MONTHS if n.casefold().startswith(said.casefold()[:3])]
    return next(iter(near if pattern is d.MISSPELT_MONTH else exact), None)


def _year(said: str | None) -> str:
    if not said:
        return ""
    figures = said.strip("'’")
    return figures if len(figures) == 4 else ("20" if int(figures) < 50 else "19") + figures


def _people(text: str) -> Iterator[Finding]:
    for start, end, staff, sure in people.names_in(text):
        yield finding("staff_name" if staff else "name", "ask" if sure else "hint", (start, end))


def _relations(text: str) -> Iterator[Finding]:
    for m in people.RELATION.finditer(text):
        yield finding("relation", "hint", m.span())


def _times_by_dates(text: str, found: list[Finding]) -> Iterator[Finding]:
    """A time of day goes when its sentence has an exact date as well; alone it may stay."""
    breaks = [(m.start(), m.end() + bool(m[1])) for m in re.finditer(r"[!?\n]|(\.)(?=\s)", text)]

    def broken(start: int, end: int) -> bool:
        after = bisect_left(breaks, (start, 0))
        return after < len(breaks) and breaks[after][1] <= end

    dates = [f for f in found if f.kind == "date"]
    starts = [f.start for f in dates]
    for f in found:
        if f.kind != "time":
            yield f
            continue
        # The nearest date on each side tells: whatever parts the time from it parts it from others.
        i = bisect_left(starts, f.start)
        near = ((min(f.start, x.start), max(f.end, x.end)) for x in dates[max(0, i - 1) : i + 1])
        together = any(not broken(*part) for part in near)
        yield finding("time", "soften", (f.start, f.end)) if together else f


_FINDERS: tuple[Callable[[str], Iterator[Finding] | list[Finding]], ...] = (
    _plain("email", d.EMAIL, "remove"),
    _plain("link", d.LINK, "remove"),
    _plain("insurance_number", d.INSURANCE_NUMBER, "remove"),
    _plain("postcode", d.POSTCODE, "remove"),
    _plain("vehicle", d.VEHICLE, "remove"),
    _spoken_numbers,
    _numbers,
    _addresses,
    _dates,
    _plain("time", d.TIME, "hint"),
    _plain("age", d.AGE, "ask"),
    _plain("postcode", d.POSTCODE_AREA, "ask"),
    _plain("link", d.ACCOUNT, "ask"),
    _plain("place", d.PLACE, "ask"),
    _accounts,
    _people,
    _relations,
)
