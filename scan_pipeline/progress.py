"""Where a story stands: may it be on the wall, what has been done about it, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from scan_pipeline.story import CONSENT, Progress, Publication, Response, Story

TAKE_OFF = "A poster of it may hang on the wall: please take it off."
PUT_IN_ITS_PLACE = (
    "An older poster of it may hang on the wall: please put the new one in its place."
)


WORRIES = "Something in it worries somebody: the coordinator has to look at it first."
LISTED = (
    "A list of words found something in it that may be about somebody’s safety: the coordinator "
    "has to look at it first."
)
DOWN = "It was taken down, and stays down."


def is_down(story: Story) -> bool:
    """Whether the writer had it taken down."""
    return story.moderation is not None and story.moderation.withdrawn


def says_yes(story: Story) -> bool:
    """Whether the writer ticked that it may be shown. An answer in doubt is no yes."""
    return story.answers.get(CONSENT) is True


def to_confirm(story: Story) -> bool:
    """Whether a person has still to read it: not what its writer took back, but for a worry."""
    return story.confirmation is None and publication(story) != "taken_down"


def worry_unsettled(story: Story) -> bool:
    """Whether somebody's worry still holds the story."""
    worried = story.worry is not None or (
        story.confirmation is not None and story.confirmation.worry
    )
    settled = story.moderation is not None and bool(story.moderation.worry_settled)
    return worried and not settled


def held_by_list(story: Story) -> bool:
    """Whether the list of words alone holds the story: nobody has said to be worried."""
    return worry_unsettled(story) and story.worry is not None and story.worry.by_list


def publication(story: Story) -> Publication:
    """May it be on the wall? A worry comes before everything else.

    "published" is never given: nothing here knows what hangs on a wall.
    """
    if worry_unsettled(story):
        return "held"
    if is_down(story):
        return "taken_down"
    if story.confirmation is not None and not says_yes(story):
        return "not_for_display"
    return "in_review" if why_not_on_the_wall(story) else "ready"


def progress(story: Story) -> Progress:
    """What has been done about it? A draft is no response yet."""
    response = story.response
    if response is None or response.approved_at is None:
        return "awaiting_response"
    if response.change is None:
        return "responded"
    match response.change.status:
        case "made":
            return "change_made"
        case "planned":
            return "change_planned"
        case "cannot":
            return "no_change_possible"


def why_not_on_the_wall(story: Story) -> str:
    """The first thing that keeps a story off the wall, in plain words; "" when it may go."""
    down = is_down(story)
    if worry_unsettled(story):
        # Both, as they end in different ways: settling the worry does not bring it back.
        why = LISTED if held_by_list(story) else WORRIES
        return f"{why} {DOWN}" if down else why
    if down:
        return DOWN
    if story.confirmation is None:
        return "A person has to compare the text with the picture and confirm it."
    if not says_yes(story):
        return "The writer did not tick “Yes, show my story”."
    if story.moderation is not None and story.moderation.stale:
        return "The text was changed after it was checked for the wall: please check it again."
    return _why_not_answered(story.response)


def about_the_poster(story: Story) -> str:
    """What is to be done at the wall, as nothing here knows what hangs there; "" for nothing."""
    if story.approvals and why_not_on_the_wall(story):
        return TAKE_OFF
    return PUT_IN_ITS_PLACE if story.approvals > 1 else ""


def _why_not_answered(response: Response | None) -> str:
    if response is None or not response.text.strip():
        return "It has no response yet."
    change = response.change
    if change is not None and not change.text.strip():
        return "The change is not explained: say what it is, or leave it out."
    if change is not None and change.status == "planned" and change.due is None:
        return "The planned change has no date: say by when."
    if response.lapsed:
        return "It was changed after it was approved: the coordinator has to approve it again."
    if response.approved_at is None:
        return "The coordinator has to approve the response."
    return ""


def order(stories: Iterable[Story]) -> list[Story]:
    """Unsettled worries first, then what nobody has confirmed, then the rest; each oldest first."""

    def urgency(story: Story) -> int:
        return 0 if worry_unsettled(story) else 1 if story.confirmation is None else 2

    return sorted(stories, key=urgency)
