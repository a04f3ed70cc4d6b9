"""What a coordinator asks for: a response written down, posters for the wall."""

from __future__ import annotations

from pathlib import Path

import click

from leaflets.errors import DoesNotFit, NotAllowed
from leaflets.settings import load_settings
from scan_pipeline import targets
from scan_pipeline.batch import counted
from scan_pipeline.commands.shared import FILE, say_example


@click.command()
@click.argument("workspace_story", metavar="STORY")
@click.option("--text", required=True, help="The response, in plain words.")
@click.option("--name", required=True, help="First name of who responds.")
@click.option("--role", required=True, help="Their role, such as Service manager.")
@click.option(
    "--change",
    "change_status",
    type=click.Choice(["made", "planned", "cannot"]),
    help="What becomes of it.",
)
@click.option("--change-text", default="", help="The change, explained.")
@click.option("--due", default="", help="When a planned change will be made, such as 2026-12-01.")
@click.option("--approve", is_flag=True, help="As coordinator: this may go on the wall.")
@click.option("--by", default="", help="Who approves it; default: the coordinator.")
@click.option("--anyway", is_flag=True, help="Approve it although there are warnings: I read them.")
@click.option("--dry-run", is_flag=True, help="Check everything; write nothing.")
@click.pass_obj
def respond(
    workspace: Path,
    workspace_story: str,
    text: str,
    name: str,
    role: str,
    change_status: str | None,
    change_text: str,
    due: str,
    approve: bool,
    by: str,
    anyway: bool,
    dry_run: bool,
) -> None:
    """Write the response to STORY (such as S-2026-041), and the change it led to."""
    from scan_pipeline import respond as answers
    from scan_pipeline.progress import about_the_poster
    from scan_pipeline.store import open_store

    response = answers.compose(
        text=text,
        name=name,
        role=role,
        change_status=change_status,
        change_text=change_text,
        due=answers.date_of(due),
    )
    service = load_settings(workspace)
    with open_store(workspace) as repo:
        story = repo.story(workspace_story)
        for line in answers.on_the_wall(story, response, service) if approve else ():
            click.echo(line)
        advice = answers.respond(
            repo,
            story.id,
            response,
            service=service,
            by=by.strip() or answers.COORDINATOR,
            approve=approve,
            anyway=anyway,
            dry_run=dry_run,
            seen=story.version,
        )
        at_the_wall = "" if dry_run else about_the_poster(repo.story(story.id))
    for line in (*advice, *filter(None, [at_the_wall])):
        click.echo(line, err=True)
    became = "approved" if approve else "saved as a draft, and not approved"
    told = "Nothing was written." if dry_run else f"{story.id}: the response is {became}."
    click.echo(told, err=True)


@click.command()
@click.option("-o", "--output", type=FILE, required=True, help="The PDF to write.")
@click.option("--dry-run", is_flag=True, help="List what would be printed and what not, and why.")
@click.pass_obj
def posters(workspace: Path, output: Path, dry_run: bool) -> None:
    """Print story and response sheets for the noticeboard (A4).

    A story whose words do not fit is left out and named, and the others are printed; the exit code
    is then 8. It is 7 when no story is ready: an older file of posters is deleted then. With
    --dry-run it is 0.
    """
    from leaflets.poster import TooLong, draw_posters
    from scan_pipeline import respond as answers
    from scan_pipeline.lookalikes import came_since
    from scan_pipeline.store import open_store

    targets.pdf_target(workspace, output, "posters.pdf")
    service = load_settings(workspace)
    with open_store(workspace) as repo:
        contents, withheld = answers.collect_posters(repo, service)
        unseen = came_since(repo.stories())
    for story_id, reason in withheld:
        click.echo(f"{story_id} is not printed: {reason}", err=True)
    for story, told in unseen:
        click.echo(f"{story.id} is approved, but: {' '.join(told)}", err=True)
    if contents and not dry_run:
        targets.make_folder(output.parent)
        draw_posters(contents, output)
    if contents:
        verb = "would be printed" if dry_run else f"printed to {output}"
        click.echo(f"{counted(len(contents), 'story', 'stories')} {verb}.", err=True)
        say_example(service)
    if dry_run:
        if not contents:
            click.echo("No story is ready for the wall.", err=True)
            if targets.old_posters(output):
                click.echo(f"The old {output} would be deleted.", err=True)
        return
    if not contents and targets.old_posters(output):
        # It would be printed once more: nobody looks whether a file is this week's.
        targets.remove(output)
        click.echo(
            f"The old {output} was deleted, as no story in it may be printed any more. Please take "
            "the posters that it made off the wall.",
            err=True,
        )
    too_long = [story_id for story_id, reason in withheld if isinstance(reason, TooLong)]
    if too_long:
        raise DoesNotFit(f"Left out, because the words do not fit: {', '.join(too_long)}.")
    if not contents:
        raise NotAllowed(
            f"No story is ready for the wall: {output} was not written.",
            remedy="Confirm and answer stories in `leaflets desk`, and approve the responses.",
        )
