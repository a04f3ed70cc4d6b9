"""Readings and answers as JSON and back, without loss: tuples, bytes and every digit."""

from __future__ import annotations

from pydantic import ConfigDict, TypeAdapter

from scan_pipeline.story import (
    AnswerValue,
    ChoiceValue,
    CombValue,
    FieldValue,
    PageReading,
    TextValue,
)

_EXACT = ConfigDict(
    ser_json_bytes="base64",
    val_json_bytes="base64",
    ser_json_inf_nan="constants",
)
# One reading in a tuple: a bare dataclass would not take a configuration.
_READING = TypeAdapter(tuple[PageReading], config=_EXACT)
_ANSWER: TypeAdapter[AnswerValue] = TypeAdapter(AnswerValue)
_DISPLAY = TypeAdapter(dict[str, str])


def dump_reading(reading: PageReading) -> str:
    return _READING.dump_json((reading,)).decode()


def load_reading(body: str) -> PageReading:
    return _READING.validate_json(body)[0]


def dump_answer(value: AnswerValue) -> str:
    return _ANSWER.dump_json(value).decode()


def load_answer(body: str) -> AnswerValue:
    return _ANSWER.validate_json(body)


def dump_display(display: dict[str, str]) -> str:
    return _DISPLAY.dump_json(display).decode()


def load_display(body: str) -> dict[str, str]:
    return _DISPLAY.validate_json(body)


def answer_of(value: FieldValue) -> AnswerValue:
    """What the machine took a field to say."""
    match value:
        case TextValue():
            return value.text
        case CombValue():
            return value.value
        case ChoiceValue():
            return value.value
