"""Everything that is kept, by name: pages in, stories out, and what people do with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert

from leaflets.errors import BadInvocation
from scan_pipeline.progress import order
from scan_pipeline.store import awaited, contacts, leftovers, pages, stories
from scan_pipeline.store import tables as t
from scan_pipeline.store.answers import fitting
from scan_pipeline.store.assembly import LISTED, NOTICED, RAISED
from scan_pipeline.store.codec import dump_answer, dump_display
from scan_pipeline.store.entry import Entry
from scan_pipeline.store.failures import Changed, storage
from scan_pipeline.store.originals import Originals
from scan_pipeline.store.records import Dealt, Event, LedgerRow, PageNote
from scan_pipeline.story import AnswerValue, Contact, PageOutcome, Response, Story


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Repository:
    """The store of one workspace. Threads may share it: every call has a connection of its own.

    Every method raises `StorageFailure` when the disk or the file fails, and `BadInvocation`
    for a story or field that is not there. Nothing that was kept is ever altered.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        place: Path,
        originals: Originals,
        clock: Callable[[], dt.datetime] = _now,
    ) -> None:
        self._engine = engine
        self._place = place
        self._originals = originals
        self._clock = clock
        self._expected: list[int] = []

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Nothing needs saving: every call has saved its own."""
        with storage(self._place):
            self._engine.dispose()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with storage(self._place), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """One transaction: all of it is kept, or nothing."""
        with storage(self._place), self._engine.connect() as connection:
            writer = connection.execution_options(writes=True)
            with writer.begin():
                yield writer

    # Pages

    def keep_original(self, data: bytes, suffix: str) -> str:
        """Keep a page image (the bytes as they came); its SHA-256. Twice is once."""
        return self._originals.keep(data, suffix)

    def original_path(self, sha256: str) -> Path:
        """The file of a kept page image."""
        return self._originals.path(sha256)

    @contextmanager
    def entry(self, number: int | None = None) -> Iterator[Entry]:
        """Take one picture in: a single transaction. `number`: of `expect`, if it was awaited; then
        the page is there, with all that was recorded of it, or still awaited, never both."""
        slips: list[str] = []
        try:
            with self._write() as connection:
                entry = Entry(connection, originals=self._originals, at=self._clock())
                slips = entry.slips
                yield entry
                if number is not None:
                    awaited.arrived(connection, number)
        except BaseException:
            self._forget(slips)
            raise

    def _forget(self, slips: Sequence[str]) -> None:
        """Erase pictures of contact slips that were not written down: nobody would know of them."""
        if slips:
            with self._write() as connection:
                for sha256 in slips:
                    if contacts.known_image(connection, sha256) is None:
                        self._originals.erase(sha256)

    def record(self, outcome: PageOutcome) -> PageOutcome:
        """See `Entry.record`: a single page that no scan awaits."""
        with self.entry() as entry:
            return entry.record(outcome)

    def fingerprints(self, after: int = 0) -> Iterator[tuple[int, str, bytes]]:
        """(number in the ledger, story, fingerprint) of every leaflet that was read, oldest first,
        one at a time; those alone that came `after` one number."""
        with self._read() as connection:
            yield from pages.fingerprints(connection, after)

    def expect(self, pages: Iterable[tuple[str, int]]) -> list[int]:
        """Write down which page images (file, page) a scan sets out to read; a number for each."""
        with self._write() as connection:
            self._expected = awaited.expect(connection, pages, at=self._clock())
        return self._expected

    def count_arrived(self) -> int:
        """How many of the page images that were last expected here have their state by now."""
        with self._read() as connection:
            return awaited.count_arrived(connection, self._expected)

    def ledger(self) -> list[LedgerRow]:
        """Every page image that came in, in order."""
        with self._read() as connection:
            return [*pages.ledger(connection), *awaited.waiting(connection)]

    def scanned_again(self, story_id: str) -> list[LedgerRow]:
        """Pages that counted as this story's paper once more, if their pictures are others."""
        with self._read() as connection:
            return pages.scanned_again(connection, story_id)

    def unplaced(self, seq: int) -> LedgerRow:
        """One page that made no story, by its number in the ledger."""
        with self._read() as connection:
            return pages.unplaced(connection, seq)

    def page_notes(self, seq: int) -> list[PageNote]:
        """What people did about a page that made no story, oldest first."""
        with self._read() as connection:
            return leftovers.notes(connection, pages.unplaced(connection, seq))

    def deal_with(
        self,
        seq: int,
        by: str,
        done: Dealt,
        *,
        worry: bool,
        note: str = "",
        story_id: str | None = None,
    ) -> None:
        """What was done about a page that made no story; with "" it still waits."""
        with self._write() as connection:
            row = pages.unplaced(connection, seq)
            leftovers.add(connection, row, PageNote(self._clock(), by, done, worry, note, story_id))

    # Contact slips: nothing here leads to a story

    def contacts(self) -> list[Contact]:
        """Everybody who waits for a call, oldest first."""
        with self._read() as connection:
            return contacts.every(connection)

    def contact(self, contact_id: str) -> Contact:
        """One contact slip, by its "C-012"."""
        with self._read() as connection:
            return contacts.one(connection, contact_id)

    def correct_contact(self, contact_id: str, field: str, value: AnswerValue, by: str) -> None:
        """What the slip really says in `field`."""
        with self._write() as connection:
            contacts.correct(connection, contact_id, field, value, by, self._clock())

    def delete_contact(self, contact_id: str, by: str) -> None:
        """The call is made: delete the slip's picture and everything that was read, for good.

        The picture goes first: if the power fails between the two, the slip is still listed, and
        can be deleted again.
        """
        with self._write() as connection:
            contact = contacts.one(connection, contact_id)
            contacts.erase(connection, contact.id, by, self._clock())
            self._originals.erase(contact.image_sha256)
        with storage(self._place):
            if self._engine.dialect.name == "sqlite":
                # What was deleted may still stand in the write-ahead file: empty it.
                with closing(self._engine.raw_connection()) as raw:
                    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # Stories

    def stories(self) -> list[Story]:
        """All stories: unsettled worries, then unconfirmed ones, then the rest; oldest first."""
        with self._read() as connection:
            return order(stories.every(connection))

    def story(self, story_id: str) -> Story:
        """One story; `s-2026-41` is `S-2026-041`."""
        with self._read() as connection:
            return stories.one(connection, story_id)

    def alike(self, story_id: str) -> list[Story]:
        """Other stories that may be the same paper, as a scan of one or the other says."""
        with self._read() as connection:
            return stories.alike(connection, stories.one(connection, story_id))

    def events(self, story_id: str) -> list[Event]:
        """What was done with a story, by whom and when, oldest first; none of its words."""
        with self._read() as connection:
            story = stories.one(connection, story_id)
            return stories.history(connection, story)

    # What people do. `seen`: the version of the story that they were looking at. If somebody
    # did something since, `Changed` is raised and nothing is kept; each returns the new version.

    def correct(
        self, story_id: str, field: str, value: AnswerValue, by: str, *, seen: int | None = None
    ) -> int:
        """What the paper really says in `field`. The reading itself stays as it was.

        If this changes the answer, the story must be confirmed, moderated and approved again.
        """
        with self._write() as connection:
            story = self._as_seen(connection, story_id, seen)
            kept = fitting(story.reading, field, value)
            if kept == story.answers[field]:
                return story.version
            return self._add(
                connection,
                story,
                by,
                "corrected",
                t.corrections,
                field=field,
                value=dump_answer(kept),
            )

    def confirm(
        self,
        story_id: str,
        by: str,
        worry: bool,
        note: str = "",
        *,
        by_list: bool = False,
        seen: int | None = None,
    ) -> int:
        """A person has compared the text with the picture. A worry, once said, stays said.
        `by_list`: the list of words raised it, and not this person."""
        with self._write() as connection:
            story = self._as_seen(connection, story_id, seen)
            kind = (NOTICED if by_list else "worried") if worry else "confirmed"
            return self._add(connection, story, by, kind, t.confirmations, worry=worry, note=note)

    def raise_worry(
        self,
        story_id: str,
        by: str,
        note: str = "",
        *,
        by_list: bool = False,
        seen: int | None = None,
    ) -> int:
        """Something in it worries somebody: it is held until that is settled, whether or not
        anybody has compared the text yet. Confirms nothing, and takes no confirmation back.
        `by_list` as of `confirm`."""
        with self._write() as connection:
            story = self._as_seen(connection, story_id, seen)
            kind = LISTED if by_list else RAISED
            return self._add(connection, story, by, kind, t.confirmations, worry=True, note=note)

    def moderate(
        self,
        story_id: str,
        by: str,
        display: dict[str, str],
        worry_settled: str = "",
        *,
        seen: int | None = None,
    ) -> int:
        """The words that may be shown, by field, and what was done about a worry.

        The newest counts; one without `worry_settled` lets a worry stand, or stand again. If other
        words hang on the wall by it, the response must be approved again.
        A story that was taken down stays down.
        """
        with self._write() as connection:
            story = self._as_seen(connection, story_id, seen)
            down = story.moderation is not None and story.moderation.withdrawn
            return self._add(
                connection,
                story,
                by,
                "settled" if worry_settled.strip() else "moderated",
                t.moderations,
                display=dump_display(display),
                worry_settled=worry_settled.strip(),
                withdrawn=down,
                reason="",
            )

    def withdraw(self, story_id: str, by: str, reason: str) -> bool:
        """Take a story down for good; nobody needs a reason. False: it was down, nothing is new."""
        with self._write() as connection:
            story = stories.one(connection, story_id)
            last = story.moderation
            if last is not None and last.withdrawn:
                return False
            self._add(
                connection,
                story,
                by,
                "withdrawn",
                t.moderations,
                display=dump_display(last.display if last else {}),
                worry_settled=last.worry_settled if last else "",
                withdrawn=True,
                reason=reason,
            )
            return True

    def add_response(self, story_id: str, response: Response, *, seen: int | None = None) -> int:
        """A response; the newest counts, and it is not approved yet whatever it says itself."""
        if not response.text.strip():
            raise BadInvocation("A response needs words.", remedy="Write it, then try again.")
        change = response.change
        with self._write() as connection:
            story = self._as_seen(connection, story_id, seen)
            return self._add(
                connection,
                story,
                response.responder_name,
                "responded",
                t.responses,
                text=response.text,
                responder_name=response.responder_name,
                responder_role=response.responder_role,
                written_at=response.at,
                change_status=change.status if change else None,
                change_text=change.text if change else None,
                change_due=change.due if change else None,
            )

    def approve_response(self, story_id: str, by: str, *, seen: int | None = None) -> int:
        """The newest response, with the words as they are now, may go on the wall."""
        with self._write() as connection:
            story = self._as_seen(connection, story_id, seen)
            newest = stories.newest_response(connection, story)
            return self._add(connection, story, by, "approved", t.approvals, response_seq=newest)

    def _as_seen(self, connection: Connection, story_id: str, seen: int | None) -> Story:
        """The story, if it still is as it was seen; nobody else can write now."""
        story = stories.one(connection, story_id)
        if seen is not None and story.version != seen:
            raise Changed()
        return story

    def _add(
        self, connection: Connection, story: Story, by: str, kind: str, table: Table, **details: Any
    ) -> int:
        if not by.strip():
            raise BadInvocation("Somebody has to answer for this.", remedy="Say who you are.")
        seq = connection.execute(
            insert(t.events)
            .values(story_id=story.id, at=self._clock(), by=by.strip(), kind=kind)
            .returning(t.events.c.seq)
        ).scalar_one()
        connection.execute(insert(table).values(event_seq=seq, **details))
        return int(seq)
