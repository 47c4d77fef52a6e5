# Waits for agents and carries out scenarios: started by hand or by drumline-controller@SCENARIO.

module "hosts" {
  source = "../host"

  role = "controller"
  hosts = {
    controller = {
      address = var.address
      files = {
        "/etc/drumline/scenarios/environments/${var.fleet}.yaml" = var.environment_yaml
        "/etc/drumline/controller.env"                           = "DRUMLINE_ARGS=--metrics=${var.address}:${var.metrics_port}\n"
      }
    }
  }
  packages        = ["drumline-controller"]
  units           = []
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
