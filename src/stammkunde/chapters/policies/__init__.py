"""The chapter on what policies would be worth."""
