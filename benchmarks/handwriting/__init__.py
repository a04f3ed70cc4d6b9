"""How well handwriting is read, and whether the reader knows when it does not know."""
