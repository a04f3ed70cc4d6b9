"""Words that stand where no field is, such as on the outside of a leaflet: typed by hand from the
picture into a story, which a person then confirms like any other."""

from __future__ import annotations

from leaflets.errors import BadInvocation
from leaflets.layout import FieldLayout, SheetLayout
from scan_pipeline.store import LedgerRow, Repository
from scan_pipeline.story import (
    ChoiceValue,
    FieldValue,
    MarkReading,
    PageOutcome,
    PageReading,
    TextValue,
)

TYPED = "Typed by hand from the picture."


def take_in(
    repo: Repository,
    row: LedgerRow,
    layout: SheetLayout,
    words: str,
    by: str,
    *,
    worry: bool,
    note: str = "",
    story_id: str = "",
    by_list: bool = False,
) -> str:
    """Put the words of an unplaced page into a story: `story_id`, or a new one. Returns its number.

    Either way the story has to be confirmed (again), and with `worry` it is held (`by_list`:
    by the list of words, and nobody's own). Raises
    `BadInvocation` for a story that is not there or has no place for words.
    """
    if story_id:
        story = repo.story(story_id)
    else:
        page = PageOutcome(
            file=row.file,
            page=row.page,
            status="read",
            image_sha256=row.image_sha256,
            reason=TYPED,
            reading=unwritten(layout),
        )
        # The same picture again comes back as the story that was made of it before.
        story = repo.story(repo.record(page).story_id or "")
    before = story.answers.get("story")
    if not isinstance(before, str):
        raise BadInvocation(f"{story.id} has no place for these words.")
    if worry:
        repo.raise_worry(story.id, by, note, by_list=by_list)
    if words not in before:
        repo.correct(story.id, "story", f"{before}\n\n{words}".strip(), by)
    said = worry and not by_list
    repo.deal_with(row.seq, by, "typed", worry=said, note=note, story_id=story.id)
    return story.id


def unwritten(layout: SheetLayout) -> PageReading:
    """The inside of a form on which nothing was read: no words, no ticks, so no consent either."""
    page = next(page for page in layout.pages if page.fields)
    return PageReading(
        template=layout.template,
        version=layout.version,
        batch="",
        sheet_page=page.number,
        markers_found=0,
        residual_mm=0.0,
        fields={field.name: _nothing(field) for field in page.fields},
        fingerprint=b"",
        notices=("This was typed by hand: the writing is not in the fields of the form.",),
    )


def _nothing(field: FieldLayout) -> FieldValue:
    if field.kind == "text":
        return TextValue(text="", confidence=1.0, review=False, lines=(), quad_px=())
    values = [option.value for option in field.options] or [""]
    return ChoiceValue(
        value=False if field.kind == "tick" else None,
        confidence=1.0,
        review=False,
        marks=tuple(
            MarkReading(value=v, state="empty", confidence=1.0, quad_px=()) for v in values
        ),
        quad_px=(),
    )
