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

variable "github_repository" {
  description = "Repository, as owner/name, whose GitHub Actions may plan and apply; null: no access for CI."
  type        = string
  default     = null

  validation {
    # A wildcard here would let other repositories in.
    condition     = var.github_repository == null ? true : can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository must be owner/name, or null; received \"${coalesce(var.github_repository, "null")}\"."
  }
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
