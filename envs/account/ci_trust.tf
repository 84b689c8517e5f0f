# Whose tokens the roles take: by the repository's id, and by where the job runs. The subject says the same with names; it has to
# be named (IAM refuses a trust without it), in the two forms that GitHub sends: repositories made, renamed or transferred
# since July 2026 put ids behind the names (GitHub Docs, "OpenID Connect reference", immutable subject claims).
locals {
  ci_repositories = var.github_repository == null ? [] : [
    var.github_repository.name,
    join("/", [
      "${split("/", var.github_repository.name)[0]}@${var.github_repository.owner_id}",
      "${split("/", var.github_repository.name)[1]}@${var.github_repository.id}",
    ]),
  ]
  ci_branch = "refs/heads/${try(var.github_repository.default_branch, "")}"

  ci_places = {
    for role, of in local.ci_roles : role => (
      of.purpose == "apply"
      # The branch, too: a job of any branch creates the GitHub environment that it names, protected by nobody.
      ? { InTheGitHubEnvironment = { claims = { environment = of.environment, ref = local.ci_branch }, subject = "environment:${of.environment}" } }
      : merge(
        { OnTheDefaultBranch = { claims = { ref = local.ci_branch }, subject = "ref:${local.ci_branch}" } },
        # Anybody who may push a branch may open a pull request, and its code runs with this role.
        local.environments[of.environment].guarded ? {} : { InPullRequests = { claims = {}, subject = "pull_request" } },
      )
    )
  }

  ci_trust = {
    for role, places in local.ci_places : role => [
      for sid, place in places : {
        Sid       = sid
        Effect    = "Allow"
        Principal = { Federated = local.ci_provider_arn }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            for claim, value in merge(
              {
                aud           = "sts.amazonaws.com"
                repository_id = var.github_repository.id
                sub           = [for repository in local.ci_repositories : "repo:${repository}:${place.subject}"]
              },
              place.claims,
            ) : "${local.ci_issuer}:${claim}" => value
          }
        }
      }
    ]
  }
}
