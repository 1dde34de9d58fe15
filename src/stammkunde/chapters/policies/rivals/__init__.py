"""What rivals answer."""
