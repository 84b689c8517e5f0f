# Edits that a reader wants to see, and secrets that nobody should: changed, kept, and no longer marked.
resource "terraform_data" "secret" {
  input = sensitive("second-secret")
}

resource "terraform_data" "secret_kept" {
  input = { size = 2, password = sensitive("kept-secret") }
}

resource "terraform_data" "secret_told" {
  input = { size = 2, password = "told-secret" }
}

resource "terraform_data" "document" {
  input = jsonencode({ Statement = [{ Sid = "Write", Action = ["w"] }, { Sid = "Read", Action = ["a", "b"] }] })
}

resource "terraform_data" "list" {
  input = ["a", "b", "c", "d"]
}

resource "terraform_data" "replaced" {
  triggers_replace = { size = 2, colour = "red" }
}

resource "terraform_data" "follows" {
  input = terraform_data.replaced.id
}

resource "terraform_data" "new" {
  input = ["x", sensitive("first-secret")]
}

output "size" {
  value = 2
}

output "secret" {
  value     = "second-secret"
  sensitive = true
}

output "secret_kept" {
  value     = "kept-secret"
  sensitive = true
}

output "late" {
  value = terraform_data.replaced.id
}
