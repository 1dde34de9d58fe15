"""The version of this package, for whoever must name it without importing the rest."""

VERSION = "0.1.0"
