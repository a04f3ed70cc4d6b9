"""How a command ends: exceptions become a sentence and an exit code in one place."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click

from leaflets.errors import LeafletsError, StorageFailure
from leaflets.files import remedy_for

STOPPED = 130
"""How programs end that Ctrl+C has stopped."""
UNHEARD = 141
"""How programs end whose reader (`head`) has closed the pipe."""


class Commands(click.Group):
    """The one place where exceptions become a sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LeafletsError as error:
            click.echo(f"{error}\n{error.remedy}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            _end_unheard()
            ctx.exit(UNHEARD)
        except OSError as error:
            failure = StorageFailure(
                f"{error.strerror or error}: {error.filename or ''}".rstrip(": "),
                remedy=remedy_for(error),
            )
            click.echo(f"{failure}\n{failure.remedy}", err=True)
            ctx.exit(failure.exit_code)
        except (KeyboardInterrupt, click.Abort):
            end_undisturbed()
            click.echo("\nStopped.", err=True)
            ctx.exit(STOPPED)


def _end_unheard() -> None:
    """Whoever read stdout has seen enough. What is left goes nowhere, the last flush included."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def end_undisturbed() -> None:
    """Nothing but the end comes after the first Ctrl+C: a second one would only break it off."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stop_once(*_: object) -> None:
    """Ctrl+C, heard once: between a first and a second there may be no moment at all."""
    end_undisturbed()
    raise KeyboardInterrupt
