"""The items service: contract-first CRUD behind API Gateway and Lambda.

``openapi.yaml`` is the contract. Outside in: ``handler`` (AWS events) -> ``service`` (what each operation
does) -> ``logic`` and its pure neighbours ``contract``, ``body``, ``cursor``, ``model`` (decide), ``store``
(the only module that talks to AWS). ``settings`` holds the environment and every figure a rule over the
plan reads.
"""
