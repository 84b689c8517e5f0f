terraform {
  # The releases that this was run with (docs/versions.md).
  required_version = ">= 1.11, < 1.16"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }

  # Filled in by backend.hcl and, for the key, by the environment and its suffix.
  backend "s3" {}
}
