# The region and the credentials come from the environment (AWS_REGION, AWS_PROFILE ...): the same root deploys
# to the local AWS and to a real account.
provider "aws" {
  # An empty list would forbid every account; null checks none.
  allowed_account_ids = length(var.allowed_account_ids) == 0 ? null : var.allowed_account_ids

  default_tags {
    tags = {
      Environment = local.environment
      ManagedBy   = "terraform"
      Owner       = var.owner
      Project     = local.blueprint.project
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}
