mock_provider "aws" {}

variables {
  name              = "lab"
  availability_zone = "us-east-1a"
  target_ports      = [8080, 8081]
}

run "one_zone_and_one_placement_group" {
  command = plan

  assert {
    condition     = aws_subnet.this.availability_zone == "us-east-1a" && aws_subnet.this.cidr_block == aws_vpc.this.cidr_block
    error_message = "All hosts are to be in one subnet of one zone."
  }
  assert {
    condition     = aws_placement_group.this[0].strategy == "cluster"
    error_message = "Generators and targets are to share a cluster placement group."
  }
}

run "closed_to_the_world" {
  command = plan

  assert {
    condition = alltrue(concat(
      [for rule in aws_vpc_security_group_ingress_rule.target : rule.cidr_ipv4 == null],
      [aws_vpc_security_group_ingress_rule.controller.cidr_ipv4 == null],
      [aws_vpc_security_group_ingress_rule.metrics.cidr_ipv4 == null],
    ))
    error_message = "A service port is open to addresses rather than to roles."
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.ssh) == 0 && length(aws_vpc_security_group_ingress_rule.screens) == 0
    error_message = "SSH or screens are open although nobody asked for it."
  }
  assert {
    # generator, controller and observer to each of two ports
    condition     = length(aws_vpc_security_group_ingress_rule.target) == 6
    error_message = "Not exactly the roles that need it reach the targets."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.fetch : contains([80, 443], rule.from_port)])
    error_message = "More than packages and secrets may be fetched."
  }
}

run "ssh_for_one_address" {
  command = plan
  variables {
    admin_cidr = "198.51.100.7/32"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.ssh) == 4 && alltrue([for rule in aws_vpc_security_group_ingress_rule.ssh : rule.cidr_ipv4 == "198.51.100.7/32" && rule.from_port == 22])
    error_message = "SSH is to be open to that address, on each role."
  }
}

run "never_for_the_internet" {
  command = plan
  variables {
    admin_cidr = "0.0.0.0/0"
  }
  expect_failures = [var.admin_cidr]
}

run "a_region_is_no_zone" {
  command = plan
  variables {
    availability_zone = "us-east-1"
  }
  expect_failures = [var.availability_zone]
}

run "no_port_above_65535" {
  command = plan
  variables {
    target_ports = [80800]
  }
  expect_failures = [var.target_ports]
}

run "without_a_placement_group_where_told" {
  command = plan
  variables {
    placement_group_enabled = false
  }
  assert {
    condition     = length(aws_placement_group.this) == 0 && output.placement_group == null
    error_message = "There is a placement group."
  }
}
