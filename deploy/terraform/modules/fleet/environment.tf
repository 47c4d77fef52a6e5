# What scenarios know of the fleet: the file that configs/environments/ has for fleets made by hand.

locals {
  used_types = distinct(concat(
    [for target in var.targets : target.instance_type],
    [var.generator_type, var.controller_type],
    var.observability ? [var.observer_type] : [],
  ))

  environment = {
    name         = var.name
    description  = "Made by Terraform in ${var.availability_zone}, on demand."
    prices_as_of = var.prices_as_of
    price_basis  = var.price_basis
    machines = {
      for type in local.used_types : type => {
        cpu          = var.machines[type].cpu
        architecture = var.machines[type].architecture
        cores        = var.machines[type].cores
        threads      = var.machines[type].threads
        memory       = "${var.machines[type].memory_gib}GiB"
        network      = var.machines[type].network
        price        = "${var.machines[type].price_per_hour} ${var.currency}/h"
      }
    }
    hosts = merge(
      {
        for name, target in var.targets : name => {
          role    = "target"
          machine = target.instance_type
          address = local.target_addresses[name]
          ports   = target.ports
        }
      },
      {
        for name, address in local.generator_addresses : name => {
          role    = "generator"
          machine = var.generator_type
          address = address
        }
      },
      {
        controller = {
          role    = "controller"
          machine = var.controller_type
          address = local.controller_address
          ports   = { agents = var.controller_port }
        }
      },
      var.observability ? {
        observer = {
          role    = "observer"
          machine = var.observer_type
          address = local.observer_address
        }
      } : {},
    )
  }

  environment_yaml = yamlencode(local.environment)

  price_per_hour = sum(concat(
    [for target in var.targets : var.machines[target.instance_type].price_per_hour],
    [
      var.generator_count * var.machines[var.generator_type].price_per_hour,
      var.machines[var.controller_type].price_per_hour,
      var.observability ? var.machines[var.observer_type].price_per_hour : 0,
    ],
  ))
}
