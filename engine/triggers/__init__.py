"""What starts a pipeline besides a save: pushes, pull requests, the clock, webhooks."""
