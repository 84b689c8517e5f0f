output "arn" {
  description = "ARN of the table; known once it exists."
  value       = aws_dynamodb_table.this.arn
}

output "index_names" {
  description = "Names of the table's indexes."
  value       = toset(keys(var.indexes))
}

output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}

output "on_demand" {
  description = "Whether its capacity is on demand, with a maximum."
  value       = local.on_demand != null
}

output "stream_arn" {
  description = "ARN of the table's stream, known once it exists; null: there is none."
  value       = var.stream_view_type == null ? null : aws_dynamodb_table.this.stream_arn
}
