"""`learned.json` in the workspace: what was learned here, and how the reader comes to know it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from leaflets.errors import StorageFailure
from leaflets.files import write_whole
from leaflets.settings import Service, load_settings
from scan_pipeline.reading.recognise import ppocr_name
from scan_pipeline.reading.recognise.confidence import Steps

LEARNED_FILE = "learned.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """`words`: what people here write that no list has. `steps`: see `confidence.corrected`.

    `on`: when; `stories`, `words_seen`: from how much. `reader`: whose confidences the steps
    correct; with another reading model they are of no use.
    """

    on: dt.date
    stories: int
    words_seen: int
    words: tuple[str, ...]
    steps: Steps
    reader: str = "ppocr"
    schema: int = 1


_LEARNED = TypeAdapter(Learned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the reader knows of this place besides English. `weights`: its own reading model."""

    words: tuple[str, ...] = ()
    steps: Steps = ()
    weights: Path | None = None


def known_here(workspace: Path) -> Known:
    """What the settings say and, where they allow it, what was learned."""
    service = load_settings(workspace)
    learned = load_learned(workspace) if service.learn else None
    words, weights = local_words(service), service.reading_model
    if learned is None:
        return Known(words=words, weights=weights)
    return Known(
        words=tuple(dict.fromkeys((*words, *learned.words))),
        steps=learned.steps if learned.reader == ppocr_name(weights) else (),
        weights=weights,
    )


def local_words(service: Service) -> tuple[str, ...]:
    """Its own words, its name, and what its parts are called."""
    areas = (area.label for area in service.service_areas)
    return tuple(dict.fromkeys((*service.words, service.name, service.organisation, *areas)))


def load_learned(workspace: Path) -> Learned | None:
    """What was learned; None when nothing was. Raises `StorageFailure` for a damaged file."""
    path = workspace / LEARNED_FILE
    if not path.exists():
        return None
    try:
        learned = _LEARNED.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise _unreadable(path) from error
    if learned.schema != 1:
        raise _unreadable(path)
    return learned


def still_known(workspace: Path, *, learn: bool) -> str:
    """What has to be done so that a story that goes is unlearned as well; "" for nothing. `learn`:
    whether the settings allow it."""
    if learn:
        return (
            "Words that were learned from it are known until `leaflets adapt` is run again: please "
            "run it."
        )
    if not (workspace / LEARNED_FILE).exists():
        return ""
    return (
        f"Words that were learned from it may stand in {LEARNED_FILE} still, although learning is "
        "off: `leaflets adapt --forget` deletes all of them."
    )


def _unreadable(path: Path) -> StorageFailure:
    return StorageFailure(
        f"{path} cannot be read: it is damaged, or from another version.",
        remedy="`leaflets adapt --forget` deletes it; `leaflets adapt` makes it again.",
    )


def save_learned(workspace: Path, learned: Learned) -> Path:
    """Write it whole or not at all, for its owner alone."""
    path = workspace / LEARNED_FILE
    write_whole(path, _LEARNED.dump_json(learned, indent=1) + b"\n", private=True)
    return path


def forget(workspace: Path) -> bool:
    """Delete what was learned; whether there was anything. Raises `StorageFailure`."""
    path = workspace / LEARNED_FILE
    if not path.exists():
        return False
    try:
        path.unlink()
    except OSError as error:
        raise StorageFailure(
            f"{path} could not be deleted: {error.strerror}. What was learned is still there.",
            remedy="Ask whoever may change that folder to delete the file.",
        ) from error
    return True
