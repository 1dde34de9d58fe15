"""HOW a report is made: chapters run, products written, out of date or not, swapped in whole."""
