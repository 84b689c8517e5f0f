"""One module a verb. Each has ``run(options) -> int``: 0 clean, 1 findings; a failure raises HarnessError."""
