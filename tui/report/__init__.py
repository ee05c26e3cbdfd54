"""An execution as one self-contained HTML page."""
