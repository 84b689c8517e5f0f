locals {
  enabled = coalesce(var.enabled, toset(local.families))

  metric_alarms = { for key, alarm in local.catalogue : key => alarm if contains(local.enabled, alarm.family) }
  rate_alarms   = { for key, rate in local.rates : key => rate if contains(local.enabled, key) }

  # The ARN as a string: a plan then shows that alarms have an action.
  actions = [for topic in aws_sns_topic.this : "${local.topic_arn_prefix}:${topic.name}"]
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.metric_alarms

  alarm_name        = "${var.prefix}${each.key}-${var.suffix}"
  alarm_description = "${each.value.summary}. Without data: ${each.value.silence.treated_as}, ${each.value.silence.because}. Runbook: ${var.runbooks}/${lookup(each.value, "runbook", each.value.family)}.md"

  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.breaching
  treat_missing_data  = each.value.silence.treated_as

  alarm_actions = each.value.input ? [] : local.actions
  ok_actions    = each.value.input ? [] : local.actions

  lifecycle {
    # CloudWatch deletes no alarm that a composite alarm's rule still names.
    create_before_destroy = true

    precondition {
      condition     = each.value.above != null
      error_message = "The alarm ${each.key} needs a reserved concurrency to take its threshold from: reserve some (reserved_concurrency of the function ${lookup(each.value.dimensions, "FunctionName", "")}, received null) or leave ${each.value.family} out of enabled."
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "rate" {
  for_each = local.rate_alarms

  alarm_name        = "${var.prefix}${each.key}-${var.suffix}"
  alarm_description = "${each.value.summary}. Runbook: ${var.runbooks}/${each.key}.md"
  alarm_rule = join(" AND ", [
    for key, alarm in local.metric_alarms : "ALARM(\"${aws_cloudwatch_metric_alarm.this[key].alarm_name}\")" if alarm.family == each.key
  ])

  alarm_actions = local.actions
  ok_actions    = local.actions

  lifecycle {
    create_before_destroy = true
  }
}
