"""Answer stories, and bring those that may be seen to the poster printer."""

from __future__ import annotations

import datetime as dt

from leaflets.content import PosterContent
from leaflets.errors import BadInvocation, NotAllowed
from leaflets.settings import Service
from scan_pipeline.board import doubts_about, poster_of
from scan_pipeline.privacy.identify import find
from scan_pipeline.progress import publication
from scan_pipeline.store import Repository
from scan_pipeline.story import Change, ChangeStatus, Response, Story

COORDINATOR = "the coordinator"
_STATUSES: dict[str, ChangeStatus] = {"made": "made", "planned": "planned", "cannot": "cannot"}


def respond(
    repo: Repository,
    story_id: str,
    *,
    text: str,
    name: str,
    role: str,
    change_status: str | None = None,
    change_text: str = "",
    due: dt.date | None = None,
    approve: bool = False,
    dry_run: bool = False,
) -> tuple[str, ...]:
    """Write a response to a story, and with `approve` let it go on the wall.

    Returns what the coordinator should know, in plain sentences. Raises `BadInvocation` when a
    part is missing, `NotAllowed` when the story may not be answered in public yet, or the response
    would give the writer away. With `dry_run` everything is looked at and nothing is written.
    """
    for said, what in ((text, "The response has no words"), (name, "The response has no name")):
        if not said.strip():
            raise BadInvocation(f"{what}.", remedy="Please fill in every part and try again.")
    if not role.strip():
        raise BadInvocation("The response has no role.", remedy="Say it with --role.")
    change = _change(change_status, change_text, due)
    story = repo.story(story_id)
    doubts = doubts_about(story, _joined(text, change))
    if approve:
        _refuse_approval(story, doubts)
    response = Response(
        text=text.strip(),
        responder_name=name.strip(),
        responder_role=role.strip(),
        at=dt.datetime.now(dt.UTC),
        change=change,
    )
    if not dry_run:
        repo.add_response(story.id, response)
        if approve:
            repo.approve_response(story.id, COORDINATOR)
    return (*doubts, *_advice(story, text, change, name, approve))


def _change(status: str | None, text: str, due: dt.date | None) -> Change | None:
    """The change, complete: a promise without words or date is worse than none."""
    if status is None:
        if text.strip() or due is not None:
            raise BadInvocation(
                "A change needs its kind.", remedy="Add --change made, planned or cannot."
            )
        return None
    if status not in _STATUSES:
        raise BadInvocation(
            f"{status!r} is no kind of change.", remedy="Choose made, planned or cannot."
        )
    if not text.strip():
        raise BadInvocation(
            "The change is not explained.",
            remedy="Say with --change-text what it is, or why it cannot be.",
        )
    if status == "planned" and due is None:
        raise BadInvocation(
            "The planned change has no date.", remedy="Say by when: --due YYYY-MM-DD."
        )
    if status == "planned" and due is not None and due < dt.date.today():
        raise BadInvocation(
            "The planned change is due in the past.",
            remedy="Give a day that is still to come, or say that the change is made.",
        )
    if status != "planned" and due is not None:
        raise BadInvocation(
            "Only a planned change has a date.", remedy="Leave --due out, or use --change planned."
        )
    return Change(status=_STATUSES[status], text=text.strip(), due=due)


def _refuse_approval(story: Story, doubts: tuple[str, ...]) -> None:
    if publication(story) == "held":
        raise NotAllowed(
            f"{story.id} is held, because something in it worries somebody.",
            remedy="Open it in `leaflets desk` and write down what was done about it; then "
            "approve. Without --approve the response can be kept as a draft.",
        )
    if story.confirmation is None:
        raise NotAllowed(
            f"Nobody has compared {story.id} with the picture of the writing yet.",
            remedy="Open it in `leaflets desk` and confirm the text; then approve. Without "
            "--approve the response can be kept as a draft.",
        )
    if doubts:
        raise NotAllowed(
            " ".join(doubts),
            remedy="Write it in other words. If everybody may read the detail, check the story’s "
            "words for the wall in `leaflets desk` first.",
        )


def _advice(
    story: Story, text: str, change: Change | None, name: str, approve: bool
) -> tuple[str, ...]:
    """What is allowed, and still worth a second look."""
    advice = []
    kinds = {f.kind for f in find(_joined(text, change))}
    if kinds & {"number", "email", "link", "address", "postcode"}:
        advice.append(
            "The response has a telephone number or address in it: everybody in the room reads it."
        )
    if len(name.split()) > 1:
        advice.append("A first name is enough on the wall.")
    earlier = story.response
    if earlier is not None and earlier.approved_at is not None and not approve:
        advice.append("The earlier response was approved; this one is not yet.")
    if story.confirmation is not None and story.answers.get("consent_display") is not True:
        advice.append("The writer did not tick “Yes, show my story”: it will not be printed.")
    return tuple(advice)


def _joined(text: str, change: Change | None) -> str:
    return f"{text}\n\n{change.text}" if change is not None else text


def collect_posters(
    repo: Repository, service: Service, *, today: dt.date | None = None
) -> tuple[list[PosterContent], list[tuple[str, str]]]:
    """What may be printed, and (story, plain reason) for every story that may not; both in order
    of their numbers."""
    contents: list[PosterContent] = []
    withheld: list[tuple[str, str]] = []
    for story in sorted(repo.stories(), key=lambda s: (s.received_at.year, len(s.id), s.id)):
        found = poster_of(story, service, today=today)
        if isinstance(found, str):
            withheld.append((story.id, found))
        else:
            contents.append(found)
    return contents, withheld
