"""What the panes say about the chosen action: each a function from the store to text."""
