"""Logs as files: lines by number, text without control sequences, search. Nothing here knows Textual.

A log is never loaded. `Document` finds lines by random access, `Search` finds matches, `line` turns the bytes of
one line into text that is safe to show; the pane asks for the few lines it paints.
"""
