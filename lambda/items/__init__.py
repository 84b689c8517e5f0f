"""The items service: contract-first CRUD behind API Gateway and Lambda.

``openapi.yaml`` is the contract. Outside in: ``handler`` (which function answers what; ``rest`` has called it) ->
``service`` (what each operation does) -> ``logic`` and its pure neighbours ``cursor``, ``model``, ``records`` (decide),
``store`` (the only module that talks to AWS). ``settings`` holds every figure a rule over the plan reads.
"""
