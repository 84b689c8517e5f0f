"""The harness behind ``scripts/blueprint``: drives Terraform, types its plans, asserts over them, runs the local AWS.

Layers, top to bottom (enforced by import-linter, see pyproject.toml; docs/adr/0024): cli, verbs, lab, operate and scan,
terraform, fastlane and aws, localaws and bundle, the pure domain (report, rules, parity, inventory, cost, plan,
contract), and base, which everything may use. Data flows one way.
"""
