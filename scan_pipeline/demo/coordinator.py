"""The demo's coordinator: takes names out, writes the response, approves it.

What is written here was written beforehand; in reality it takes a person, and some thought.
"""

from __future__ import annotations

import calendar
import datetime as dt

from leaflets.settings import Service
from scan_pipeline import respond as answers
from scan_pipeline.demo.stories import Answer, DemoStory
from scan_pipeline.progress import publication
from scan_pipeline.store import Repository

COORDINATOR = "Coordinator (played by the demo)"


def play_coordinator(repo: Repository, story_id: str, story: DemoStory, service: Service) -> bool:
    """Check the words for the wall, and respond; not where the invented story has no answer, and
    never while somebody's worry holds it.

    Returns whether there is a response.
    """
    kept = repo.story(story_id)
    if story.answer is None or publication(kept) == "held":
        return False
    shown = {name: words for name, words in kept.answers.items() if isinstance(words, str)}
    texts = {name: made_safe(words, story) for name, words in shown.items() if name in story.texts}
    repo.moderate(story_id, COORDINATOR, texts)
    answer = story.answer
    response = answers.compose(
        text=answer.text,
        name=answer.responder,
        role=answer.role,
        change_status=None if answer.change == "none" else answer.change,
        change_text=answer.change_text,
        due=due_date(answer, dt.date.today()),
    )
    answers.respond(
        repo, story_id, response, service=service, by=COORDINATOR, approve=True, anyway=True
    )
    return True


def made_safe(words: str, story: DemoStory) -> str:
    for name, instead in story.taken_out:
        words = words.replace(name, instead)
    return words


def due_date(answer: Answer, today: dt.date) -> dt.date | None:
    """The last day of the month in which a planned change will be there."""
    if not answer.due_in_months:
        return None
    years, month = divmod(today.month - 1 + answer.due_in_months, 12)
    year = today.year + years
    return dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])
