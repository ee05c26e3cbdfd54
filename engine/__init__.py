"""greenroom's engine: reads pipeline definitions, runs them, remembers everything. No screen in here."""

__version__ = "0.1.0"
