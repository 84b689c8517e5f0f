# terraform init -backend-config=backend.hcl -backend-config="key=<environment>/<suffix>/terraform.tfstate"
# On AWS, put in the state bucket that envs/account makes, and its region:
#   bucket = "<prefix>-terraform-state-<account id>"
#   region = "eu-west-1"
encrypt      = true
use_lockfile = true
