"""How long they stay: one module for each section of the chapter."""
