"""The harness behind the Makefile: drives Terraform, types its plans, asserts over them, runs the local AWS.

Layers, top to bottom (enforced by import-linter, see pyproject.toml): cli, verbs, adapters that do I/O, the
pure domain (plan, rules, parity, inventory), and the base modules everything may use. Data flows one way.
"""
