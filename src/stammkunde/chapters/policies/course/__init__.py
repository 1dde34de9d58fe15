"""When a policy overtakes another, and when a newcomer has paid his way."""
