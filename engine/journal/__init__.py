"""Facts on disk: the event journal, logs, the lock, the control socket. Knows nothing of pipelines."""
