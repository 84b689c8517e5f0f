terraform {
  # 1.10 is the first release with S3 native state locking; the roots ask for it too.
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
