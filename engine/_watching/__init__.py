"""The parts of `engine.watch`."""
