"""What actions do. One module a provider; `engine.providers.registry` finds them by action type."""
