"""`leaflets adapt`: learn from the stories that people have confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import click

from leaflets.errors import BadInvocation, NotAllowed
from leaflets.settings import SETTINGS_FILE, Service, load_settings
from scan_pipeline.learning.learned import (
    LEARNED_FILE,
    Learned,
    forget,
    load_learned,
    local_words,
    save_learned,
)
from scan_pipeline.reading.recognise import ppocr_name
from scan_pipeline.reading.recognise.confidence import CAUTIOUS
from scan_pipeline.story import Story


def learn(stories: Iterable[Story], service: Service) -> Learned:
    """What these stories teach, from nothing each time: a story that is gone is unlearned."""
    from scan_pipeline.learning.calibrate import correction
    from scan_pipeline.learning.pairs import lessons
    from scan_pipeline.learning.words import own_words
    from scan_pipeline.reading.language.lexicon import english

    reader = ppocr_name(service.reading_model)
    trust = CAUTIOUS if service.reading_model is not None else ()
    taught = lessons(stories, reader)
    return Learned(
        on=dt.date.today(),
        stories=len(taught),
        words_seen=sum(bool(pair.said) for lesson in taught for pair in lesson.pairs),
        words=own_words(taught, english(local_words(service))),
        steps=correction(taught, trust),
        reader=reader,
    )


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be learned; write nothing.")
@click.option("--show", is_flag=True, help="Show what was learned, words and all.")
@click.option("--forget", "forgets", is_flag=True, help="Delete what was learned.")
@click.pass_obj
def adapt(workspace: Path, dry_run: bool, show: bool, forgets: bool) -> None:
    """Learn the service's own words, and how well the hands here are read, from confirmed stories.

    Nothing leaves this computer. It is done only if the settings say `learn = true`.
    """
    if dry_run + show + forgets > 1:
        raise BadInvocation(
            "--dry-run, --show and --forget are three different things.", remedy="Choose one."
        )
    if forgets:
        there = forget(workspace)
        click.echo("What was learned is deleted." if there else "Nothing was learned.", err=True)
    elif show:
        _show(load_learned(workspace))
    else:
        _adapt(workspace, dry_run)


def _adapt(workspace: Path, dry_run: bool) -> None:
    from scan_pipeline.store import open_store

    service = load_settings(workspace)
    if not service.learn:
        raise NotAllowed(
            "Learning from confirmed stories is switched off.",
            remedy=f"To switch it on, write `learn = true` into {workspace / SETTINGS_FILE}; "
            "docs/privacy.md says what is kept then.",
        )
    with open_store(workspace) as repo:
        learned = learn(repo.stories(), service)
    _show(learned)
    if dry_run:
        click.echo("Nothing was written.", err=True)
        return
    save_learned(workspace, learned)
    click.echo(f"Kept in {workspace / LEARNED_FILE}; the next scan reads with it.", err=True)


def _show(learned: Learned | None) -> None:
    """The words on stdout, one a line; about them on stderr."""
    if learned is None:
        click.echo("Nothing was learned.", err=True)
        return
    few = "" if learned.steps else " Too few words yet to judge how surely they were read."
    click.echo(
        f"From {learned.stories} confirmed stories ({learned.words_seen} words), "
        f"{learned.on:%d.%m.%Y}: {len(learned.words)} words of your own.{few}",
        err=True,
    )
    for said, here in ((f"{said:.0%}", f"{here:.0%}") for said, here in learned.steps):
        if said != here:
            click.echo(f"  a word that was {said} sure is now {here} sure", err=True)
    for word in learned.words:
        click.echo(word)
