"""The one state of each picture, however often the same file was scanned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scan_pipeline.store.records import LedgerRow
from scan_pipeline.story import OUTSIDE


def settled(rows: Sequence[LedgerRow]) -> list[LedgerRow]:
    """The rows, oldest first, without pages that were refused once and are known better now.

    A refused page may become more when it is scanned again, such as once its form was copied here.
    Then its old row goes, or says the same where the picture came in under another name. What
    people did about a page, or said of it, is never taken away: such a row stays.
    """
    best: dict[str, LedgerRow] = {}
    for row in rows:
        known = best.get(row.image_sha256)
        if row.image_sha256 and (known is None or _worth(row) >= _worth(known)):
            best[row.image_sha256] = row
    found = []
    for row in rows:
        better = best.get(row.image_sha256, row)
        open_still = row.status == "unplaced" and not row.dealt and not row.worry
        if not open_still or _worth(better) <= _worth(row):
            found.append(row)
        elif (row.file, row.page) != (better.file, better.page):
            found.append(_as_known(row, better))
    return found


def _worth(row: LedgerRow) -> int:
    """How much is known of a page: nothing, which side it is, or the story that it made."""
    if row.story_id is not None:
        return 2
    return int(row.status == "blank" or row.reason == OUTSIDE)


def _as_known(row: LedgerRow, better: LedgerRow) -> LedgerRow:
    status = "duplicate" if better.story_id is not None else better.status
    return replace(row, status=status, story_id=better.story_id, reason=better.reason)
