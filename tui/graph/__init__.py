"""The picture of a pipeline as rows of text cells. Pure: no Textual, no clock, no I/O."""
