# One agent on each host, and nothing else on it. Agents dial the controller and wait for runs.

module "hosts" {
  source = "../host"

  role = "generator"
  hosts = {
    for name, host in var.hosts : name => {
      address = host.address
      files = {
        "/etc/drumline/agent.env" = join("\n", [
          "DRUMLINE_CONTROLLER=${var.controller}",
          "DRUMLINE_ARGS=--id=${name} --allow=${join(",", var.allow)}",
          "",
        ])
      }
    }
  }
  packages        = ["drumline-agent"]
  units           = ["drumline-agent.service"]
  secrets         = var.secrets
  placement_group = var.placement_group

  fleet              = var.fleet
  instance_type      = var.instance_type
  architecture       = var.architecture
  ami_id             = var.ami_id
  region             = var.region
  subnet_id          = var.subnet_id
  security_group_id  = var.security_group_id
  key_name           = var.key_name
  package_uri        = var.package_uri
  sysctl             = var.sysctl
  max_lifetime_hours = var.max_lifetime_hours
  tags               = var.tags
}
