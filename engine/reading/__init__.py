"""Text to model, with source positions."""
