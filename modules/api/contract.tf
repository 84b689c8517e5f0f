# Reads the contract into what the gateway needs of it. Everything here tolerates a broken contract (try, can):
# what is wrong is collected in problems.tf, and the plan fails there with all of it at once.
locals {
  contract   = yamldecode(var.openapi)
  components = try(local.contract.components, {})
  schemas    = try(local.components.schemas, {})

  verbs               = ["delete", "get", "head", "options", "patch", "post", "put"]
  parameter_locations = { header = "header", path = "path", query = "querystring" }

  # Key: "GET /items/{id}", which is also how a plan addresses the operation's resources.
  operations = merge([
    for path, item in local.contract.paths : {
      for verb, operation in item : "${upper(verb)} ${path}" => {
        id     = try(tostring(operation.operationId), "")
        models = local.request_models["${verb} ${path}"]
        path   = path
        verb   = upper(verb)
        # An operation's parameter takes the place of its path's parameter of the same name.
        parameters = merge([
          for parameter in local.parameters["${verb} ${path}"] :
          { "method.request.${local.parameter_locations[parameter.in]}.${parameter.name}" = try(parameter.required, false) }
          if can(local.parameter_locations[parameter.in])
        ]...)
        key_required = var.usage_plan != null && length(try(operation.security, local.contract.security, [])) > 0
      } if contains(local.verbs, verb)
    }
  ]...)

  parameters = merge([
    for path, item in local.contract.paths : {
      for verb, operation in item : "${verb} ${path}" => [
        for parameter in concat(try(item.parameters, []), try(operation.parameters, [])) :
        try(local.components.parameters[basename(parameter["$ref"])], parameter)
      ] if contains(local.verbs, verb)
    }
  ]...)

  # Media type => schema; a body that is no reference to a component has no name to give a model: null.
  request_models = merge([
    for path, item in local.contract.paths : {
      for verb, operation in item : "${verb} ${path}" => {
        for media_type, body in try(local.components.requestBodies[basename(operation.requestBody["$ref"])].content, operation.requestBody.content, {}) :
        media_type => try(regex("^#/components/schemas/([^/]+)$", body.schema["$ref"])[0], null)
      } if contains(local.verbs, verb)
    }
  ]...)

  # Only what a request body names: the gateway validates nothing else.
  models = {
    for name in distinct(flatten([for operation in local.operations : values(operation.models)])) :
    name => local.model_texts[name] if can(local.model_texts[name])
  }

  # A model cannot refer to another one by name, so those that refer to others carry them as definitions.
  model_texts = {
    for name, schema in local.schemas : name => replace(
      jsonencode(merge(
        { "$schema" = "http://json-schema.org/draft-04/schema#" },
        strcontains(jsonencode(schema), "\"$ref\"") ? { definitions = local.schemas } : {},
        schema,
      )),
      "#/components/schemas/", "#/definitions/",
    )
  }
}
