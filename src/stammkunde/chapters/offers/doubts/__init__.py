"""How wrong an answer would have to be, in the reader's language: a module for each doubt."""
