# The same service on Graviton and on Xeon, under the same load: what does a request cost on each?

provider "aws" {
  region = var.region
}

module "fleet" {
  source = "../../modules/fleet"

  name               = "mixed-arch"
  owner              = var.owner
  availability_zone  = "${var.region}${var.zone}"
  package_uri        = var.package_uri
  admin_cidr         = var.admin_cidr
  key_name           = var.key_name
  max_lifetime_hours = var.max_lifetime_hours
  budget             = var.budget
  budget_email       = var.budget_email

  targets = {
    graviton = { instance_type = "c7g.4xlarge", ports = { echo = 8080 } }
    xeon     = { instance_type = "c7i.4xlarge", ports = { echo = 8080 } }
  }
  generator_count = 4
  generator_type  = "c7g.2xlarge"
}
