"""Data as values of known types."""
