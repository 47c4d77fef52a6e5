# One zone, one subnet, one placement group: what is measured is the service, not the way to it.

locals {
  # Who may dial whom, and at which port. Nothing else comes in; see the security groups below.
  groups = toset(["target", "generator", "controller", "observer"])
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, { Name = var.name })
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = var.name })
}

resource "aws_subnet" "this" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = var.cidr
  availability_zone = var.availability_zone
  tags              = merge(var.tags, { Name = var.name })
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = var.name })
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "this" {
  subnet_id      = aws_subnet.this.id
  route_table_id = aws_route_table.this.id
}

# Generators and targets on one spine of the network: the round trip between them is the shortest
# and the steadiest that the zone has.
resource "aws_placement_group" "this" {
  count    = var.placement_group_enabled ? 1 : 0
  name     = var.name
  strategy = "cluster"
  tags     = var.tags
}

resource "aws_security_group" "this" {
  for_each    = local.groups
  name        = "${var.name}-${each.key}"
  description = "Drumline ${each.key}s of ${var.name}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

# Packages, secrets and time are fetched; nothing that is measured goes this way.
resource "aws_vpc_security_group_egress_rule" "fetch" {
  for_each = {
    for pair in setproduct(local.groups, ["80", "443"]) : "${pair[0]}-${pair[1]}" => {
      group = pair[0]
      port  = tonumber(pair[1])
    }
  }
  security_group_id = aws_security_group.this[each.value.group].id
  description       = "packages and secrets"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

# Load from the generators, scrapes from the controller and the observer.
resource "aws_vpc_security_group_ingress_rule" "target" {
  for_each = {
    for pair in setproduct(["generator", "controller", "observer"], var.target_ports) :
    "${pair[0]}-${pair[1]}" => { from = pair[0], port = pair[1] }
  }
  security_group_id            = aws_security_group.this["target"].id
  description                  = "service, from ${each.value.from}s"
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "target" {
  for_each = {
    for pair in setproduct(["generator", "controller", "observer"], var.target_ports) :
    "${pair[0]}-${pair[1]}" => { from = pair[0], port = pair[1] }
  }
  security_group_id            = aws_security_group.this[each.value.from].id
  description                  = "to the targets' services"
  referenced_security_group_id = aws_security_group.this["target"].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

# Agents dial the controller, and nobody else does.
resource "aws_vpc_security_group_ingress_rule" "controller" {
  security_group_id            = aws_security_group.this["controller"].id
  description                  = "agents"
  referenced_security_group_id = aws_security_group.this["generator"].id
  ip_protocol                  = "tcp"
  from_port                    = var.controller_port
  to_port                      = var.controller_port
}

resource "aws_vpc_security_group_egress_rule" "controller" {
  security_group_id            = aws_security_group.this["generator"].id
  description                  = "to the controller"
  referenced_security_group_id = aws_security_group.this["controller"].id
  ip_protocol                  = "tcp"
  from_port                    = var.controller_port
  to_port                      = var.controller_port
}

# How a campaign goes on, for the dashboards.
resource "aws_vpc_security_group_ingress_rule" "metrics" {
  security_group_id            = aws_security_group.this["controller"].id
  description                  = "metrics, from observers"
  referenced_security_group_id = aws_security_group.this["observer"].id
  ip_protocol                  = "tcp"
  from_port                    = var.metrics_port
  to_port                      = var.metrics_port
}

resource "aws_vpc_security_group_egress_rule" "metrics" {
  security_group_id            = aws_security_group.this["observer"].id
  description                  = "to the controller's metrics"
  referenced_security_group_id = aws_security_group.this["controller"].id
  ip_protocol                  = "tcp"
  from_port                    = var.metrics_port
  to_port                      = var.metrics_port
}

# Only where somebody asked for it: a shell on any host, Grafana on the observer.
resource "aws_vpc_security_group_ingress_rule" "ssh" {
  for_each          = var.admin_cidr == null ? toset([]) : local.groups
  security_group_id = aws_security_group.this[each.key].id
  description       = "SSH of the administrator"
  cidr_ipv4         = var.admin_cidr
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_vpc_security_group_ingress_rule" "screens" {
  for_each          = var.admin_cidr == null ? toset([]) : toset(["3000", "9090"])
  security_group_id = aws_security_group.this["observer"].id
  description       = "Grafana and Prometheus, for the administrator"
  cidr_ipv4         = var.admin_cidr
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}
