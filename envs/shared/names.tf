# Every name is built here: prefix, thing, suffix. What stands once in this repository is read from where it stands.
locals {
  blueprint   = yamldecode(file("${path.module}/../../blueprint.yaml"))
  environment = basename(abspath(path.module))
  suffix      = coalesce(var.environment_suffix, local.environment)
  prefix      = "${local.blueprint.prefix}-"
  stage_name  = "v1"

  names = {
    alarm_topic = "${local.prefix}alarms-${local.suffix}"
    api         = "${local.prefix}${local.suffix}"
    api_key     = "${local.prefix}key-${local.suffix}"
    boundary    = "${local.prefix}boundary-${local.environment}"
    functions   = { for service in keys(local.services) : service => "${local.prefix}${service}-${local.suffix}" }
    tables      = { for table in keys(local.table_facts) : table => "${local.prefix}${table}-${local.suffix}" }
    usage_plan  = "${local.prefix}usage-${local.suffix}"
  }

  # What the services of this environment tell of themselves.
  service_facts = { for service in keys(local.services) : service => yamldecode(file("${path.module}/../../lambda/${service}/service.yaml")) }
  table_facts   = merge([for facts in local.service_facts : try(facts.tables, {})]...)
}
