"""The demo's volunteer: knows what is truly on the paper, and corrects the machine by it.

In reality this is a person who looks at the picture. Nothing here is used by anything but the demo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from scan_pipeline.demo.batch import DemoPage
from scan_pipeline.reading.writing import REVIEW_BELOW
from scan_pipeline.store import Repository
from scan_pipeline.story import AnswerValue, ChoiceValue, PageReading, TextValue, WordReading

VOLUNTEER = "Volunteer (played by the demo)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word to show. `doubt`: the machine was not sure; `wrong`: it is not what was written."""

    text: str
    doubt: bool = False
    wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedText:
    """One written field: as the machine read it, and as it truly is.

    `wrong`: words that had to be corrected; `unmarked`: those among them in places where the
    machine had no doubt; `small`: words in which only a stop, comma or capital was wrong.
    """

    field: str
    machine: tuple[Word, ...]
    truth: tuple[Word, ...]
    wrong: int
    unmarked: int
    small: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedChoice:
    """One field of ticks. `unsure`: the machine asked for a person; `wrong`: it was wrong and
    did not ask."""

    field: str
    machine: AnswerValue
    truth: AnswerValue
    unsure: bool
    wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One leaflet, compared with what is truly on it."""

    texts: tuple[CheckedText, ...]
    choices: tuple[CheckedChoice, ...]

    @property
    def words(self) -> int:
        return sum(len(text.truth) for text in self.texts)

    @property
    def wrong_words(self) -> int:
        return sum(text.wrong for text in self.texts)

    @property
    def small_things(self) -> int:
        return sum(text.small for text in self.texts)

    @property
    def unmarked_words(self) -> int:
        return sum(text.unmarked for text in self.texts)


def play_volunteer(repo: Repository, story_id: str, page: DemoPage, *, worry: bool) -> Checked:
    """Correct every field that was read wrongly, answer the worry question, confirm.

    Returns what was right and wrong before.
    """
    reading = repo.story(story_id).reading
    checked = compare(reading, page)
    for text in checked.texts:
        if text.wrong or text.small:
            words = " ".join(word.text for word in text.truth)
            repo.correct(story_id, text.field, words, VOLUNTEER)
    for choice in checked.choices:
        if not same(choice.machine, choice.truth):
            repo.correct(story_id, choice.field, choice.truth, VOLUNTEER)
    note = "Somebody may be in danger at home." if worry else ""
    repo.confirm(story_id, VOLUNTEER, worry, note)
    return checked


def compare(reading: PageReading, page: DemoPage) -> Checked:
    """Hold what was read against what is truly on the paper, field by field."""
    texts, choices = [], []
    for name, value in reading.fields.items():
        if isinstance(value, TextValue):
            texts.append(compare_text(name, value, " ".join(page.texts.get(name, ()))))
        elif isinstance(value, ChoiceValue):
            truth = page.choices.get(name)
            choices.append(
                CheckedChoice(
                    field=name,
                    machine=value.value,
                    truth=truth,
                    unsure=value.review,
                    wrong=not value.review and not same(value.value, truth),
                )
            )
    return Checked(texts=tuple(texts), choices=tuple(choices))


def compare_text(name: str, value: TextValue, truth: str) -> CheckedText:
    """Word by word; a word that the machine left out counts as one wrong word."""
    read, true = list(_words(value)), truth.split()
    machine = [Word(text=w.text, doubt=w.confidence < REVIEW_BELOW) for w in read]
    written = [Word(text=text) for text in true]
    wrong = unmarked = small = 0
    matcher = SequenceMatcher(
        a=[_letters(w.text) for w in read], b=[_letters(text) for text in true], autojunk=False
    )
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind == "equal":
            pairs = zip(range(a0, a1), range(b0, b1), strict=True)
            differ = [(i, j) for i, j in pairs if machine[i].text != written[j].text]
            small += len(differ)
        else:
            differ = [(i, -1) for i in range(a0, a1)] + [(-1, j) for j in range(b0, b1)]
            count = max(a1 - a0, b1 - b0)
            wrong += count
            # A left-out word stands between others: a doubt about those brings the eye along.
            near = machine[max(0, a0 - (a0 == a1)) : a1 + (a0 == a1)]
            unmarked += 0 if any(word.doubt for word in near) else count
        for i, j in differ:
            if i >= 0:
                machine[i] = replace(machine[i], wrong=True)
            if j >= 0:
                written[j] = replace(written[j], wrong=True)
    return CheckedText(
        field=name,
        machine=tuple(machine),
        truth=tuple(written),
        wrong=wrong,
        unmarked=unmarked,
        small=small,
    )


def _letters(word: str) -> str:
    """A word without its stops, commas and capitals; a stop by itself stays as it is."""
    return "".join(c for c in word.casefold() if c.isalnum()) or word


def _words(value: TextValue) -> Iterator[WordReading]:
    """The words of a field with their confidence; those of a line where it has none of its own."""
    for line in value.lines:
        if line.words:
            yield from line.words
        else:
            yield from (WordReading(text=t, confidence=line.confidence) for t in line.text.split())


def same(got: AnswerValue, truth: AnswerValue) -> bool:
    """Several ticks are the same whatever their order; no tick is no answer."""
    if isinstance(got, Sequence) and not isinstance(got, str) and isinstance(truth, tuple):
        return set(got) == set(truth)
    return got == truth
