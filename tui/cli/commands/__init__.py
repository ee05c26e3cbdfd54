"""One module for each command (approve and reject share one). Nothing here is imported before it is called."""
