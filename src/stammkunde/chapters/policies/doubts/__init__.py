"""What the ranking hangs on, and where it turns."""
