"""The third chapter, beyond what was observed: a module for each section."""
