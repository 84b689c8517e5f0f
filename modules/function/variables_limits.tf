variable "memory_mb" {
  description = "Memory of the function in MB; processor share grows with it."
  type        = number
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb must be a whole number from 128 to 10240; received ${var.memory_mb}."
  }
}

variable "reserved_concurrency" {
  description = "How many requests the function may work on at once, set aside for it in the account; null: no reservation and no limit of its own."
  type        = number
  default     = null

  validation {
    # 0 would switch the function off.
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency must be a whole number of at least 1, or null for none; received ${coalesce(var.reserved_concurrency, "null")}."
  }
}

variable "timeout_seconds" {
  description = "Seconds after which Lambda ends a request."
  type        = number
  nullable    = false

  validation {
    # API Gateway gives up after 29 s: a function that may run as long answers nobody.
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds < 29 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 1 to 28, below API Gateway's 29; received ${var.timeout_seconds}."
  }
}
