"""The greenroom command and its terminal app."""
