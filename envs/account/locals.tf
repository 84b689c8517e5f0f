# Every value of the account. What environments differ in stands in theirs.
locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  # Derived, so that every root of the account finds it without being told.
  bucket_name = "api-terraform-state-${local.account_id}"
  bucket_arn  = "arn:${local.partition}:s3:::${local.bucket_name}"

  # What the environments' roots call their things: all that CI may touch.
  name_prefix  = "api-"
  environments = ["dev", "prod"]
  project      = "serverless-rest-api"
}
