"""Answer stories, and bring those that may be seen to the poster printer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from leaflets.content import PosterContent
from leaflets.errors import BadInvocation, DoesNotFit, NotAllowed
from leaflets.poster import TooLong
from leaflets.settings import Service
from scan_pipeline.board import (
    asks_to_stay_off,
    doubts_about,
    names_left,
    pictures_on,
    poster_of,
    said_in,
    strangers_in,
    taken_out,
    words_on,
)
from scan_pipeline.lookalikes import to_compare
from scan_pipeline.privacy.identify import find
from scan_pipeline.progress import TAKE_OFF, held_by_list, says_yes, worry_unsettled
from scan_pipeline.store import Repository
from scan_pipeline.story import CONSENT, Change, ChangeStatus, ChoiceValue, Response, Story

COORDINATOR = "the coordinator"
LONGEST_NAME = 40
LONGEST_ROLE = 60
MOST_YEARS = 5
"""What is due later than that is a slip of the finger."""
_STATUSES: dict[str, ChangeStatus] = {"made": "made", "planned": "planned", "cannot": "cannot"}
_EVERYBODY_READS = {"number", "email", "link", "address", "postcode"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Allowed, but to be read before it is approved. `words`: what it is about, for the screen."""

    reason: str
    words: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """In one line, with its words."""
        return " ".join((self.reason, *(f"“{said}”" for said in self.words)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """May this response be approved? Never while there are `refusals`; with `cautions` only when
    a person has read them; `notes` are good to know."""

    refusals: tuple[str, ...] = ()
    cautions: tuple[Caution, ...] = ()
    notes: tuple[str, ...] = ()


class Unread(NotAllowed):
    """Nobody has said yet that the cautions were read."""

    remedy = "Change it; or, if it is right as it is, approve it with --anyway."

    def __init__(self, story_id: str, cautions: tuple[Caution, ...]) -> None:
        those = "this warning" if len(cautions) == 1 else f"these {len(cautions)} warnings"
        told = (f"{story_id} is not approved yet: please read {those} first.", *_listed(cautions))
        super().__init__("\n".join(told))
        self.cautions = cautions


def _listed(cautions: Iterable[Caution]) -> tuple[str, ...]:
    """Every caution in a line of its own."""
    return tuple(f"- {caution.told}" for caution in cautions)


def compose(
    *,
    text: str,
    name: str,
    role: str,
    change_status: str | None = None,
    change_text: str = "",
    due: dt.date | None = None,
) -> Response:
    """A response with all its parts. Raises `BadInvocation` when one is missing or too long."""
    for said, what in (
        (text, "The response has no words"),
        (name, "The response has no name"),
        (role, "The response has no role"),
    ):
        if not said.strip():
            raise BadInvocation(f"{what}.", remedy="Please fill in every part and try again.")
    for said, what, most in ((name, "name", LONGEST_NAME), (role, "role", LONGEST_ROLE)):
        if len(said.strip()) > most:
            raise BadInvocation(
                f"The {what} has {len(said.strip())} letters; there is room for {most}.",
                remedy=f"Give a shorter {what}: a first name and a role are enough on the wall.",
            )
    return Response(
        text=text.strip(),
        responder_name=" ".join(name.split()),
        responder_role=" ".join(role.split()),
        at=dt.datetime.now(dt.UTC),
        change=_change(change_status, change_text, due),
    )


def respond(
    repo: Repository,
    story_id: str,
    response: Response,
    *,
    service: Service,
    by: str = COORDINATOR,
    approve: bool = False,
    anyway: bool = False,
    dry_run: bool = False,
    seen: int | None = None,
) -> tuple[str, ...]:
    """Write a response to a story, and with `approve` let it go on the wall.

    Returns what the coordinator should know, in plain sentences. Raises `NotAllowed` when it may
    not be approved, or its poster would not be printed; `DoesNotFit` when that is only because
    its words are too many; `Unread` when there are cautions and they
    are not accepted with `anyway`; `Changed` when the story is not at the version `seen` any more.
    With `dry_run` everything is looked at and nothing is written.
    """
    story = repo.story(story_id)
    verdict = judge(story, response, service, repo.alike(story.id))
    if approve and verdict.refusals:
        long = all(isinstance(reason, TooLong) for reason in verdict.refusals)
        raise (DoesNotFit if long else NotAllowed)(
            f"{story.id} is not approved. " + " ".join(verdict.refusals),
            remedy="The response can be kept as a draft until then.",
        )
    if approve and verdict.cautions and not anyway:
        raise Unread(story.id, verdict.cautions)
    if not dry_run:
        # Approved is what was judged, or nothing: not what came in meanwhile.
        seen = story.version if seen is None else seen
        seen = repo.add_response(story.id, response, seen=seen)
        if approve:
            repo.approve_response(story.id, by, seen=seen)
    if approve:
        return verdict.notes
    unapproved = "The earlier response was approved; this one is not yet."
    told = (unapproved,) if _was_approved(story.response) else ()
    return (*verdict.refusals, *(c.told for c in verdict.cautions), *told, *verdict.notes)


def judge(story: Story, response: Response, service: Service, alike: Sequence[Story]) -> Verdict:
    """What stands against approving `response`: by the same rules by which posters are printed.
    `alike`: the stories that may be the same paper, as of `Repository.alike`."""
    consent = says_yes(story)
    notes = []
    if story.confirmation is not None and not consent:
        notes.append("The writer did not tick “Yes, show my story”: it will not be printed.")
    return Verdict(
        refusals=_refusals(story, response, service, consent),
        cautions=(
            *(Caution(reason=told) for told in to_compare(story, alike)),
            *(Caution(reason=told) for told in _consent_by_hand(story) if consent),
            *_cautions(story, response, service, consent),
        ),
        notes=tuple(notes),
    )


def _refusals(story: Story, response: Response, service: Service, consent: bool) -> tuple[str, ...]:
    if worry_unsettled(story):
        why = (
            "a list of words found something in it"
            if held_by_list(story)
            else "something in it worries somebody"
        )
        return (
            f"It is held, because {why}: say first what was done about it, and by whom, on its "
            "page in the desk.",
        )
    if story.moderation is not None and story.moderation.withdrawn:
        return ("It was taken down, and stays down.",)
    if story.confirmation is None:
        return (
            "Nobody has compared it with the picture of the writing yet: the text has to be "
            "confirmed in the desk first.",
        )
    doubts = doubts_about(story, response)
    if doubts:
        return doubts
    if not consent:  # an answer for the team alone
        return ()
    found = _poster_if_approved(story, response, service)
    return (found,) if isinstance(found, str) else ()


def on_the_wall(story: Story, response: Response, service: Service) -> tuple[str, ...]:
    """Every word of theirs that hangs on the wall once `response` is approved, part by part, so
    that somebody can read it first; nothing where there would be no poster."""
    found = _poster_if_approved(story, response, service)
    return () if isinstance(found, str) else words_on(found)


def _poster_if_approved(story: Story, response: Response, service: Service) -> PosterContent | str:
    return poster_of(replace(story, response=replace(response, approved_at=response.at)), service)


def _cautions(
    story: Story, response: Response, service: Service, consent: bool
) -> tuple[Caution, ...]:
    """What is allowed, and still worth a second look."""
    *said, role = said_in(response)
    name = response.responder_name
    known = f"{name} {service.name} {service.organisation}"
    details = tuple(
        part[f.start : f.end]
        for part in (*said, role, name)
        for f in find(part)
        if f.kind in _EVERYBODY_READS
    )
    drawn = pictures_on(story, response) if consent else {}
    found = {
        "The story may ask not to be shown.": asks_to_stay_off(story) if consent else (),
        "The response has a telephone number or address in it: everybody in the room reads "
        "it.": details,
        "The response may have somebody’s name in it.": strangers_in(
            story, "\n\n".join(said), known=known
        ),
        "The role may have somebody’s name in it.": strangers_in(story, role, known=known),
        "A first name is enough on the wall, and this name has more.": (name,)
        if len(name.split()) > 1
        else (),
        "The words for the wall may still tell who somebody is.": names_left(story)
        if consent
        else (),
        "The earlier response, which was approved, told of a change; this one tells of none, so it "
        "goes off the wall.": _change_lost(story, response),
        "Details still stand in the words for the wall: each is printed as here.": taken_out(story)
        if consent
        else (),
        f"Pictures such as {next(iter(drawn), '')} are printed as words.": tuple(drawn.values()),
    }
    return tuple(Caution(reason=reason, words=words) for reason, words in found.items() if words)


def _consent_by_hand(story: Story) -> tuple[str, ...]:
    """That the yes is a person's word, where the machine saw no tick for sure. Of a story that was
    typed by hand nothing was read."""
    read, said = story.reading.fields.get(CONSENT), story.confirmation
    if said is None or not isinstance(read, ChoiceValue) or not read.quad_px:
        return ()
    if read.review:
        return (
            "The machine was not sure whether the box that gives consent is ticked; "
            f"{said.by} says that it is.",
        )
    if read.value is True:
        return ()
    return (
        f"The scan shows no tick in the box that gives consent, but {said.by} says that it is "
        "ticked: please look at the box.",
    )


def _change_lost(story: Story, response: Response) -> tuple[str, ...]:
    """The change that an approved response told of, where `response` says nothing of one: on the
    command line it is easily left out."""
    before = story.response
    if before is None or not _was_approved(before) or before.change is None or response.change:
        return ()
    return (before.change.text,)


def _was_approved(response: Response | None) -> bool:
    """Whether it may hang on the wall: also where its approval counts no more."""
    return response is not None and (response.approved_at is not None or response.lapsed)


def _change(status: str | None, text: str, due: dt.date | None) -> Change | None:
    """The change, complete: a promise without words or date is worse than none."""
    if status is None:
        if text.strip() or due is not None:
            raise BadInvocation(
                "A change needs its kind.", remedy="Say whether it is made, planned or cannot be."
            )
        return None
    if status not in _STATUSES:
        raise BadInvocation(
            f"{status!r} is no kind of change.", remedy="Choose made, planned or cannot."
        )
    if not text.strip():
        raise BadInvocation(
            "The change is not explained.",
            remedy="Say what it is, or why it cannot be.",
        )
    if status == "planned" and due is None:
        raise BadInvocation(
            "The planned change has no date.", remedy="Say by when, such as 2026-12-01."
        )
    if status == "planned" and due is not None and due < dt.date.today():
        raise BadInvocation(
            "The planned change is due in the past.",
            remedy="Give a day that is still to come, or say that the change is made.",
        )
    if due is not None and due.year > dt.date.today().year + MOST_YEARS:
        raise BadInvocation(
            f"The planned change is due in {due.year}: that is more than {MOST_YEARS} years away.",
            remedy="Look at the year again; a change that far off is no promise to anybody.",
        )
    if status != "planned" and due is not None:
        raise BadInvocation(
            "Only a planned change has a date.", remedy="Leave the date out, or say planned."
        )
    return Change(status=_STATUSES[status], text=text.strip(), due=due)


def date_of(said: str) -> dt.date | None:
    """The date that somebody typed; None for nothing. Raises `BadInvocation` for anything else."""
    if not said.strip():
        return None
    try:
        return dt.date.fromisoformat(said.strip())
    except ValueError:
        raise BadInvocation(
            f"“{said.strip()[:20]}” is not a date that can be understood.",
            remedy="Write the year, the month and the day, such as 2026-12-01.",
        ) from None


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
            # It was ready once: whoever reads why it is not printed also hears of its old poster.
            told = f"{found} {TAKE_OFF}" if story.approvals else found
            withheld.append((story.id, TooLong(told) if isinstance(found, TooLong) else told))
        else:
            contents.append(found)
    return contents, withheld
