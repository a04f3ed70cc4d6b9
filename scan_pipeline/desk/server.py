"""Serve the desk on the loopback, and tell where."""

from __future__ import annotations

import logging
import os
import secrets
import socket
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
        server = create_server(app, sockets=[_listening(port)], threads=4, ident="leaflets")
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


def _listening(port: int) -> socket.socket:
    """A socket of this computer's own. Waitress would leave one open when a port is in use."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would let two programs have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise BadInvocation(
            f"Port {port} cannot be used: {(error.strerror or 'no reason is known').lower()}.",
            remedy="Leave --port out, or choose another number, above 1023.",
        ) from error
    return listener
