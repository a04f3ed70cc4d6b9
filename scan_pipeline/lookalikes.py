"""Two stories may be one paper that was scanned twice: where that is said, and what it means."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from scan_pipeline.progress import is_down, publication, says_yes
from scan_pipeline.story import PageReading, Story

_NAMED = re.compile(r"This looks like (S-\d{4}-\d+) scanned again, ", re.ASCII)
_COMPARE = "please compare the two."


def notice(story_id: str, *, differs: bool) -> str:
    """What is written down with a new story that may be the paper of `story_id`."""
    but = "something on it differs" if differs else "too little is written to be sure"
    return f"{naming(story_id)}but {but}: {_COMPARE}"


def naming(story_id: str) -> str:
    """How every such notice begins."""
    return f"This looks like {story_id} scanned again, "


def named(reading: PageReading) -> tuple[str, ...]:
    """The stories whose paper a reading may be, as its notices say."""
    found = (_NAMED.match(said) for said in reading.notices)
    return tuple(dict.fromkeys(match[1] for match in found if match))


def to_compare(story: Story, others: Iterable[Story]) -> tuple[str, ...]:
    """What a person has to know of those that look like `story`, a sentence for each."""
    return tuple(_told(story, other) for other in others)


def came_since(stories: Sequence[Story]) -> list[tuple[Story, tuple[str, ...]]]:
    """Stories that may be printed although, since the approval, one that looks like them came in
    that does not say yes, was found not to say it, or was taken down; each with what to look at.
    """
    known, alike = {s.id: s for s in stories}, defaultdict[str, list[Story]](list)
    for story in stories:
        for other in (known[name] for name in named(story.reading) if name in known):
            alike[story.id].append(other)
            alike[other.id].append(story)
    found = ((s, [o for o in alike[s.id] if _unseen(s, o)]) for s in stories)
    return [(story, to_compare(story, others)) for story, others in found if others]


def _unseen(story: Story, other: Story) -> bool:
    """Whether `other` speaks against showing `story`, and did not when that was approved."""
    approved = story.response.approved_at if story.response is not None else None
    if approved is None or publication(story) != "ready":
        return False
    unconfirmed = other.confirmation is None and other.version > story.version
    return not _is_shown(other) and (unconfirmed or _last_said(other) > approved)


def _last_said(story: Story) -> dt.datetime:
    """When it came, or when a person last said whether it may be shown."""
    said = [story.received_at]
    if story.confirmation is not None:
        said.append(story.confirmation.at)
    if story.moderation is not None and is_down(story):
        said.append(story.moderation.at)
    return max(said)


def _is_shown(story: Story) -> bool:
    return says_yes(story) and not is_down(story)


def _told(story: Story, other: Story) -> str:
    known = other.id in named(story.reading)
    against = _against(story, other)
    if not against:
        made = (said for said in story.reading.notices if said.startswith(naming(other.id)))
        again = f"{other.id} looks like this paper scanned again: {_COMPARE}"
        return next(made, again)
    if known:
        return f"{naming(other.id)}and {other.id} {against}: {_COMPARE}"
    return f"{other.id} looks like another scan of this paper and {against}: {_COMPARE}"


def _against(story: Story, other: Story) -> str:
    """What `other` says that `story` does not; "" where both say the same."""
    if is_down(other) and _is_shown(story):
        return "was taken down"
    if says_yes(story) and not says_yes(other):
        return "does not say yes to showing it"
    if says_yes(other) and not says_yes(story):
        return "says yes to showing it, as this one does not"
    return ""
