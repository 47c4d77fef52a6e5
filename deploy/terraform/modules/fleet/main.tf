# A whole fleet: targets, load generators apart from them, a controller and (where wanted) an
# observer, in one zone, with an end to its life.

locals {
  # The zone without its letter.
  region = replace(var.availability_zone, "/[a-z]$/", "")

  # Addresses are chosen here, so that the environment file is known before any host is.
  target_addresses = {
    for i, name in sort(keys(var.targets)) : name => cidrhost(var.cidr, 10 + i)
  }
  generator_names = [for i in range(var.generator_count) : "generator-${i + 1}"]
  generator_addresses = {
    for i, name in local.generator_names : name => cidrhost(var.cidr, 101 + i)
  }
  controller_address = cidrhost(var.cidr, 5)
  observer_address   = cidrhost(var.cidr, 6)
  # At the controller, while a campaign goes on: what the dashboards show.
  metrics_port = 9464

  target_endpoints = flatten([
    for name, target in var.targets :
    [for port in values(target.ports) : "${local.target_addresses[name]}:${port}"]
  ])
  target_ports = toset(flatten([for target in var.targets : values(target.ports)]))

  expires = timeadd(terraform_data.born.output, "${var.max_lifetime_hours}h")
  tags = merge(var.tags, {
    "drumline:fleet"   = var.name
    "drumline:owner"   = var.owner
    "drumline:expires" = local.expires
  })

  sysctl_all       = file("${path.module}/../../../tuning/all.conf")
  sysctl_generator = "${local.sysctl_all}${file("${path.module}/../../../tuning/generator.conf")}"
}

# When the fleet was made; a later apply does not make it younger.
resource "terraform_data" "born" {
  input = timestamp()

  lifecycle {
    ignore_changes = [input]
  }
}

module "network" {
  source = "../network"

  name                    = var.name
  cidr                    = var.cidr
  availability_zone       = var.availability_zone
  placement_group_enabled = var.placement_group_enabled
  target_ports            = local.target_ports
  controller_port         = var.controller_port
  metrics_port            = local.metrics_port
  admin_cidr              = var.admin_cidr
  tags                    = local.tags
}

# One for each type of machine among the targets.
module "targets" {
  source   = "../targets"
  for_each = toset([for target in var.targets : target.instance_type])

  hosts = {
    for name, target in var.targets : name => {
      address = local.target_addresses[name]
      ports   = target.ports
    } if target.instance_type == each.key
  }
  fleet              = var.name
  instance_type      = each.key
  architecture       = var.machines[each.key].architecture
  ami_id             = lookup(var.ami_ids, var.machines[each.key].architecture, null)
  region             = local.region
  subnet_id          = module.network.subnet_id
  security_group_id  = module.network.security_group_ids["target"]
  placement_group    = module.network.placement_group
  key_name           = var.key_name
  package_uri        = var.package_uri
  sysctl             = local.sysctl_all
  max_lifetime_hours = var.max_lifetime_hours
  tags               = local.tags
}

module "load_generators" {
  source = "../load-generators"

  hosts              = { for name, address in local.generator_addresses : name => { address = address } }
  controller         = "${local.controller_address}:${var.controller_port}"
  allow              = local.target_endpoints
  fleet              = var.name
  instance_type      = var.generator_type
  architecture       = var.machines[var.generator_type].architecture
  ami_id             = lookup(var.ami_ids, var.machines[var.generator_type].architecture, null)
  region             = local.region
  subnet_id          = module.network.subnet_id
  security_group_id  = module.network.security_group_ids["generator"]
  placement_group    = module.network.placement_group
  key_name           = var.key_name
  package_uri        = var.package_uri
  sysctl             = local.sysctl_generator
  secrets            = var.secrets
  max_lifetime_hours = var.max_lifetime_hours
  tags               = local.tags
}

module "controller" {
  source = "../controller"

  address            = local.controller_address
  metrics_port       = local.metrics_port
  environment_yaml   = local.environment_yaml
  fleet              = var.name
  instance_type      = var.controller_type
  architecture       = var.machines[var.controller_type].architecture
  ami_id             = lookup(var.ami_ids, var.machines[var.controller_type].architecture, null)
  region             = local.region
  subnet_id          = module.network.subnet_id
  security_group_id  = module.network.security_group_ids["controller"]
  key_name           = var.key_name
  package_uri        = var.package_uri
  sysctl             = local.sysctl_all
  secrets            = var.secrets
  max_lifetime_hours = var.max_lifetime_hours
  tags               = local.tags
}

module "observability" {
  source = "../observability"
  count  = var.observability ? 1 : 0

  address            = local.observer_address
  scrape             = local.target_endpoints
  controller         = "${local.controller_address}:${local.metrics_port}"
  grafana_deb_url    = var.grafana_deb_url
  fleet              = var.name
  instance_type      = var.observer_type
  architecture       = var.machines[var.observer_type].architecture
  ami_id             = lookup(var.ami_ids, var.machines[var.observer_type].architecture, null)
  region             = local.region
  subnet_id          = module.network.subnet_id
  security_group_id  = module.network.security_group_ids["observer"]
  key_name           = var.key_name
  package_uri        = var.package_uri
  sysctl             = local.sysctl_all
  max_lifetime_hours = var.max_lifetime_hours
  tags               = local.tags
}
