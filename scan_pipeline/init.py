"""`leaflets init`: ask for what the leaflets and posters say about the service."""

from __future__ import annotations

import filecmp
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import click

from leaflets.design import template_names
from leaflets.errors import BadInvocation, StorageFailure
from leaflets.settings import (
    EXAMPLE,
    MEDICINES,
    SETTINGS_FILE,
    HelpLine,
    Service,
    load_settings,
    logo_fault,
    settings_text,
    unprintable,
    write_settings,
)
from leaflets.sheet import layout_for
from scan_pipeline.privacy.names import FIRST_NAMES, NAMES_AND_WORDS, SURNAMES

BACKUP_FILE = "service.toml.bak"
LEAVE_OUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the call said; None and empty were not said."""

    name: str | None
    organisation: str | None
    logo: Path | None
    opened_by: str | None
    help_lines: tuple[HelpLine, ...]


@click.command()
@click.option("--name", help="The service's name, as on the front.")
@click.option("--organisation", help="The organisation behind it, as on posters.")
@click.option("--logo", type=click.Path(path_type=Path), help="A PNG or JPEG; it is copied.")
@click.option("--opened-by", help="Who opens the box: a role, never a name.")
@click.option(
    "--help-line",
    "help_lines",
    multiple=True,
    help='"Name: number"; may be repeated. These replace all that were there.',
)
@click.option("--force", is_flag=True, help="Change the settings that are there, without asking.")
@click.option("--dry-run", is_flag=True, help="Show the settings file; write nothing.")
@click.pass_obj
def init(
    workspace: Path,
    name: str | None,
    organisation: str | None,
    logo: Path | None,
    opened_by: str | None,
    help_lines: tuple[str, ...],
    force: bool,
    dry_run: bool,
) -> None:
    """Set up your service's name, logo, box and help lines in one readable file.

    What is not given as an option is asked for; Enter keeps what is shown. Settings that are
    there already are kept where nothing new is said, and the file as it was stays beside them.
    """
    path = workspace / SETTINGS_FILE
    given = Given(
        name=name,
        organisation=organisation,
        logo=logo,
        opened_by=opened_by,
        help_lines=tuple(help_line(text) for text in help_lines),
    )
    ask = sys.stdin is not None and sys.stdin.isatty()
    if path.exists() and not (force or dry_run):
        _may_change(path, ask)
    before = load_settings(workspace)
    if before.example and not ask and name is None:
        raise BadInvocation(
            "The leaflets need the name of your service.",
            remedy='Give it with --name "…", or run `leaflets init` in a terminal to be asked.',
        )
    service = asked(before, given) if ask else told(before, given)
    _refuse(service)
    if given.help_lines and (warning := left_out(before.help_lines, service.help_lines)):
        click.echo(warning, err=True)
    if dry_run:
        click.echo(settings_text(_with_kept_logo(service, workspace), workspace), nl=False)
        return
    _write(service, workspace, path)
    _say(path, before, given, ask)
    if not any(_EMERGENCY.search(line.contact) for line in service.help_lines):
        click.echo(NO_EMERGENCY, err=True)


def _may_change(path: Path, ask: bool) -> None:
    if ask and click.confirm(f"{path} is there already. Change it?", default=False, err=True):
        return
    raise BadInvocation(
        f"{path} is there already, and was left as it was.",
        remedy="Edit that file, or give --force to change it.",
    )


def help_line(text: str) -> HelpLine:
    """ "Samaritans: 116 123" as a record. Opening hours after the number may have colons."""
    name, colon, contact = text.partition(":")
    if not (colon and name.strip() and contact.strip()):
        raise BadInvocation(f"{text!r} is not a help line.", remedy='Write it as "Name: number".')
    if not _CONTACT.search(contact):
        raise BadInvocation(
            f"{text!r} is not a help line: nobody can ring or write to {contact.strip()!r}.",
            remedy='Write it as "Name: number", such as "Samaritans: 116 123"; a web address will '
            "do.",
        )
    return HelpLine(name=name.strip(), contact=contact.strip())


def left_out(before: Sequence[HelpLine], now: Sequence[HelpLine]) -> str:
    """The help lines that new ones have replaced, in a sentence; "" for none. A leaflet without
    999 on it may be meant, but never by accident."""
    kept = {re.sub(r"\W", "", line.contact).casefold() for line in now}
    gone = [line for line in before if re.sub(r"\W", "", line.contact).casefold() not in kept]
    if not gone:
        return ""
    names = "; ".join(f"{line.name}: {line.contact}" for line in gone)
    only = "this help line alone" if len(now) == 1 else f"these {len(now)} help lines alone"
    return (
        f"The leaflets carry {only} from now on, and not any more: {names}. To keep one of those, "
        "give it with --help-line too."
    )


_EMERGENCY = re.compile(r"(?<!\d)(?<!\d[ -])(?:999|112)(?![ -]?\d)")
NO_EMERGENCY = (
    "Caution: none of the help lines is an emergency number (999 or 112), so the leaflets would "
    "name none. Add one to that file, unless it is left out on purpose."
)
_CONTACT = re.compile(r"\d|\w\.\w{2}|\w@\w")
"""A number, a web address or an e-mail address."""


def looks_like_a_name(opener: str) -> str | None:
    """Why `opener` may not open the box, in words: nobody's name is printed. None for a role."""
    words = opener.replace("-", " ").split()
    first, *others = [word.casefold() for word in words] or [""]
    plainly = first in FIRST_NAMES or (words and words[0].istitle() and first in NAMES_AND_WORDS)
    if not plainly or any(word not in SURNAMES | FIRST_NAMES for word in others):
        return None
    return f"{opener.strip()!r} looks like somebody’s name, and every leaflet would carry it"


def told(before: Service, given: Given) -> Service:
    """`before` with what was given as options."""
    return replace(
        before,
        name=before.name if given.name is None else given.name,
        organisation=_organisation(before) if given.organisation is None else given.organisation,
        logo=before.logo if given.logo is None else given.logo,
        box_opener=before.box_opener if given.opened_by is None else given.opened_by,
        help_lines=given.help_lines or before.help_lines,
        # New numbers have not been rung yet.
        help_checked="" if given.help_lines else before.help_checked,
        # Nor does a real service have the example's people.
        words=MEDICINES if before.example else before.words,
        example=False,
    )


def _organisation(before: Service) -> str:
    """A real poster must not carry the invented organisation."""
    return "" if before.example else before.organisation


def asked(before: Service, given: Given) -> Service:
    """`told`, with a question for everything that was not given."""
    click.echo("Enter keeps what is shown in [brackets].", err=True)
    service = told(before, given)
    if given.name is None:
        service = replace(service, name=_ask("Name of the service", before.name))
    if given.organisation is None:
        shown = service.organisation
        service = replace(service, organisation=_ask("Organisation behind it", shown, empty=True))
    if given.logo is None:
        service = replace(service, logo=_ask_logo(before.logo))
    if given.opened_by is None:
        question = "Who opens the box (a role, nobody’s worker)"
        opener = _ask(question, before.box_opener, fault_of=looks_like_a_name)
        service = replace(service, box_opener=opener)
    if not given.help_lines:
        lines = _ask_lines(before.help_lines)
        checked = before.help_checked if lines == before.help_lines else ""
        service = replace(service, help_lines=lines, help_checked=checked)
    return service


def _ask(
    question: str,
    shown: str,
    *,
    empty: bool = False,
    fault_of: Callable[[str], str | None] = unprintable,
) -> str:
    def answer(text: str) -> str:
        fault = unprintable(text) or fault_of(text)
        if fault is not None:
            raise click.UsageError(f"{fault}.")
        if not (empty or text.strip()):
            raise click.UsageError("please write something.")
        return text.strip()

    return str(click.prompt(question, default=shown, value_proc=answer, err=True))


def _ask_logo(before: Path | None) -> Path | None:
    def answer(text: str) -> Path | None:
        # A file dragged into the terminal arrives in quotes.
        path = Path(text.strip().strip("'\"")).expanduser()
        if not text.strip() or text.strip() == LEAVE_OUT:
            return None
        fault = None if path == before else logo_fault(path)
        if fault is not None:
            raise click.UsageError(f"{fault}.")
        return path

    question = f"Logo, a PNG or JPEG file ({LEAVE_OUT} for none)"
    shown = str(before) if before is not None else LEAVE_OUT
    found: Path | None = click.prompt(question, default=shown, value_proc=answer, err=True)
    return found


def _ask_lines(before: tuple[HelpLine, ...]) -> tuple[HelpLine, ...]:
    """Each line that is there, then new ones until Enter."""

    def answer(text: str) -> HelpLine | None:
        if text.strip() in {"", LEAVE_OUT}:
            return None
        fault = unprintable(text)
        try:
            line = help_line(text)
        except BadInvocation as error:
            raise click.UsageError(f"{error} {error.remedy}") from error
        if fault is not None:
            raise click.UsageError(f"{fault}.")
        return line

    click.echo(
        f'Where to get help at once, as "Name: number"; {LEAVE_OUT} leaves one out.', err=True
    )
    lines: list[HelpLine] = []
    for line in before:
        shown = f"{line.name}: {line.contact}"
        kept = click.prompt("Help line", default=shown, value_proc=answer, err=True)
        lines += [kept] if kept is not None else []
    while True:
        question = "Another help line (Enter: no more)"
        more = click.prompt(question, default="", show_default=False, value_proc=answer, err=True)
        if more is None and lines:
            return tuple(lines)
        if more is None:
            click.echo("The leaflet needs at least one help line.", err=True)
        else:
            lines.append(more)


def _refuse(service: Service) -> None:
    """Say now, and not at the printer, what cannot be printed or does not fit."""
    if service.logo is not None:
        fault = logo_fault(service.logo)
        if fault is not None:
            raise BadInvocation(f"The logo: {fault}.", remedy="Choose another picture, or none.")
    words = [("name", service.name), ("opened-by", service.box_opener)]
    words += [("help-line", text) for h in service.help_lines for text in (h.name, h.contact)]
    for option, text in words:
        if not text.strip() or re.search(r"[\r\n]", text):
            raise BadInvocation(f"--{option} needs words on one line.", remedy="Write it again.")
    for option, text in [*words, ("organisation", service.organisation)]:
        fault = unprintable(text)
        if fault is not None:
            raise BadInvocation(f"--{option} {text!r}: {fault}.", remedy="Write it again.")
    fault = looks_like_a_name(service.box_opener)
    if fault is not None:
        raise BadInvocation(
            f"--opened-by: {fault}.", remedy="Give a role, such as “A peer volunteer”."
        )
    for template in template_names():
        layout_for(template, service)


def _with_kept_logo(service: Service, workspace: Path) -> Service:
    """The service with its logo where it is kept: in the workspace, beside the settings."""
    if service.logo is None:
        return service
    home, logo = workspace.resolve(), service.logo.resolve()
    if logo.is_relative_to(home):
        return replace(service, logo=workspace / logo.relative_to(home))
    kinds = (f"logo{'' if k == 1 else f'-{k}'}{logo.suffix.lower()}" for k in count(1))
    name = next(name for name in kinds if _is_free_for(workspace / name, logo))
    return replace(service, logo=workspace / name)


def _is_free_for(place: Path, logo: Path) -> bool:
    """Whether a logo may be copied there: an earlier one is kept, as the settings of before name
    it; the very same needs no copy."""
    try:
        return not place.exists() or filecmp.cmp(place, logo, shallow=False)
    except OSError:
        return False


def _write(service: Service, workspace: Path, path: Path) -> None:
    kept = _with_kept_logo(service, workspace)
    try:
        workspace.mkdir(parents=True, exist_ok=True)
        if path.exists():
            shutil.copyfile(path, workspace / BACKUP_FILE)
        source, target = service.logo, kept.logo
        if source is not None and target is not None and source.resolve() != target.resolve():
            shutil.copyfile(source, target)
    except OSError as error:
        raise StorageFailure(f"{workspace} cannot be written to: {error.strerror}.") from error
    write_settings(kept, path)


def _say(path: Path, before: Service, given: Given, ask: bool) -> None:
    click.echo(str(path))
    click.echo("Please read that file once, and ring every help line in it.", err=True)
    if before.example and not ask:
        kept = [] if given.opened_by else [f"“{EXAMPLE.box_opener}” opens the box"]
        kept += [] if given.help_lines else ["the help lines of the example stand"]
        if kept:
            click.echo(f"Not given, so: {', '.join(kept)}.", err=True)
