terraform {
  # 1.10 is the first release with S3 native state locking.
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Filled in by backend.hcl and, for the key, by the environment and its suffix.
  backend "s3" {}
}
