"""What is known of English: which words there are, and which follow each other."""
