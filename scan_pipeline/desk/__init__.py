"""The desk: confirm, answer and print in a browser, on this computer only."""

from scan_pipeline.desk.server import serve

__all__ = ["serve"]
