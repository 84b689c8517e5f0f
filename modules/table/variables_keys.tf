variable "hash_key" {
  description = "Attribute that every item is found by; type is string, number or binary, or DynamoDB's letter for it."
  type        = object({ name = string, type = optional(string, "S") })
  nullable    = false
}

variable "indexes" {
  description = "Global secondary indexes by name. projection: ALL attributes of an item, or KEYS_ONLY."
  type = map(object({
    hash_key   = object({ name = string, type = optional(string, "S") })
    projection = optional(string, "ALL")
    range_key  = optional(object({ name = string, type = optional(string, "S") }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.indexes) : can(regex("^[a-zA-Z0-9_.-]{3,255}$", name))])
    error_message = "indexes must have names of 3 to 255 letters, digits, dots, hyphens or underscores; received ${jsonencode(keys(var.indexes))}."
  }

  validation {
    condition     = alltrue([for index in values(var.indexes) : index.hash_key.name != try(index.range_key.name, null)])
    error_message = "indexes must have a range_key that is not the hash_key; not so: ${join(", ", [for name, index in var.indexes : name if index.hash_key.name == try(index.range_key.name, null)])}."
  }

  validation {
    # INCLUDE would need a list of attributes, and an attribute added later a new index.
    condition     = length(setsubtract(values(var.indexes)[*].projection, ["ALL", "KEYS_ONLY"])) == 0
    error_message = "indexes must have the projection ALL or KEYS_ONLY; received ${jsonencode({ for name, index in var.indexes : name => index.projection })}."
  }

  validation {
    # Not by way of local.keys, which depends on this variable.
    condition = alltrue([
      for keys in [concat([var.hash_key], var.range_key[*], flatten([for index in values(var.indexes) : concat([index.hash_key], index.range_key[*])]))] :
      length(distinct(keys)) == length(distinct(keys[*].name))
    ])
    error_message = "indexes must use an attribute with one type, the one it has in hash_key, range_key and other indexes; used with several: ${join(", ", flatten([
      for keys in [concat([var.hash_key], var.range_key[*], flatten([for index in values(var.indexes) : concat([index.hash_key], index.range_key[*])]))] :
      [for name in distinct(keys[*].name) : name if length(distinct([for key in keys : key.type if key.name == name])) > 1]
    ]))}."
  }
}

variable "range_key" {
  description = "Attribute that items of one hash_key are ordered and found by; null: there is one item a hash_key."
  type        = object({ name = string, type = optional(string, "S") })
  default     = null

  validation {
    condition     = try(var.range_key.name, null) != var.hash_key.name
    error_message = "range_key must not be the hash_key; received \"${try(var.range_key.name, "")}\" for both."
  }
}
