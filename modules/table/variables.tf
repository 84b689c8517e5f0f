variable "deletion_protection_enabled" {
  description = "Whether DynamoDB refuses to delete the table."
  type        = bool
  nullable    = false
}

variable "encryption" {
  description = "Customer-managed key that encrypts the table; null: the key AWS manages in this account. Going back to null keeps the old key, without a word from AWS."
  type        = object({ kms_key_arn = string })
  default     = null
}

variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.name))
    error_message = "name must be 3 to 255 letters, digits, dots, hyphens or underscores; received \"${var.name}\"."
  }
}

variable "recovery_days" {
  description = "How many days back the table can be restored to any second (point-in-time recovery); null: not at all."
  type        = number
  default     = null

  validation {
    condition     = var.recovery_days == null ? true : contains(range(1, 36), var.recovery_days)
    error_message = "recovery_days must be a whole number from 1 to 35, or null for none; received ${coalesce(var.recovery_days, "null")}."
  }
}

variable "stream_view_type" {
  description = "What the table's stream says of every change: KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES; null: there is no stream."
  type        = string
  default     = null

  validation {
    condition     = var.stream_view_type == null ? true : contains(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"], var.stream_view_type)
    error_message = "stream_view_type must be KEYS_ONLY, NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES or null for no stream; received \"${coalesce(var.stream_view_type, "null")}\"."
  }
}

variable "ttl_attribute" {
  description = "Attribute that holds the second (since 1970) an item expires at; null: nothing expires."
  type        = string
  default     = null

  validation {
    condition     = var.ttl_attribute != ""
    error_message = "ttl_attribute must name an attribute, or be null for none; received ${jsonencode(var.ttl_attribute)}."
  }
}
