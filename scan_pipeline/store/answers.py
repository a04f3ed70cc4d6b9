"""Does an answer fit its field? Told without repeating the answer."""

from __future__ import annotations

from leaflets.errors import BadInvocation
from scan_pipeline.story import AnswerValue, ChoiceValue, CombValue, PageReading, TextValue


def fitting(reading: PageReading, field: str, value: AnswerValue) -> AnswerValue:
    """`value` as it is kept: options in the order of the form, none ticked as None.

    Raises `BadInvocation` when the leaflet has no such field, or the value is not of its kind.
    """
    read = reading.fields.get(field)
    if read is None:
        raise BadInvocation(
            f"This leaflet has no field {field[:40]!r}.",
            remedy=f"Its fields are: {', '.join(reading.fields)}.",
        )
    if isinstance(read, TextValue):
        if not isinstance(value, str):
            raise _unfit(field, "words")
        return value
    if isinstance(read, CombValue):
        if value is not None and not isinstance(value, str):
            raise _unfit(field, "words or nothing")
        return value or None
    return _choice(field, read, value)


def _choice(field: str, read: ChoiceValue, value: AnswerValue) -> AnswerValue:
    options = tuple(mark.value for mark in read.marks)
    if options == ("",) or isinstance(read.value, bool):
        if not isinstance(value, bool):
            raise _unfit(field, "yes or no")
        return value
    # An empty choice does not say whether several may be ticked; then the form's word is taken.
    may_be_one = not isinstance(read.value, tuple)
    may_be_several = not isinstance(read.value, str)
    if value is None:
        return None
    if isinstance(value, str) and may_be_one and _known((value,), options):
        return value
    if isinstance(value, tuple) and may_be_several and _known(value, options):
        return tuple(sorted(set(value), key=options.index if options else None)) or None
    raise _unfit(field, ", ".join(options) or "one of its options")


def _known(values: tuple[str, ...], options: tuple[str, ...]) -> bool:
    return all(isinstance(value, str) and (value in options or not options) for value in values)


def _unfit(field: str, wanted: str) -> BadInvocation:
    return BadInvocation(f"This does not fit the field {field}.", remedy=f"It takes: {wanted}.")
