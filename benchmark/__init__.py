"""How fast and in how little memory ten million contracts become a life table (`make bench`)."""
