variable "custom" {
  description = "Alarms on metrics of your own, by their keys; each fires when the statistic is above the threshold in `breaching` of `periods` periods."
  type = map(object({
    above          = number
    breaching      = number
    dimensions     = map(string)
    metric         = string
    missing_data   = string
    namespace      = string
    page           = bool
    period_seconds = number
    periods        = number
    runbook        = optional(string, "custom")
    statistic      = string
    summary        = string
    why_missing    = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.custom) : can(regex("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$", key))])
    error_message = "Keys of custom must be letters, digits and inner hyphens, dots and underscores; received ${jsonencode(keys(var.custom))}."
  }

  validation {
    condition     = length(setintersection(keys(var.custom), local.built_in_keys)) == 0
    error_message = "Keys of custom must not be those of built-in alarms; received ${jsonencode(setintersection(keys(var.custom), local.built_in_keys))}, which are."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : alarm.breaching >= 1 && alarm.breaching <= alarm.periods && floor(alarm.breaching) == alarm.breaching])
    error_message = "custom: breaching must be a whole number of 1 to `periods` periods; received ${jsonencode({ for key, alarm in var.custom : key => "${alarm.breaching} of ${alarm.periods}" })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : length(alarm.dimensions) <= 30])
    error_message = "custom: dimensions must be 30 at most; received ${jsonencode({ for key, alarm in var.custom : key => length(alarm.dimensions) })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : alltrue([for value in alarm.dimensions : can(regex("\\S", value))])])
    error_message = "custom: a dimension's value must not be blank; received ${jsonencode({ for key, alarm in var.custom : key => alarm.dimensions })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : can(regex("^\\S(.{0,253}\\S)?$", alarm.metric))])
    error_message = "custom: metric must be a name of 1 to 255 characters; received ${jsonencode({ for key, alarm in var.custom : key => alarm.metric })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : contains(["breaching", "ignore", "missing", "notBreaching"], alarm.missing_data)])
    error_message = "custom: missing_data must be breaching, ignore, missing or notBreaching; received ${jsonencode({ for key, alarm in var.custom : key => alarm.missing_data })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : can(regex("^[A-Za-z0-9._/#-][A-Za-z0-9._/#: -]{0,254}$", alarm.namespace))])
    error_message = "custom: namespace must be 1 to 255 letters, digits, spaces or ._/#:-, the first no space or colon; received ${jsonencode({ for key, alarm in var.custom : key => alarm.namespace })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : contains([10, 20, 30], alarm.period_seconds) || (alarm.period_seconds > 0 && alarm.period_seconds % 60 == 0)])
    error_message = "custom: period_seconds must be 10, 20, 30 or a multiple of 60 seconds; received ${jsonencode({ for key, alarm in var.custom : key => alarm.period_seconds })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : alarm.periods >= 1 && floor(alarm.periods) == alarm.periods])
    error_message = "custom: periods must be a whole number of at least 1 period; received ${jsonencode({ for key, alarm in var.custom : key => alarm.periods })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : alarm.period_seconds * alarm.periods <= (alarm.period_seconds < 3600 ? 86400 : 604800)])
    error_message = "custom: period_seconds x periods must be at most 86,400 seconds, or 604,800 where a period is 3,600 seconds or more; received ${jsonencode({ for key, alarm in var.custom : key => alarm.period_seconds * alarm.periods })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", alarm.runbook))])
    error_message = "custom: runbook must be the name of a page below `runbooks`, without .md; received ${jsonencode({ for key, alarm in var.custom : key => alarm.runbook })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : can(regex("^(Average|Maximum|Minimum|SampleCount|Sum|p(100|[1-9]?[0-9]([.][0-9]+)?))$", alarm.statistic))])
    error_message = "custom: statistic must be Average, Maximum, Minimum, SampleCount, Sum or a percentile of p0 to p100; received ${jsonencode({ for key, alarm in var.custom : key => alarm.statistic })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : can(regex("^\\S.{0,298}[^.\\s]$", alarm.summary))])
    error_message = "custom: summary must be a line of 2 to 300 characters without a full stop at the end; received ${jsonencode({ for key, alarm in var.custom : key => alarm.summary })}."
  }

  validation {
    condition     = alltrue([for alarm in var.custom : can(regex("^\\S.{0,298}[^.\\s]$", alarm.why_missing))])
    error_message = "custom: why_missing must be a line of 2 to 300 characters without a full stop at the end, on why missing_data is right; received ${jsonencode({ for key, alarm in var.custom : key => alarm.why_missing })}."
  }
}
