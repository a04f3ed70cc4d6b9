"""What is kept: originals as files, everything else in one database. The only package with SQL."""

from scan_pipeline.store.entry import Entry
from scan_pipeline.store.failures import Changed
from scan_pipeline.store.health import look_at
from scan_pipeline.store.opening import open_store
from scan_pipeline.store.records import Event, LedgerRow
from scan_pipeline.store.repository import Repository

__all__ = ["Changed", "Entry", "Event", "LedgerRow", "Repository", "look_at", "open_store"]
