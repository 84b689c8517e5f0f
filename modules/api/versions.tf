terraform {
  # The releases that this was run with (docs/versions.md); the roots ask for the same.
  required_version = ">= 1.11, < 1.16"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}
