"""Drift: what changed outside Terraform, attribute by attribute, and what nobody's state knows."""
