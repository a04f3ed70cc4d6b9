"""Readings and stories for tests, made up: by hand where a test names their words, by Hypothesis
where every reading must do. The words are nobody's."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from scan_pipeline.story import (
    Change,
    ChoiceValue,
    FieldValue,
    LineReading,
    MarkReading,
    PageOutcome,
    PageReading,
    Response,
    TextValue,
    WordReading,
)

SECRET = "zebra marmalade"
"""Words that must never turn up in a message or a log."""
QUAD = ((1.5, 2.0), (30.25, 2.0), (30.25, 9.0), (1.5, 9.0))


def text(words: str) -> TextValue:
    line = LineReading(
        text=words,
        confidence=0.8,
        words=tuple(WordReading(text=word, confidence=0.7) for word in words.split()),
        quad_px=QUAD,
    )
    return TextValue(text=words, confidence=0.8, review=True, lines=(line,), quad_px=QUAD)


def choice(
    value: str | tuple[str, ...] | bool | None, *options: str, ticked: tuple[str, ...] = ()
) -> ChoiceValue:
    marks = tuple(
        MarkReading(
            value=option,
            state="ticked" if option in ticked else "empty",
            confidence=0.99,
            quad_px=QUAD,
        )
        for option in options
    )
    return ChoiceValue(value=value, confidence=0.99, review=False, marks=marks, quad_px=QUAD)


def reading(
    *, consent: bool | None = True, words: str = SECRET, ink: bytes = b"ink"
) -> PageReading:
    fields: dict[str, FieldValue] = {
        "story": text(words),
        "handle": text("Blue Kettle"),
        "rating": choice("good", "very_good", "good", "poor"),
        "author_role": choice(None, "service_user", "carer"),
        "feelings": choice(("safe", "hopeful"), "safe", "hopeful", "judged"),
        "consent_display": choice(consent, ""),
    }
    return PageReading(
        template="story",
        version="abc123",
        batch="2611",
        sheet_page=1,
        markers_found=6,
        residual_mm=0.061,
        fields=fields,
        fingerprint=ink,
        notices=("There is writing outside the writing areas: please look at the picture.",),
    )


def outcome(page: int = 1, *, read: PageReading | None = None, image: str = "") -> PageOutcome:
    return PageOutcome(
        file="batch.pdf", page=page, status="read", image_sha256=image, reading=read or reading()
    )


def response(words: str = "Thank you for telling us.", change: Change | None = None) -> Response:
    return Response(
        text=words,
        responder_name="Anita",
        responder_role="Service manager",
        at=dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC),
        change=change,
    )


def readings() -> st.SearchStrategy[PageReading]:
    """Any reading at all, sensible or not."""
    number = st.floats(allow_nan=False)
    quads = st.lists(st.tuples(number, number), max_size=4).map(tuple)
    words = st.builds(
        WordReading,
        text=st.text(max_size=8),
        confidence=number,
        alternatives=st.lists(st.text(max_size=4), max_size=2).map(tuple),
        stands_for=st.lists(st.integers(1, 3), max_size=2).map(tuple),
        by_letters=st.booleans(),
        letters=st.lists(number, max_size=3).map(tuple),
    )
    lines = st.builds(
        LineReading,
        text=st.text(max_size=12),
        confidence=number,
        words=st.lists(words, max_size=3).map(tuple),
        quad_px=quads,
    )
    texts = st.builds(
        TextValue,
        text=st.text(),
        confidence=number,
        review=st.booleans(),
        lines=st.lists(lines, max_size=2).map(tuple),
        quad_px=quads,
    )
    marks = st.builds(
        MarkReading,
        value=st.text(max_size=6),
        state=st.sampled_from(["empty", "ticked", "filled", "unsure"]),
        confidence=number,
        quad_px=quads,
    )
    choices = st.builds(
        ChoiceValue,
        value=st.none()
        | st.booleans()
        | st.sampled_from(["true", "null", "1", ""])
        | st.text(max_size=6)
        | st.lists(st.text(max_size=6), max_size=3).map(tuple),
        confidence=number,
        review=st.booleans(),
        marks=st.lists(marks, max_size=3).map(tuple),
        quad_px=quads,
    )
    return st.builds(
        PageReading,
        template=st.text(max_size=8),
        version=st.text(max_size=8),
        batch=st.text(max_size=4),
        sheet_page=st.integers(0, 9),
        markers_found=st.integers(0, 16),
        residual_mm=number,
        fields=st.dictionaries(st.text(max_size=8), texts | choices, max_size=4),
        fingerprint=st.binary(max_size=64),
        notices=st.lists(st.text(max_size=20), max_size=2).map(tuple),
    )
