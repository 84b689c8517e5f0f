variable "description" {
  description = "What the function does, as Lambda's console shows it."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.description) >= 1 && length(var.description) <= 256
    error_message = "description must be 1 to 256 characters; received ${length(var.description)}: \"${var.description}\"."
  }
}

variable "encryption" {
  description = "Customer-managed key that encrypts the environment variables and the logs; null: Lambda's and CloudWatch's own keys."
  type        = object({ kms_key_arn = string })
  default     = null
}

variable "environment_variables" {
  description = "Environment variables of the code. LOG_LEVEL and POWERTOOLS_SERVICE_NAME (the function's name) are added."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.environment_variables) : can(regex("^[a-zA-Z][a-zA-Z0-9_]+$", name))])
    error_message = "environment_variables must have names of 2 or more letters, digits and underscores, a letter first; received ${jsonencode(keys(var.environment_variables))}."
  }

  validation {
    # Lambda sets these itself and takes them from nobody.
    condition     = alltrue([for name in keys(var.environment_variables) : !can(regex("^(AWS_|LAMBDA_TASK_ROOT$|LAMBDA_RUNTIME_DIR$)", name))])
    error_message = "environment_variables takes no name that Lambda reserves (AWS_*, LAMBDA_TASK_ROOT, LAMBDA_RUNTIME_DIR); received ${jsonencode(keys(var.environment_variables))}."
  }

  validation {
    condition     = length(setintersection(keys(var.environment_variables), keys(local.own_variables))) == 0
    error_message = "environment_variables takes no name that the module sets itself (${join(", ", keys(local.own_variables))}); received ${jsonencode(keys(var.environment_variables))}."
  }
}

variable "handler" {
  description = "Python function that takes the events, as package.module.function."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)+$", var.handler))
    error_message = "handler must be a dotted Python name such as package.module.function; received \"${var.handler}\"."
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

variable "package_hash" {
  description = "Base64 of the SHA-256 of what the zip is made of; a change publishes a version."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9+/]{43}=$", var.package_hash))
    error_message = "package_hash must be a SHA-256 in base64; received \"${var.package_hash}\"."
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

variable "tracing_enabled" {
  description = "Whether requests are traced with X-Ray."
  type        = bool
  nullable    = false
}
