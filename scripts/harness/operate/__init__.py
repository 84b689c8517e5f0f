"""Work on deployed stacks: ``preflight`` before an apply; releases, recovery, drift, adoption after a killed apply."""
