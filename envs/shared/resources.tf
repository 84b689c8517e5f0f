# Resources of your own, a queue for instance: here or in a file beside this one (link it into each environment). Named here, a
# function may be permitted to use one (permissions.yaml: resource) and told its name (service.yaml: environment).
locals {
  # "queue:NAME" = { arn = "...", name = "..." }
  own_resources = {}

  # Service = { NAME = { source_arn = "...", ... } }: what calls its function beside the API.
  event_sources = {}
}
