"""Where a process runs."""
