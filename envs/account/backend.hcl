# terraform init -backend-config=backend.hcl -backend-config="key=account/account/terraform.tfstate"
# On AWS, put in the state bucket that "make bootstrap" makes, and its region:
#   bucket = "<prefix>-terraform-state-<account id>"
#   region = "eu-west-1"
# No "encrypt": it would ask for AES256 by name, and so pass over the bucket's own default (docs/pitfalls.md).
use_lockfile = true
