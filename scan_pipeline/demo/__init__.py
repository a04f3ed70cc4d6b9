"""The demo: leaflets filled in by drawn hands, put through a paper simulator, and read back."""
