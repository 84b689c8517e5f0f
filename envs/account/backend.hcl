# terraform init -backend-config=backend.hcl -backend-config="key=account/account/terraform.tfstate"
# On AWS, put in the state bucket that "make bootstrap" makes, and its region:
#   bucket = "<prefix>-terraform-state-<account id>"
#   region = "eu-west-1"
encrypt      = true
use_lockfile = true
