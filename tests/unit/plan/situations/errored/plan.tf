# Planning fails half-way; Terraform saves what it has and marks it.
resource "terraform_data" "planned" {
  input = "planned before the failure"
}

data "terraform_remote_state" "absent" {
  backend = "local"
  config  = { path = "${path.module}/absent.tfstate" }
}
