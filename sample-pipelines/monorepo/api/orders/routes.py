"""What each route of the shop answers."""

ORDERS = [
    {"number": 1, "customer": "Ada", "total": 12.5},
    {"number": 2, "customer": "Grace", "total": 80.0},
]


def orders() -> list[dict]:
    """Every order."""
    return ORDERS


def customers() -> list[dict]:
    """Everybody who ordered, and where they live."""
    cities = {"Ada": "London", "Grace": "Arlington"}
    return [{"name": name, "city": cities[name]} for name in sorted({order["customer"] for order in ORDERS})]


ROUTES = {"orders": orders, "customers": customers}
