variable "cors" {
  description = "Origin whose pages may call the API from a browser, what they may send and read, and which percent of the throttle the browsers' preflights get, each path the same; null: none."
  type = object({
    allow_headers     = optional(list(string), ["Content-Type", "Idempotency-Key", "If-Match", "x-api-key"])
    allow_origin      = string
    expose_headers    = optional(list(string), ["ETag", "Location", "Retry-After"])
    max_age_seconds   = optional(number, 600)
    preflight_percent = optional(number, 10)
  })
  default = null

  validation {
    condition     = var.cors == null ? true : can(regex("^(\\*|https?://[A-Za-z0-9.-]+(:[0-9]+)?)$", var.cors.allow_origin))
    error_message = "cors.allow_origin must be * or an origin such as https://www.example.com, without a path; received \"${try(var.cors.allow_origin, "none")}\"."
  }

  validation {
    condition     = var.cors == null ? true : var.cors.preflight_percent > 0 && var.cors.preflight_percent < 100
    error_message = "cors.preflight_percent must be above 0 and below 100, or nothing is left for preflights or for requests; received ${try(var.cors.preflight_percent, "none")}."
  }
}

variable "throttle" {
  description = "Requests a second that the API answers, all methods together (rate_limit), and how many it takes at once (burst_limit); the methods share both out."
  type        = object({ burst_limit = number, rate_limit = number })
  nullable    = false

  validation {
    condition     = var.throttle.rate_limit >= 1
    error_message = "throttle.rate_limit must be at least 1 request a second; received ${var.throttle.rate_limit}."
  }

  validation {
    # A bucket smaller than one second's requests refuses traffic the rate allows.
    condition     = var.throttle.burst_limit >= var.throttle.rate_limit && floor(var.throttle.burst_limit) == var.throttle.burst_limit
    error_message = "throttle.burst_limit must be a whole number of at least rate_limit (${var.throttle.rate_limit}); received ${var.throttle.burst_limit}."
  }
}

variable "usage_plan" {
  description = "Asks for an API key wherever the contract's security does, and limits each key; null: no key is asked."
  type        = object({ burst_limit = number, key_name = string, name = string, quota_per_day = number, rate_limit = number })
  default     = null

  validation {
    condition     = var.usage_plan == null ? true : var.usage_plan.rate_limit >= 1 && var.usage_plan.burst_limit >= var.usage_plan.rate_limit
    error_message = "usage_plan takes 1 <= rate_limit <= burst_limit; received ${jsonencode(var.usage_plan)}."
  }

  validation {
    condition     = var.usage_plan == null ? true : var.usage_plan.rate_limit <= var.throttle.rate_limit
    error_message = "usage_plan.rate_limit must not promise more than all methods let through, throttle.rate_limit (${var.throttle.rate_limit}); received ${try(var.usage_plan.rate_limit, "none")}."
  }

  validation {
    condition     = var.usage_plan == null ? true : var.usage_plan.quota_per_day >= 1 && floor(var.usage_plan.quota_per_day) == var.usage_plan.quota_per_day
    error_message = "usage_plan.quota_per_day must be a whole number of at least 1; received ${try(var.usage_plan.quota_per_day, "none")}."
  }
}

variable "web_acl" {
  description = "Web ACL (WAF) in front of the stage; null: none."
  type        = object({ arn = string })
  default     = null
}
