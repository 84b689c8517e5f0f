"""After an apply that was killed: find what it made but could not write into the state, and hand it to Terraform.

Terraform writes a remote state every 20 seconds at best. What it created since is in the account and in no state: the
next apply would fail on the names and make twins of what has none. Here those resources are found by what the approved
plan says of them, and adopted by ``import`` blocks in a plan that must stay within the approved one.
"""
