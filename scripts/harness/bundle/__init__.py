"""Build each service's zip (``archive``) and its contract's JSON (``compiled``): the same bytes everywhere."""
