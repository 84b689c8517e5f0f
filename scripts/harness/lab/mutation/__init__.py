"""Mutations of the HCL: one setting broken at a time, to show that the assertions can fail.

``derive`` finds what can be broken in a file, from its syntax alone; ``mutant`` is a file with
one setting broken; ``run`` gives mutants to workers (``tests/support/mutant_worker.py``), which run the plan suite on
them; ``tell`` makes findings and figures of what they say. Survivors are accepted in ``tests/survivors.yaml``.
"""
