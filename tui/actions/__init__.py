"""What the app's keys do, by what they concern: the engine, the screens, other programs."""
