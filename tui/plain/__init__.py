"""The plain mode: the same engine as a conversation in lines, for screen readers and terminals without a screen."""
