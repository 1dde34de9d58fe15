"""What each policy is worth, from data and TOML."""
