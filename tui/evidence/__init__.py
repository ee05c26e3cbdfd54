"""Evidence in words, for the approval dialog and for commands alike."""
