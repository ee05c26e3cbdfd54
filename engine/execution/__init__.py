"""The pure core: events in, state and decisions out. No clock, no randomness, no I/O, no await."""
