output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "topic_arn" {
  description = "ARN of the topic alarms publish to, for subscriptions; null without one."
  value       = one(aws_sns_topic.this[*].arn)
}
