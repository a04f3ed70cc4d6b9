"""One picture taken in: all that becomes of it is one transaction, in which nobody else writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection

from scan_pipeline.store import contacts, pages
from scan_pipeline.store.originals import Originals
from scan_pipeline.store.records import LedgerRow
from scan_pipeline.story import Contact, PageOutcome, PageReading


class Entry:
    """What is known here before a picture is written down, and what became of it. Nobody else can
    write meanwhile, so what was asked stays true; all of it is kept at the end, or nothing.

    `slips`: the contact slips whose pictures were kept on the way.
    """

    def __init__(self, connection: Connection, *, originals: Originals, at: dt.datetime) -> None:
        self._connection = connection
        self._originals = originals
        self._at = at
        self.slips: list[str] = []

    def known_image(self, sha256: str) -> LedgerRow | None:
        """The newest page with exactly this image that belongs to a story."""
        return pages.known_image(self._connection, sha256)

    def fingerprints(self, after: int = 0) -> Iterator[tuple[int, str, bytes]]:
        """See `Repository.fingerprints`."""
        return pages.fingerprints(self._connection, after)

    def reading(self, story_id: str) -> PageReading:
        """What the machine read of the page that made a story."""
        return pages.reading(self._connection, story_id)

    def image(self, story_id: str) -> str:
        """The name of the picture that made a story."""
        return pages.image(self._connection, story_id)

    def contacts(self) -> list[Contact]:
        """Everybody who waits for a call, oldest first."""
        return contacts.every(self._connection)

    def record(self, outcome: PageOutcome) -> PageOutcome:
        """Write down what became of a page image: one row, and the story that it makes.

        A page that was read comes back with its `story_id`. One image makes one story: if it made
        one before, it comes back as a duplicate of that.
        """
        suffix = self._originals.suffix(outcome.image_sha256)
        return pages.record(self._connection, outcome, suffix=suffix, at=self._at)

    def record_contact(self, outcome: PageOutcome, data: bytes, suffix: str) -> PageOutcome:
        """Keep a contact slip that was read, and its picture. One that is known already (or was
        deleted) comes back as a duplicate, and no second picture of it is kept.
        """
        known = contacts.known_image(self._connection, outcome.image_sha256)
        known_id = outcome.contact_id or (known.id if known is not None else None)
        if known_id is None:
            if not self._originals.suffix(outcome.image_sha256):
                self.slips.append(outcome.image_sha256)
            self._originals.keep(data, suffix)
            return contacts.add(self._connection, outcome, self._at)
        again = "The same contact slip as before: it counts once."
        if known is not None and known.image_sha256 is None:
            again = "A contact slip that is done and deleted; nothing of it is kept."
        return contacts.add_again(
            self._connection,
            replace(outcome, status="duplicate", contact_id=known_id, reading=None, reason=again),
            self._at,
        )
