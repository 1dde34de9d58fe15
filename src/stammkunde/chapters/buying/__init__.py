"""Customers without a contract: how they buy, who is still there, and what they are worth."""
