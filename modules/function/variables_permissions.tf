variable "permissions" {
  description = "What the function may do beyond what every function may: the statements of the service's permissions.yaml. A resource is a symbol of resources, or key (only with when = customer_key)."
  type = list(object({
    actions  = list(object({ calls = optional(list(string), []), name = string }))
    reason   = string
    resource = string
    sid      = string
    through  = optional(list(string), [])
    when     = optional(string, "always")
  }))
  default  = []
  nullable = false

  validation {
    condition     = length(setsubtract(var.permissions[*].resource, concat(keys(var.resources), ["key"]))) == 0
    error_message = "permissions may cover only what resources names, or key; not in resources: ${join(", ", setsubtract(var.permissions[*].resource, concat(keys(var.resources), ["key"])))}."
  }

  validation {
    condition     = length(distinct(concat(local.own_sids, var.permissions[*].sid))) == length(concat(local.own_sids, var.permissions[*].sid))
    error_message = "permissions must have sids that differ from each other and from the module's own (${join(", ", local.own_sids)}); received ${jsonencode(var.permissions[*].sid)}."
  }

  validation {
    condition     = alltrue([for statement in var.permissions : can(regex("^[A-Za-z0-9]+$", statement.sid))])
    error_message = "permissions must have sids of letters and digits; received ${jsonencode(var.permissions[*].sid)}."
  }

  validation {
    condition     = alltrue([for action in flatten(var.permissions[*].actions) : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action.name))])
    error_message = "permissions must name each action in full, as service:Action without wildcards; received ${jsonencode([for action in flatten(var.permissions[*].actions) : action.name if !can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action.name))])}."
  }

  validation {
    condition     = length(setsubtract(var.permissions[*].when, keys(local.conditions))) == 0
    error_message = "permissions must have a when of ${join(", ", keys(local.conditions))}; received ${jsonencode(var.permissions[*].when)}."
  }

  validation {
    # Where no key is given there is nothing that the statement could cover.
    condition     = alltrue([for statement in var.permissions : statement.when == "customer_key" if statement.resource == "key"])
    error_message = "permissions on key must have when = customer_key; these have another: ${join(", ", [for statement in var.permissions : statement.sid if statement.resource == "key" && statement.when != "customer_key"])}."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what the function's role may do, whatever its own policies say; null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null ? true : can(regex("^arn:[^:]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a policy, or null; received \"${coalesce(var.permissions_boundary_arn, "null")}\"."
  }
}

variable "resources" {
  description = "ARNs that permissions are about, by symbol, such as table:NAME. ARNs built from names show the policy in every plan."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.resources) : can(regex("^arn:([^*?]+|[a-z-]+:s3:::[^*?/]+/\\*)$", arn))])
    error_message = "resources must be ARNs without wildcards, but for all objects of a bucket (arn:aws:s3:::NAME/*); received ${jsonencode({ for symbol, arn in var.resources : symbol => arn if !can(regex("^arn:([^*?]+|[a-z-]+:s3:::[^*?/]+/\\*)$", arn)) })}."
  }

  validation {
    condition     = length(setintersection(keys(var.resources), keys(local.own_resources))) == 0
    error_message = "resources takes no symbol that the module defines itself (${join(", ", keys(local.own_resources))}); received ${jsonencode(keys(var.resources))}."
  }
}
