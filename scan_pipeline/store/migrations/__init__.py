"""How the tables came to be. Append-only: a version that was released is never edited."""
