"""What is in force: settings and where they come from, sources and what they hold now."""
