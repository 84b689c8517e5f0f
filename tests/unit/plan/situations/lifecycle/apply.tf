# What exists before the plan of plan.tf.
resource "terraform_data" "kept" {
  input = "same"
}

resource "terraform_data" "updated" {
  input = "old"
}

resource "terraform_data" "deleted" {
  input = "gone soon"
}

resource "terraform_data" "replaced" {
  triggers_replace = "old"
}

resource "terraform_data" "renewed" {
  triggers_replace = "old"
  lifecycle {
    create_before_destroy = true
  }
}

resource "terraform_data" "let_go" {
  input = "stays, without Terraform"
}

resource "terraform_data" "old_name" {
  input = "moved"
}
