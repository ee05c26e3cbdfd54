"""Content: trees of digests, the store that keeps them, snapshots of directories, workspaces, archives."""
