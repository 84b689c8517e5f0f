variable "encryption" {
  description = "Customer-managed key that encrypts the environment variables and the logs; null: Lambda's and CloudWatch's own keys."
  type        = object({ kms_key_arn = string })
  default     = null
}

variable "environment" {
  description = "Name of the environment, told to the code as ENVIRONMENT."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.environment))
    error_message = "environment must be lowercase letters, digits and hyphens and begin with a letter; received \"${var.environment}\"."
  }
}

variable "handler" {
  description = "Python function that takes the events, as package.module.function."
  type        = string
  default     = "items.handler.handler"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)+$", var.handler))
    error_message = "handler must be a dotted Python name such as items.handler.handler; received \"${var.handler}\"."
  }
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

variable "log_retention_days" {
  description = "Days that log events are kept."
  type        = number
  nullable    = false

  validation {
    # CloudWatch Logs knows some numbers only: the provider refuses the others and lists them.
    condition     = var.log_retention_days > 0
    error_message = "log_retention_days must be above 0, which would keep them for ever; received ${var.log_retention_days}."
  }
}

variable "name" {
  description = "Name of the function, its role and its log group."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name))
    error_message = "name must be 1 to 64 letters, digits, hyphens or underscores; received \"${var.name}\"."
  }
}

variable "package_path" {
  description = "Path of the zip with the code."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.package_path)
    error_message = "package_path must name a zip that exists (\"make bundle\" builds it); received \"${var.package_path}\"."
  }
}

variable "table" {
  description = "The table the function keeps items in, and the index it lists them from."
  type        = object({ index_name = string, name = string })
  nullable    = false

  validation {
    # A wildcard here would widen the role to other tables.
    condition     = alltrue([for name in values(var.table) : can(regex("^[a-zA-Z0-9_.-]{3,255}$", name))])
    error_message = "table names and index names must be 3 to 255 letters, digits, dots, hyphens or underscores; received ${jsonencode(var.table)}."
  }
}

variable "tracing_enabled" {
  description = "Whether requests are traced with X-Ray."
  type        = bool
  nullable    = false
}
