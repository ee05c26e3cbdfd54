"""Running commands in containers."""
