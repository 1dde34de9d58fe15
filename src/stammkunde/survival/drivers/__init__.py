"""WHAT goes with leaving: hazards by tenure and by what is known of customers."""
