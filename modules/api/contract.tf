# Reads the contract into what the gateway needs of it. Everything here tolerates a broken contract (try, can):
# what is wrong is collected in problems.tf, and the plan fails there with all of it at once.
locals {
  contract   = jsondecode(var.openapi)
  components = try(local.contract.components, {})

  verbs               = ["delete", "get", "head", "options", "patch", "post", "put"]
  parameter_locations = { header = "header", path = "path", query = "querystring" }

  # Key: "GET /items/{id}", which is also how a plan addresses the operation's resources.
  operations = merge([
    for path, item in local.contract.paths : {
      for verb, operation in item : "${upper(verb)} ${path}" => {
        id   = try(tostring(operation.operationId), "")
        path = path
        verb = upper(verb)
        # An operation's parameter takes the place of its path's parameter of the same name.
        parameters = merge([
          for parameter in local.parameters["${verb} ${path}"] :
          { "method.request.${local.parameter_locations[parameter.in]}.${parameter.name}" = try(parameter.required, false) }
          if can(local.parameter_locations[parameter.in]) && can(parameter.name)
        ]...)
        key_required = var.usage_plan != null && length(try(operation.security, local.contract.security, [])) > 0
      } if contains(local.verbs, verb)
    }
  ]...)

  parameters = merge([
    for path, item in local.contract.paths : {
      for verb, operation in item : "${verb} ${path}" => [
        for parameter in concat(try(item.parameters, []), try(operation.parameters, [])) :
        try(local.components.parameters[regex("^#/components/parameters/([^/]+)$", parameter["$ref"])[0]], parameter)
      ] if contains(local.verbs, verb)
    }
  ]...)
}
