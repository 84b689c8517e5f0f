output "index_name" {
  description = "Name of the index that lists are read from."
  value       = local.index_name
}

output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}
