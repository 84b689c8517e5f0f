# The region and the credentials come from the environment (AWS_REGION, AWS_PROFILE ...).
provider "aws" {
  # An empty list would forbid every account; null checks none.
  allowed_account_ids = length(var.allowed_account_ids) == 0 ? null : var.allowed_account_ids

  default_tags {
    tags = {
      Environment = "account"
      ManagedBy   = "terraform"
      Owner       = var.owner
      Project     = local.project
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# For the region, under the one name that providers 5 and 6 both have for it: aws_region calls it name and id before
# 6.0, both deprecated since, and region after.
data "aws_service" "dynamodb" {
  service_id = "dynamodb"
}
