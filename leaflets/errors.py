"""One tree of exceptions. Each carries its exit code and what to do about it."""

from __future__ import annotations


class LeafletsError(Exception):
    """Something a person can mend. `exit_code` ends the program; `remedy` says what to do."""

    exit_code = 1
    remedy = "Please try again; if it happens again, keep the message and ask for help."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


class BadInvocation(LeafletsError):
    """The command was asked for something that does not exist or does not fit."""

    exit_code = 2
    remedy = "Run `leaflets --help` to see what can be asked."


class BadTemplate(LeafletsError):
    """A template or the settings file does not say what a form needs."""

    exit_code = 3
    remedy = "Correct the line that is named and try again."


class MissingProgram(LeafletsError):
    """Tesseract or poppler is not installed."""

    exit_code = 4
    remedy = "Run `leaflets doctor`: it says how to get it."


class UnreadableInput(LeafletsError):
    """Nothing that was given could be opened."""

    exit_code = 5
    remedy = "Scan the pages again as PDF, TIFF, JPEG or PNG."


class StorageFailure(LeafletsError):
    """The workspace cannot be read or written: disk full, no permission, or a damaged file."""

    exit_code = 6
    remedy = "Make room on the disk or choose another folder with --workspace."


class NotAllowed(LeafletsError):
    """A rule that protects the writer forbids it: no consent, not confirmed, held, not approved."""

    exit_code = 7
    remedy = "Open `leaflets desk` and finish the steps that are named."


class DoesNotFit(LeafletsError):
    """The words do not fit at a size that can be read from the floor."""

    exit_code = 8
    remedy = "Choose a shorter extract; words are never shrunk or cut silently."
