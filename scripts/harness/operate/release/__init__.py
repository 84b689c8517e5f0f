"""Releases: move aliases to versions in steps, watch the alarms, take them back (docs/adr/0010)."""
