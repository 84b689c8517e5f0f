variable "allowed_account_ids" {
  description = "AWS accounts a plan or apply may touch; empty: any (the local AWS has a made-up one)."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.allowed_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "allowed_account_ids takes account ids of 12 digits; received ${jsonencode(var.allowed_account_ids)}."
  }
}

variable "budget_email" {
  description = "Who hears of the account's costs; needed with monthly_budget_usd."
  type        = string
  default     = null

  validation {
    condition     = var.budget_email == null ? true : can(regex("^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$", var.budget_email))
    error_message = "budget_email must be an e-mail address, or null; received \"${coalesce(var.budget_email, "null")}\"."
  }
}

variable "ci_features" {
  description = "What CI may manage beyond what every environment has: event_sources (what calls a function beside the API), queues (SQS), scaling (tables with provisioned capacity), web_acl (a WAF in front of the API)."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.ci_features, ["event_sources", "queues", "scaling", "web_acl"])) == 0
    error_message = "ci_features takes event_sources, queues, scaling and web_acl; received ${jsonencode(var.ci_features)}."
  }
}

variable "github_repository" {
  description = "Repository whose GitHub Actions may plan and apply: its name, as owner/name, the ids of both (\"gh api repos/OWNER/NAME --jq '.id, .owner.id'\") and its default branch; null: no access for CI."
  type        = object({ default_branch = optional(string, "main"), id = string, name = string, owner_id = string })
  default     = null

  validation {
    # A wildcard here would let other repositories in.
    condition     = var.github_repository == null ? true : can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository.name))
    error_message = "github_repository.name must be owner/name; received \"${try(var.github_repository.name, "")}\"."
  }

  validation {
    condition     = var.github_repository == null ? true : can(regex("^[0-9]+/[0-9]+$", "${var.github_repository.id}/${var.github_repository.owner_id}"))
    error_message = "github_repository.id and owner_id must be numbers; received \"${try(var.github_repository.id, "")}\" and \"${try(var.github_repository.owner_id, "")}\"."
  }

  validation {
    condition     = var.github_repository == null ? true : can(regex("^[A-Za-z0-9][A-Za-z0-9._/-]*$", var.github_repository.default_branch))
    error_message = "github_repository.default_branch must be a branch's name without wildcards; received \"${try(var.github_repository.default_branch, "")}\"."
  }
}

variable "monthly_budget_usd" {
  description = "US dollars a month the account may cost: an e-mail at 80 % of it, and when 100 % is forecast; null: no budget."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null ? true : var.monthly_budget_usd >= 1
    error_message = "monthly_budget_usd must be at least 1 US dollar, or null; received ${coalesce(var.monthly_budget_usd, 0)}."
  }

  validation {
    condition     = var.monthly_budget_usd == null || var.budget_email != null
    error_message = "monthly_budget_usd needs budget_email, or nobody hears of it; received no budget_email."
  }
}

variable "oidc_provider_exists" {
  description = "Whether the account has GitHub's OIDC provider already: an account has one, which every repository shares. It is then used and left as it is."
  type        = bool
  default     = false
  nullable    = false
}

variable "owner" {
  description = "Who to ask about this deployment: the Owner tag of everything."
  type        = string
  default     = "unassigned"
  nullable    = false

  validation {
    # What every AWS service takes in a tag's value.
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]{0,254}$", var.owner))
    error_message = "owner must be 1 to 255 letters, digits, spaces and _.:/=+@- and begin with a letter or digit; received \"${var.owner}\"."
  }
}
