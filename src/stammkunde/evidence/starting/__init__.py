"""Offers at the start: who had what when he began, made alike by cells, models or both."""
