"""Mutations of the HCL: one setting broken at a time, to show that the assertions can fail.

``derive`` finds what can be broken in a file, from its syntax alone; ``accepted`` holds what may survive, and why;
``outcome`` is what became of a mutant, ``run`` gives the mutants to workers (``tests/support/mutant_worker.py``), which
run the suite, and ``report`` tells.
"""
