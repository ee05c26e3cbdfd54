"""A pipeline as text that other programs draw, and as a picture."""
