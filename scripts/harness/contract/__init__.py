"""The contract: an OpenAPI document in YAML, read once, checked whole and compiled into one canonical JSON.

``yaml12`` makes values of text and keeps their lines, ``compiling`` collects everything that is
wrong and writes the JSON that gateway, function, tests and documents read. Pure but for :func:`read_contract`.
"""

from harness.contract.compiling import ContractError, canonical, compile_text, read_contract

__all__ = ["ContractError", "canonical", "compile_text", "read_contract"]
