"""From a picture of a page to the fields written on it."""
