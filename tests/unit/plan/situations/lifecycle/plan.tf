# Every action: no-op, update, delete, both replacements, forget, import, move, read.
resource "terraform_data" "kept" {
  input = "same"
}

resource "terraform_data" "updated" {
  input = "new"
}

resource "terraform_data" "replaced" {
  triggers_replace = "new"
}

resource "terraform_data" "renewed" {
  triggers_replace = "new"
  lifecycle {
    create_before_destroy = true
  }
}

removed {
  from = terraform_data.let_go
  lifecycle {
    destroy = false
  }
}

moved {
  from = terraform_data.old_name
  to   = terraform_data.new_name
}

resource "terraform_data" "new_name" {
  input = "moved"
}

import {
  to = terraform_data.adopted
  id = "an-existing-id"
}

resource "terraform_data" "adopted" {
}

data "terraform_remote_state" "late" {
  backend = "local"
  config  = { path = "${path.module}/none-${terraform_data.replaced.id}" }
}
