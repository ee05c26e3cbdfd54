"""What others are told of a pipeline: EventBridge events, approval messages, notifications."""
