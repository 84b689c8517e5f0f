# Reads the contracts into what the gateway needs of them. Everything here tolerates a broken contract (try, can):
# what is wrong is collected in problems.tf, and the plan fails there with all of it at once.
locals {
  contracts = { for service, given in var.services : service => jsondecode(given.openapi) }

  verbs               = ["delete", "get", "head", "options", "patch", "post", "put"]
  parameter_locations = { header = "header", path = "path", query = "querystring" }

  # Key: "GET /things/{id}", which is also how a plan addresses the operation's resources. A list a key, as two services
  # may claim the same: problems.tf refuses it.
  claims = merge([
    for key in distinct(flatten([for service, found in local.operations_of : keys(found)])) : {
      (key) = [for service, found in local.operations_of : merge(found[key], { service = service }) if can(found[key])]
    }
  ]...)
  operations = { for key, claimed in local.claims : key => claimed[0] }

  operations_of = {
    for service, contract in local.contracts : service => merge([
      for path, item in contract.paths : {
        for verb, operation in item : "${upper(verb)} ${path}" => {
          id   = try(tostring(operation.operationId), "")
          path = path
          verb = upper(verb)
          # An operation's parameter takes the place of its path's parameter of the same name.
          parameters = merge([
            for parameter in local.parameters_of[service]["${upper(verb)} ${path}"] :
            { "method.request.${local.parameter_locations[parameter.in]}.${parameter.name}" = try(parameter.required, false) }
            if can(local.parameter_locations[parameter.in]) && can(parameter.name)
          ]...)
          key_required = var.usage_plan != null && length(try(operation.security, contract.security, [])) > 0
        } if contains(local.verbs, verb)
      }
    ]...)
  }

  parameters_of = {
    for service, contract in local.contracts : service => merge([
      for path, item in contract.paths : {
        for verb, operation in item : "${upper(verb)} ${path}" => [
          for parameter in concat(try(item.parameters, []), try(operation.parameters, [])) :
          try(contract.components.parameters[regex("^#/components/parameters/([^/]+)$", parameter["$ref"])[0]], parameter)
        ] if contains(local.verbs, verb)
      }
    ]...)
  }
  parameters = merge(values(local.parameters_of)...)

  # Every path with the fields that any contract has for it.
  paths = {
    for path in distinct(flatten([for contract in local.contracts : keys(contract.paths)])) :
    path => distinct(flatten([for contract in local.contracts : try(keys(contract.paths[path]), [])]))
  }
}
