"""Policy scans: checkov with the house policies, the IAM linter and the search for secrets, all as Findings.

Two processes. The scanners live in ``build/venv-checkov`` (their pins clash with the harness's): ``driver``,
``scanners``, ``policies``, ``iam`` and ``leaks`` run there and import nothing of the harness but each other. The rest
runs here: ``launch`` starts that process and types its answer, ``plans`` makes the plans, ``documents`` takes the
IAM documents out of them, ``locate`` maps addresses to module files, ``exceptions`` applies
``exceptions.yaml`` of product, roots and services. Nothing is imported here, so that the scanners start quickly.
"""
