# The least that is a fleet: one target, one load generator, one controller. For trying the way from
# nothing to a report, not for measuring.

provider "aws" {
  region = var.region
}

module "fleet" {
  source = "../../modules/fleet"

  name               = "aws-c7g-minimal"
  owner              = var.owner
  availability_zone  = "${var.region}${var.zone}"
  package_uri        = var.package_uri
  admin_cidr         = var.admin_cidr
  key_name           = var.key_name
  max_lifetime_hours = var.max_lifetime_hours
  budget             = var.budget
  budget_email       = var.budget_email

  targets = {
    target-a = { instance_type = "c7g.large", ports = { echo = 8080 } }
  }
  generator_count = 1
  generator_type  = "c7g.large"
  controller_type = "c7g.large"
  observability   = false
}
