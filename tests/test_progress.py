"""Where a story stands: each rule that protects the writer, alone and all together."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from made_stories import reading, response

from scan_pipeline.progress import order, progress, publication, why_not_on_the_wall
from scan_pipeline.story import Change, ChangeStatus, Confirmation, Moderation, Story

NOW = dt.datetime(2026, 11, 3, tzinfo=dt.UTC)
CONFIRMED = Confirmation(by="Sam", at=NOW, worry=False)
WORRIED = Confirmation(by="Sam", at=NOW, worry=True)
MODERATED = Moderation(by="Jo", at=NOW, display={"story": "Words."})
APPROVED = replace(response(), approved_by="Jo", approved_at=NOW)
READY = Story(
    id="S-2026-001",
    received_at=NOW,
    reading=reading(),
    answers={"story": "Words.", "consent_display": True},
    image_sha256="",
    image_suffix="",
    confirmation=CONFIRMED,
    moderation=MODERATED,
    response=APPROVED,
)


def with_change(status: ChangeStatus, text: str = "A second line.", due: bool = True) -> Story:
    change = Change(status=status, text=text, due=dt.date(2026, 12, 1) if due else None)
    return replace(READY, response=replace(APPROVED, change=change))


def test_a_story_with_every_step_done_may_go_on_the_wall() -> None:
    assert why_not_on_the_wall(READY) == ""
    assert publication(READY) == "ready"
    assert why_not_on_the_wall(replace(READY, moderation=None)) == ""


@pytest.mark.parametrize(
    ("story", "stands", "told"),
    [
        (replace(READY, confirmation=None), "in_review", "confirm"),
        (replace(READY, answers={"consent_display": False}), "not_for_display", "did not tick"),
        (replace(READY, answers={"consent_display": None}), "not_for_display", "did not tick"),
        (replace(READY, answers={"consent_display": "yes"}), "not_for_display", "did not tick"),
        (replace(READY, answers={}), "not_for_display", "did not tick"),
        (replace(READY, confirmation=None, answers={}), "in_review", "confirm"),
        (replace(READY, worry=WORRIED), "held", "worries"),
        (replace(READY, confirmation=WORRIED), "held", "worries"),
        (replace(READY, confirmation=None, worry=WORRIED), "held", "worries"),
        (replace(READY, moderation=replace(MODERATED, withdrawn=True)), "taken_down", "down"),
        (replace(READY, moderation=replace(MODERATED, stale=True)), "in_review", "changed"),
        (replace(READY, response=None), "in_review", "no response"),
        (replace(READY, response=response()), "in_review", "approve"),
        (replace(READY, response=replace(APPROVED, text=" ")), "in_review", "no response"),
        (with_change("made", " \n"), "in_review", "not explained"),
        (with_change("cannot", ""), "in_review", "not explained"),
        (with_change("planned", due=False), "in_review", "no date"),
    ],
)
def test_each_missing_step_keeps_it_off_and_is_named(story: Story, stands: str, told: str) -> None:
    assert publication(story) == stands
    assert told in why_not_on_the_wall(story)


def test_a_settled_worry_no_longer_holds() -> None:
    settled = replace(MODERATED, worry_settled="Spoke to the lead.")
    assert publication(replace(READY, worry=WORRIED, moderation=settled)) == "ready"
    down = replace(settled, withdrawn=True)
    assert publication(replace(READY, worry=WORRIED, moderation=down)) == "taken_down"


def test_ready_and_having_no_reason_against_are_the_same_for_every_story() -> None:
    settled = replace(MODERATED, worry_settled="Done.")
    stories = [
        replace(READY, answers=a, confirmation=c, worry=w, moderation=m, response=r)
        for a, c, w, m, r in itertools.product(
            (READY.answers, {}),
            (None, CONFIRMED, WORRIED),
            (None, WORRIED),
            (None, MODERATED, settled, replace(settled, stale=True, worry_settled="")),
            (None, response(), APPROVED),
        )
    ]
    ready = [story for story in stories if publication(story) == "ready"]
    assert [story for story in stories if not why_not_on_the_wall(story)] == ready
    assert 0 < len(ready) < len(stories) / 10
    for story in ready:
        assert story.answers["consent_display"] is True
        assert story.confirmation is not None
        assert story.response is not None and story.response.approved_at is not None


@pytest.mark.parametrize(
    ("story", "stands"),
    [
        (replace(READY, response=None), "awaiting_response"),
        (replace(READY, response=response()), "awaiting_response"),
        (READY, "responded"),
        (with_change("made"), "change_made"),
        (with_change("planned"), "change_planned"),
        (with_change("cannot"), "no_change_possible"),
        (replace(with_change("made"), answers={}), "change_made"),
    ],
)
def test_progress_is_told_by_the_approved_response_alone(story: Story, stands: str) -> None:
    assert progress(story) == stands


def test_who_needs_somebody_most_comes_first_and_the_longest_waiting_before_others() -> None:
    def named(number: int, story: Story) -> Story:
        return replace(story, id=f"S-2026-{number:03d}")

    unconfirmed = replace(READY, confirmation=None)
    given = [
        named(1, READY),
        named(2, unconfirmed),
        named(3, replace(READY, worry=WORRIED)),
        named(4, unconfirmed),
        named(5, replace(unconfirmed, worry=WORRIED)),
        named(6, READY),
    ]
    assert [story.id[-1] for story in order(given)] == ["3", "5", "2", "4", "1", "6"]
