"""What a person needs to see before deciding: what differs between two runs, in files, tests and deployments."""
