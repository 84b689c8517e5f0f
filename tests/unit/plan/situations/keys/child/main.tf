variable "input" {
  description = "Anything."
  type        = string
}

resource "terraform_data" "this" {
  input = var.input
}

output "id" {
  description = "Its id."
  value       = terraform_data.this.id
}
