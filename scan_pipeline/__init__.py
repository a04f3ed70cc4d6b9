"""The reading room: pages in, stories and responses out."""
