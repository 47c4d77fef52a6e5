# Prometheus, and Grafana where its package is named, with the project's dashboards. It watches the
# targets and the campaign on its own clock; reports do not depend on it.

locals {
  grafana = var.grafana_deb_url == "" ? {} : {
    "/etc/grafana/provisioning/datasources/drumline.yaml" = file("${path.module}/datasource.yaml")
    "/etc/grafana/provisioning/dashboards/drumline.yaml"  = file("${path.module}/dashboards.yaml")
  }

  # A drop-in and a file of our own: Debian's configuration stays as it is packaged.
  files = merge(local.grafana, {
    "/etc/drumline/prometheus.yml" = templatefile("${path.module}/prometheus.yaml.tftpl", {
      fleet      = var.fleet
      scrape     = var.scrape
      controller = var.controller
    })
    "/etc/systemd/system/prometheus.service.d/drumline.conf" = file("${path.module}/prometheus.conf")
  })

  grafana_setup = <<-SETUP
    curl --fail --silent --show-error --location --output "$scratch/grafana.deb" '${var.grafana_deb_url}'
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$scratch/grafana.deb"
    install -d /usr/share/drumline/dashboards
    aws s3 cp --no-progress '${var.package_uri}/drumline.json' /usr/share/drumline/dashboards/
  SETUP
}

module "hosts" {
  source = "../host"

  role = "observer"
  hosts = {
    observer = {
      address = var.address
      files   = local.files
    }
  }
  packages        = []
  system_packages = ["prometheus"]
  setup           = var.grafana_deb_url == "" ? "" : local.grafana_setup
  units           = concat(["prometheus.service"], var.grafana_deb_url == "" ? [] : ["grafana-server.service"])
  secrets         = false

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
