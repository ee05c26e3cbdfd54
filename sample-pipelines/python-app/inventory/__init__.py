"""What is on the shelves, and what must be ordered."""
