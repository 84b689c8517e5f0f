# What exists before the plan of plan.tf.
resource "terraform_data" "secret" {
  input = sensitive("first-secret")
}

resource "terraform_data" "secret_kept" {
  input = { size = 1, password = sensitive("kept-secret") }
}

resource "terraform_data" "secret_told" {
  input = { size = 1, password = sensitive("told-secret") }
}

resource "terraform_data" "document" {
  input = jsonencode({ Statement = [{ Sid = "Read", Action = ["a"] }, { Sid = "Write", Action = ["w"] }] })
}

resource "terraform_data" "list" {
  input = ["b", "c", "d"]
}

resource "terraform_data" "replaced" {
  triggers_replace = { size = 1, colour = "red" }
}

resource "terraform_data" "follows" {
  input = terraform_data.replaced.id
}

output "size" {
  value = 1
}

output "secret" {
  value     = "first-secret"
  sensitive = true
}

output "secret_kept" {
  value     = "kept-secret"
  sensitive = true
}

output "gone" {
  value = "x"
}
