"""What began on a day: customers met on it, months around it, groups that differed before."""
