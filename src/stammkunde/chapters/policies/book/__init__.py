"""From assumptions to results, for those who check sums."""
