# One thing to look at, and to tie a status page or a release's stop to. Where CloudWatch takes no rule over all alarms that
# page, those of each thing are summed up first, in a composite alarm of their own, which costs by the month.
locals {
  largest_rule = { alarms = 100, characters = 10240 }

  # Names, not resources: also what may not exist yet can be asked for.
  pages = concat(
    [for key, alarm in local.metric_alarms : { part = alarm.part, name = aws_cloudwatch_metric_alarm.this[key].alarm_name } if alarm.page],
    [for key, rate in local.rate_alarms : { part = "api", name = aws_cloudwatch_composite_alarm.rate[key].alarm_name } if rate.page],
  )

  sums_up   = contains(local.enabled, "service")
  one_rule  = join(" OR ", formatlist("ALARM(\"%s\")", local.pages[*].name))
  too_large = length(local.pages) > local.largest_rule.alarms || length(local.one_rule) > local.largest_rule.characters
  parts     = { for page in local.pages : page.part => page.name... if local.sums_up && local.too_large }
}

# Without an action: its alarms tell what fails, and the alarm service that something does.
resource "aws_cloudwatch_composite_alarm" "part" {
  for_each = local.parts

  alarm_name        = "${var.prefix}service-${each.key}-${var.suffix}"
  alarm_description = "At least one alarm of ${each.key} that wakes somebody is on. Runbook: ${var.runbooks}/service.md"
  alarm_rule        = join(" OR ", formatlist("ALARM(\"%s\")", each.value))

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_composite_alarm" "service" {
  count = local.sums_up ? 1 : 0

  alarm_name        = "${var.prefix}service-${var.suffix}"
  alarm_description = "At least one alarm that wakes somebody is on. Runbook: ${var.runbooks}/service.md"
  alarm_rule        = local.too_large ? join(" OR ", [for key in keys(local.parts) : "ALARM(\"${aws_cloudwatch_composite_alarm.part[key].alarm_name}\")"]) : local.one_rule

  alarm_actions = local.actions
  ok_actions    = local.actions

  lifecycle {
    precondition {
      condition     = length(local.pages) > 0
      error_message = "The alarm service sums up alarms that page: enable at least one of them too, and give it something to watch; received enabled = ${jsonencode(local.enabled)}."
    }

    precondition {
      condition     = length(local.parts) <= local.largest_rule.alarms && alltrue([for names in local.parts : length(names) <= local.largest_rule.alarms])
      error_message = "CloudWatch takes ${local.largest_rule.alarms} alarms in one composite alarm: so many things at most, and so many alarms that page of each; received ${length(local.parts)} things, of which have more: ${jsonencode({ for part, names in local.parts : part => length(names) if length(names) > local.largest_rule.alarms })}; leave families out of enabled, let fewer custom alarms page, or use this module twice."
    }
  }
}
