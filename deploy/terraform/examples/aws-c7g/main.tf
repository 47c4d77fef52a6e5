# The fleet of configs/echo-100k.yaml: two c7g.4xlarge targets, four load generators of their own,
# a controller, and an observer.

provider "aws" {
  region = var.region
}

module "fleet" {
  source = "../../modules/fleet"

  name               = "aws-c7g"
  owner              = var.owner
  availability_zone  = "${var.region}${var.zone}"
  package_uri        = var.package_uri
  admin_cidr         = var.admin_cidr
  key_name           = var.key_name
  max_lifetime_hours = var.max_lifetime_hours
  budget             = var.budget
  budget_email       = var.budget_email

  targets = {
    target-a = { instance_type = "c7g.4xlarge", ports = { echo = 8080 } }
    target-b = { instance_type = "c7g.4xlarge", ports = { echo-dom = 8080 } }
  }
  generator_count = 4
  generator_type  = "c7g.2xlarge"
}
