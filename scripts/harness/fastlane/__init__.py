"""The fast lane: one provider process kept alive behind a schema-trimming proxy, for tests, rules, scans and mutants.

Terraform's own CLI still does all the planning. What the lane removes is the cost around it: hashing the 700 MB
provider, starting it three times and decoding the schemas of 1,500 types, on every command. Operators' ``make plan``
and ``make apply`` stay on the stock CLI with the lock file verified, and ``make check`` compares both ways
(:mod:`harness.fastlane.equality`).

In the parent's process: ``lane`` (validate, plan), ``pool`` (several lanes), ``plan_cache`` and
``equality``; below them ``keeper`` (starts and stops the server) and ``usage`` (types in use). In the server's process,
one for each lane: ``server``, ``proxy``, ``upstream``, ``memory`` and ``schema``. Server and memory keep files through
``sealed``. Nothing is imported here, so that the server starts quickly.
"""
