"""Patterns of details that give somebody away whatever is said around them: numbers, addresses
on paper and on the web, dates. Written for Britain; misread letters are expected.

Every pattern takes time in step with the length of the text, whatever stands there: what cannot be
given back is possessive (`++`), and where a match may begin anywhere its length has a bound.
"""

from __future__ import annotations

import re

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTH = "|".join(MONTHS) + r"|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s++"
_YEAR = r"(?:,?\s*+(?:of\s++)?(?P<year>(?:19|20)\d\d|['’]\d\d)(?!\d))?"
_ON = rf"(?P<on>\bon\s++)?(?:\bthe\s++)?(?:\b{_DAY})?(?:the\s++)?"

# A name before the @ begins where the word does; after another address, at most 64 letters before.
EMAIL = re.compile(
    r"(?:(?<![^\s@])[^\s@]++|[^\s@]{1,64}+)@[^\s@]+\.[^\s@]+(?:@[^\s@]*)*"
    r"|(?:(?<![\w.+'-])[\w.+'-]++|(?<!\w)[\w.+'-]{1,64}+)"
    r"(?:\s*+(?:@|[(\[]at[)\]]|\bat\b)|(?<=[.+'-]at)(?=\s))"
    r"\s*+\w[\w-]*(?:\s*(?:\.|[(\[]dot[)\]]|\bdot\b)\s*\w[\w-]*)*"
    r"\s*(?:\.|[(\[]dot[)\]]|\bdot\b)\s*(?:com|co|uk|org|net|edu|info)\b(?:\s*\.\s*uk\b)?",
    re.I,
)
LINK = re.compile(
    r"(?:https?|ftp)\s*:\s*//\S+|\bwww\s?\.\s?\S+"
    r"|\b[\w-]{1,250}+(?:\.[\w-]{1,250}+){0,20}\.(?:com|uk|org|net|info|app|gg)\b(?:/\S*)?"
    r"|(?<![^\s(\[\"'“‘,;:])@[^\s@]+",
    re.I,
)
_SITE = (
    r"\b(?:insta(?:gram)?|snap(?:chat)?|tik\s?tok|facebook|fb|twitter|whats\s?app|telegram|"
    r"discord|kik)\b(?:\s{1,3}(?:name|handle|user(?:name)?|account)\b)?"
)
ACCOUNT = re.compile(rf"{_SITE}(?:\s+is\b|\s*[:=])\s*(?P<what>\S+)", re.I)
# What stands right after the name of such a site: an account only if it is no ordinary word.
BY_A_SITE = re.compile(
    rf"{_SITE}(?:\s{{1,3}}(?:me|us|at|on|under|its|it['’]s|called)\b)?\s{{0,3}}-?\s{{1,3}}"
    r"(?P<what>[^\s,;:!?\"“”()\[\]]{2,64})",
    re.I,
)
# Letters that are read for figures count only inside the run, never at its end: words follow.
# Not possessive: up to Python 3.11.4 such a group kept what its last, failed round had taken.
NUMBER_RUN = re.compile(
    r"(?:(?<![+(])(?<![+(]\s)(?:[+(]\s?)++)?(?:(?<![^\W\d_])[Oo](?=\d{3}))?\d"
    r"(?:(?:[\s().\-–—‐‑/_·]{1,3}+|,)?+[OolI]*+\d)*"
)
_FIGURE = (
    r"(?:zero|oh|o|nought|naught|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|fou?rty|fifty|"
    r"sixty|seventy|eighty|ninety|hundred|thousand|double|treble|triple|\d{1,11})\b"
)
SPOKEN_NUMBER = re.compile(rf"\b{_FIGURE}(?:[\s,-]{{1,3}}(?:and\s{{1,3}})?{_FIGURE})+", re.I)
HARMLESS_NUMBER = re.compile(
    r"(?:(?:19|20)\d\d[\s,/–-]+){0,3}(?:19|20)\d\d"  # years
    r"|\d{1,3}(?:,\d{3})+(?:\.\d\d)?"  # a million
    r"|116[\s-]?123"  # the Samaritans
    r"|(?:(?:10|[0-9])/10\W*)+"  # marks out of ten
)
POSTCODE = re.compile(
    r"(?<![^\W_])[A-Za-z]{1,2}[0-9O][0-9A-Za-z]?\s{0,2}[0-9O][A-Za-z]{2}(?![^\W_])"
    r"|[A-Z]{1,2}[0-9][0-9A-Z]?\s{0,2}[0-9][A-Z]{2}"
)
POSTCODE_AREA = re.compile(
    r"\b(?:live|lives|living|lived|stay|stays|staying|from|in|near|over)\s+(?:in\s+|at\s+)?"
    r"(?P<what>[A-Za-z]{1,2}\d{1,2}[A-Za-z]?)\b(?!\s*\d)"
)
INSURANCE_NUMBER = re.compile(r"(?<!\w)[A-Za-z]{2}\s?\d\d\s?\d\d\s?\d\d\s?[A-Da-d](?!\w)")
VEHICLE = re.compile(r"(?<!\w)[A-Z]{2}\d{2}\s?[A-Z]{3}(?!\w)")

_ROAD = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|close|drive|court|crescent|terrace|place|way|"
    r"gardens|grove|row|walk|rise|view|mews|square|hill)\b"
)
_HOME = (
    r"(?:(?:flat|apartment|apt|room|unit|house|no|number)\.?\s*+)?\d{1,4}[A-Za-z]?(?:\s*+,)?+\s++"
)
ADDRESS = re.compile(
    rf"\b(?i:{_HOME})(?:[A-Z][\w'’-]*+\s++){{1,3}}(?i:{_ROAD})"
    r"|\b(?i:flat|apartment|apt)\.?\s+\d{1,4}[A-Za-z]?\b"
)
LOOSE_ADDRESS = re.compile(rf"\b{_HOME}(?P<middle>(?:[A-Za-z'’-]++\s++){{1,2}}?){_ROAD}", re.I)
PLACE = re.compile(
    rf"\b(?:[A-Z][\w'’-]{{1,250}}+\s++){{1,3}}(?i:{_ROAD}|house|hostel|hotel|lodge|towers?|flats|estate|"
    r"hospital|school|academy|college|prison|pub|church|mosque)\b"
    r"|\bHMP\s+[A-Z]\w+|\bHM\s+Prison\s+\w+"
)
AGE = re.compile(
    r"\b(?:i\s+am|i['’]?m|she\s+is|he\s+is|s?he['’]s|aged?|turned|turning)\s+(?:now\s+)?"
    r"(?P<what>[1-9]\d)\b(?!\s*(?:%|min|hour|hr|day|week|month|mile|mg|ml|stone|per|th\b|st\b|nd\b|rd\b|/|\.\d))"
    r"|\b(?P<old>\d{1,2})[\s-]*(?:years?|yrs?|y/?o)[\s-]*olds?\b",
    re.I,
)
BORN = re.compile(r"\b(?:born|d\.?o\.?b\.?|date\s+of\s+birth|birthday)\b[^.!?\n]{0,20}$", re.I)

DAY_MONTH = re.compile(
    rf"{_ON}(?<!\d)(?P<day>\d{{1,2}})\s*+(?P<th>st|nd|rd|th)?+\s*+(?:of\s++)?+[-/.,]?+\s*+"
    rf"(?P<month>{_MONTH})(?![^\W\d_]){_YEAR}",
    re.I,
)
MONTH_DAY = re.compile(
    rf"{_ON}\b(?P<month>{_MONTH})\s++(?:the\s++)?(?P<day>\d{{1,2}})(?P<th>st|nd|rd|th)?(?!\d|\w|:){_YEAR}",
    re.I,
)
MISSPELT_MONTH = re.compile(
    rf"{_ON}(?<!\d)(?P<day>\d{{1,2}})\s?(?P<th>st|nd|rd|th)\s++(?:of\s++)?(?P<month>[A-Za-z]{{5,10}}){_YEAR}",
    re.I,
)
FIGURES = re.compile(
    rf"{_ON}(?<![\d/.\-])(?P<day>\d{{1,2}})\s?(?P<sep>[/.\-]|\s)\s?(?P<month>\d{{1,2}})"
    r"(?:\s?(?P=sep)\s?(?P<year>(?:19|20)?\d\d))?(?![\d/]|[.\-]\d)",
    re.I,
)
ISO_DATE = re.compile(
    r"(?P<on>\bon\s++)?(?<!\d)(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
    re.I,
)
TIME = re.compile(r"(?<![\d:.])\d{1,2}(?:[:.][0-5]\d(?:\s*[ap]\.?m\b\.?)?|\s*[ap]\.?m\b\.?)", re.I)
NOT_A_DATE = frozenset({"24/7", "1/2", "1/3", "1/4", "3/4", "2/3", "9/5", "9-5", "12/7"})


def nhs_number(digits: str) -> bool:
    """Ten digits of which the last is the right check digit (modulus 11)."""
    if len(digits) != 10 or not digits.isascii():
        return False
    total = sum(int(d) * (10 - i) for i, d in enumerate(digits[:9]))
    return (11 - total % 11) % 11 == int(digits[9])
