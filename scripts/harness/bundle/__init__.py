"""The function's zip (``archive``) and the contract's JSON beside it (``compiled``): the same bytes everywhere."""
