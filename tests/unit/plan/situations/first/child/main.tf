variable "handed" {
  type = string
}

resource "terraform_data" "this" {
  for_each = { one = var.handed }
  input    = each.value
}

output "made" {
  value = terraform_data.this["one"].id
}
