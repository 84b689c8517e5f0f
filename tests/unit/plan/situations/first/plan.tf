# A first plan: creates, a data source put off to apply, unknown and sensitive values at every depth,
# checks that pass, fail and cannot be told yet, a module with for_each, references through both directions.
variable "password" {
  type      = string
  sensitive = true
  default   = "hunter2"
  validation {
    condition     = length(var.password) > 3
    error_message = "The password is too short."
  }
}

variable "plain" {
  type    = string
  default = null
}

resource "terraform_data" "source" {
  input = { password = var.password, number = 1, list = ["a", { inner = var.password }] }
}

resource "terraform_data" "counted" {
  count = 2
  input = "number ${count.index}"
}

module "child" {
  source   = "./child"
  for_each = toset(["a.b", "c"])
  handed   = terraform_data.source.id
}

resource "terraform_data" "derived" {
  input            = { id = terraform_data.source.id, known = "v", list = [terraform_data.source.id, "x"] }
  triggers_replace = module.child["c"].made
  depends_on       = [terraform_data.counted]
}

data "terraform_remote_state" "late" {
  backend = "local"
  config  = { path = "${path.module}/none-${terraform_data.source.id}" }
}

check "holds" {
  assert {
    condition     = terraform_data.source.input.number == 1
    error_message = "never"
  }
}

check "broken" {
  assert {
    condition     = terraform_data.source.input.number == 2
    error_message = "the number is not 2"
  }
}

check "later" {
  assert {
    condition     = terraform_data.source.id == "x"
    error_message = "decided at apply"
  }
}

output "secret" {
  value     = terraform_data.source.input
  sensitive = true
}

output "made" {
  value = { for key, child in module.child : key => child.made }
}
