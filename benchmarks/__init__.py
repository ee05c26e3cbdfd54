"""Measurements of greenroom beside the tools people know: `python -m benchmarks` prints the table."""
