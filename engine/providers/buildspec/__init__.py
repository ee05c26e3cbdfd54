"""The buildspec: what it says (`model`), how it is read (`parse`), where it comes from (`locate`)."""
