"""What gives people away, what should worry us, and the one door through which words go public."""
