variable "address" {
  description = "The private address."
  type        = string
}

variable "scrape" {
  description = "What is scraped, HOST:PORT each: the targets' metrics."
  type        = list(string)
}

variable "controller" {
  description = "HOST:PORT of the controller's metrics, which the dashboards show."
  type        = string

  validation {
    condition     = can(regex("^[^:]+:[0-9]+$", var.controller))
    error_message = "Write HOST:PORT."
  }
}

variable "grafana_deb_url" {
  description = "A Debian package of Grafana for the host's architecture; empty: Prometheus alone."
  type        = string
  default     = ""

  validation {
    condition     = var.grafana_deb_url == "" || startswith(var.grafana_deb_url, "https://")
    error_message = "Write an https:// URL, or nothing."
  }
}

variable "fleet" {
  description = "The fleet's name: begins the name of everything."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.fleet))
    error_message = "Write 2 to 31 small letters, digits and dashes, a letter first."
  }
}

variable "instance_type" {
  description = "What the hosts are."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.([0-9]*x?large|medium|small|metal(-[0-9]+xl)?)$", var.instance_type))
    error_message = "Write an instance type, such as c7g.4xlarge."
  }

  validation {
    condition     = !can(regex("^t[0-9]", var.instance_type))
    error_message = "Types with CPU credits (t3, t4g) are slowed down in the middle of a run: take another."
  }
}

variable "architecture" {
  description = "arm64 or x86_64: which image is taken."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "An architecture is arm64 or x86_64."
  }
}

variable "ami_id" {
  description = "An image of your own; null: the newest of Debian 12."
  type        = string
  default     = null
}

variable "region" {
  description = "The region, for fetching packages and secrets."
  type        = string
}

variable "subnet_id" {
  description = "Where the hosts are."
  type        = string
}

variable "security_group_id" {
  description = "What may reach them."
  type        = string
}

variable "key_name" {
  description = "An EC2 key pair for SSH; null: none."
  type        = string
  default     = null
}

variable "package_uri" {
  description = "s3://BUCKET/PREFIX with the packages that deploy/systemd/build-packages makes."
  type        = string

  validation {
    condition     = can(regex("^s3://[a-z0-9.-]+(/[A-Za-z0-9._-]+)*$", var.package_uri))
    error_message = "Write s3://BUCKET/PREFIX, without a slash at its end."
  }
}

variable "sysctl" {
  description = "Kernel settings, as sysctl.d has them."
  type        = string
}

variable "max_lifetime_hours" {
  description = "After so long a host shuts itself down and is gone."
  type        = number

  validation {
    condition     = var.max_lifetime_hours >= 1 && var.max_lifetime_hours <= 168
    error_message = "Write 1 to 168 hours: a fleet that is forgotten costs for a week at most."
  }
}

variable "tags" {
  description = "Stand on everything that is made."
  type        = map(string)
  default     = {}
}
