"""The greenroom command."""
