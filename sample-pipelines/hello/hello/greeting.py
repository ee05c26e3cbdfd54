"""What to say, and when."""


def greeting(name: str, hour: int) -> str:
    """Greet somebody at an hour of the day, 0 to 23."""
    if hour < 12:
        return f"Good morning, {name}!"
    if hour < 18:
        return f"Good afternoon, {name}!"
    return f"Good evening, {name}!"
