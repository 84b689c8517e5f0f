"""Expectations of a plan: a YAML document of addresses, attribute paths and expected values, matched as a subset.

A document::

    variables: {owner: somebody}  # what the plan is made with; left out: the defaults
    given: {ADDRESS: {id: x}}     # exists before, with what AWS gave it; left out: nothing does
    counts:                       # resource type -> how many; types not listed must not occur
      aws_dynamodb_table: 1
    resources:
      module.table.aws_dynamodb_table.this:
        billing_mode: PAY_PER_REQUEST
        point_in_time_recovery[0].enabled: true
        server_side_encryption:   # nested mappings are subsets, lists have as many elements and the same order
          - kms_key_arn: !from module.key.aws_kms_key.this.arn
    outputs:
      table_name: api-orders-live

Expectations other than plain values: ``!unknown`` (known after apply), ``!from ADDRESS`` (or a list: unknown or
sensitive, and made from these attributes), ``!absent`` (null or an empty list; the attribute must exist), ``!regex
TEXT`` (whole match), ``!json VALUE`` (a JSON text whose value is exactly this), ``!sensitive``. There is no operator
for "not".

Expectations that no longer hold are rewritten (``revising`` says what becomes of them, ``editing`` how the file is
changed), so that a change of a plan is reviewed as a diff of what was asserted before.
"""
