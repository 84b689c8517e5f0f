output "boundary_arns" {
  description = "Policies that bound what functions' roles may do, by environment."
  value       = { for environment, policy in aws_iam_policy.boundary : environment => policy.arn }

  precondition {
    condition     = length(setsubtract(keys(local.granted_actions), keys(local.boundary_resources))) == 0
    error_message = "boundary.tf must say what the resources of a permissions.yaml are that begin with ${join(", ", setsubtract(keys(local.granted_actions), keys(local.boundary_resources)))}."
  }
}

output "ci_role_arns" {
  description = "Roles for GitHub Actions, by environment and purpose (apply, plan): the repository variable AWS_CI_ROLES. Empty without a repository."
  value = {
    for environment in distinct(values(local.ci_roles)[*].environment) : environment => {
      for role, of in local.ci_roles : of.purpose => aws_iam_role.ci[role].arn if of.environment == environment
    }
  }
}

output "state_bucket_name" {
  description = "Bucket that keeps the states of every root in this account."
  value       = aws_s3_bucket.state.bucket
}
