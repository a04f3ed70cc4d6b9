"""Serve the desk on the loopback, and tell where."""

from __future__ import annotations

import logging
import secrets
import webbrowser
from pathlib import Path

import click
from waitress.server import create_server

from leaflets.errors import BadInvocation
from scan_pipeline.desk.app import create_app
from scan_pipeline.store import open_store

LOOPBACK = "127.0.0.1"


def serve(workspace: Path, *, port: int = 0, open_browser: bool = True) -> None:
    """Serve until Ctrl+C. `port` 0 takes a free one. Raises `BadInvocation` for a port in use."""
    token = secrets.token_urlsafe(24)
    # A page full of pictures queues for a moment: nothing anybody has to know.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with open_store(workspace) as repo:
        app = create_app(repo, workspace, token)
        try:
            server = create_server(app, host=LOOPBACK, port=port, threads=4, ident="leaflets")
        except OSError as error:
            raise BadInvocation(
                f"Port {port} cannot be used: another program has it, or it is not for everybody.",
                remedy="Leave --port out, or choose another number, above 1023.",
            ) from error
        address = f"http://{LOOPBACK}:{server.effective_port}/?token={token}"
        click.echo("The desk is open. This address works once, in one browser:", err=True)
        click.echo(address)
        click.echo("Ctrl+C ends it; nothing is lost.", err=True)
        if open_browser:
            webbrowser.open(address)
        try:
            server.run()
        except KeyboardInterrupt:
            click.echo("\nThe desk is closed.", err=True)
        finally:
            server.close()
