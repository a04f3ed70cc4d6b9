"""The print shop: it knows paper, never people."""
