output "ci_role_arns" {
  description = "Roles for GitHub Actions, by what they may do; empty without a repository."
  value       = { for purpose, role in aws_iam_role.ci : purpose => role.arn }
}

output "state_bucket_name" {
  description = "Bucket that keeps the states of every root in this account."
  value       = aws_s3_bucket.state.bucket
}
