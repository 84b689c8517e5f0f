variable "dashboard_name" {
  description = "Name of the dashboard."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.dashboard_name))
    error_message = "dashboard_name must be 1 to 255 letters, digits, hyphens or underscores; received \"${var.dashboard_name}\"."
  }
}

variable "enabled" {
  description = "Families of alarms to make, such as lambda-errors; null: all of them."
  type        = set(string)
  default     = null

  validation {
    condition     = length(setsubtract(coalesce(var.enabled, []), local.families)) == 0
    error_message = "enabled takes families of catalogue.tf (${join(", ", local.families)}); received ${jsonencode(var.enabled)}."
  }
}

variable "encryption" {
  description = "Customer-managed key that encrypts the topic; its policy must let CloudWatch use it. Null: not encrypted, as CloudWatch cannot publish with the key AWS manages."
  type        = object({ kms_key_arn = string })
  default     = null
}

variable "location" {
  description = "Where this is deployed: the ARNs in policies are built from it, so that a plan shows them."
  type        = object({ account_id = string, partition = string, region = string })
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.location.account_id))
    error_message = "location.account_id must be 12 digits; received \"${var.location.account_id}\"."
  }
}

variable "prefix" {
  description = "Beginning of every alarm's name, with its hyphen."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*-$", var.prefix))
    error_message = "prefix must be lowercase letters, digits and hyphens, with a letter first and a hyphen last; received \"${var.prefix}\"."
  }
}

variable "runbooks" {
  description = "Where the runbooks are: a folder of this repository or an https address, without a slash at the end."
  type        = string
  default     = "docs/runbooks"
  nullable    = false

  validation {
    condition     = can(regex("^(https://)?[A-Za-z0-9._~/-]*[A-Za-z0-9]$", var.runbooks))
    error_message = "runbooks must be a folder or an https address without a slash at the end; received \"${var.runbooks}\"."
  }
}

variable "subscribers" {
  description = "Whom the topic tells, by a name: an e-mail address, or an https address, which may hold a token. AWS sends nothing until each has confirmed."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true

  validation {
    condition     = alltrue([for name in nonsensitive(keys(var.subscribers)) : can(regex("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", name))])
    error_message = "Names of subscribers must be letters, digits and inner hyphens, dots and underscores; received ${jsonencode(nonsensitive(keys(var.subscribers)))}."
  }

  validation {
    condition     = alltrue([for address in values(var.subscribers) : can(regex("^([^@/\\s]+@[^@/\\s]+[.][^@/\\s]+|https://[^/\\s]+(/\\S*)?)$", address))])
    error_message = "subscribers must be e-mail addresses or https addresses; of ${jsonencode(nonsensitive(keys(var.subscribers)))} at least one is neither."
  }

  validation {
    condition     = alltrue([for name in nonsensitive(keys(var.subscribers)) : var.topic_name != null])
    error_message = "subscribers need a topic to subscribe to; received ${jsonencode(nonsensitive(keys(var.subscribers)))} and topic_name null."
  }
}

variable "suffix" {
  description = "End of every alarm's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]*[a-z0-9]$", var.suffix))
    error_message = "suffix must be lowercase letters, digits and inner hyphens; received \"${var.suffix}\"."
  }
}

variable "topic_name" {
  description = "Name of the topic that alarms publish to; null: no topic, and alarms only change colour."
  type        = string
  default     = null

  validation {
    condition     = var.topic_name == null ? true : can(regex("^[a-zA-Z0-9_-]{1,256}$", var.topic_name))
    error_message = "topic_name must be 1 to 256 letters, digits, hyphens or underscores, or null; received \"${coalesce(var.topic_name, "null")}\"."
  }
}
