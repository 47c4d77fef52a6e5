# The services under test, alone on their hosts. Each host starts one unit for each of its ports.

module "hosts" {
  source   = "../host"
  for_each = var.hosts

  role = "target"
  hosts = {
    (each.key) = {
      address = each.value.address
      files = {
        for service, port in each.value.ports : "/etc/drumline/${service}.env" =>
        "DRUMLINE_ARGS=--host=${each.value.address} --port=${port}\n"
      }
    }
  }
  packages = ["drumline-targets"]
  units    = [for service in sort(keys(each.value.ports)) : "drumline-target@${service}.service"]
  # A target is asked and asks nobody: it needs no certificate.
  secrets         = false
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
