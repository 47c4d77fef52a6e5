variable "name" {
  description = "The fleet's name: begins the name of everything, and scenarios say `environment: NAME`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "Write 2 to 31 small letters, digits and dashes, a letter first."
  }
}

variable "owner" {
  description = "Who answers for the fleet: stands on everything as a tag."
  type        = string

  validation {
    condition     = length(trimspace(var.owner)) >= 3
    error_message = "Write a name or an address at which somebody can be asked."
  }
}

variable "availability_zone" {
  description = "The one zone that all hosts are in."
  type        = string
}

variable "cidr" {
  description = "The addresses of the fleet."
  type        = string
  default     = "10.42.0.0/24"
}

variable "placement_group_enabled" {
  description = "Whether generators and targets share a cluster placement group. Measure with it."
  type        = bool
  default     = true
}

variable "targets" {
  description = "The hosts under test, by name: what they are, and which service listens at which port."
  type = map(object({
    instance_type = string
    ports         = map(number)
  }))

  validation {
    condition     = length(var.targets) >= 1 && length(var.targets) <= 16
    error_message = "A fleet has 1 to 16 targets."
  }

  validation {
    condition     = alltrue([for target in var.targets : length(target.ports) > 0])
    error_message = "A target serves at one port at least."
  }

  validation {
    condition     = alltrue([for target in var.targets : contains(keys(var.machines), target.instance_type)])
    error_message = "A target's type is not among `machines`: describe it there, with its price."
  }
}

variable "generator_count" {
  description = "How many load generators; each is a host of its own. docs/fleet.md says how to calibrate."
  type        = number
  default     = 4

  validation {
    condition     = var.generator_count >= 1 && var.generator_count <= 32 && floor(var.generator_count) == var.generator_count
    error_message = "A fleet has 1 to 32 load generators."
  }
}

variable "generator_type" {
  description = "What the load generators are: one of `machines`."
  type        = string
  default     = "c7g.2xlarge"

  validation {
    condition     = contains(keys(var.machines), var.generator_type)
    error_message = "The type is not among `machines`: describe it there, with its price."
  }
}

variable "controller_type" {
  description = "What the controller is: one of `machines`."
  type        = string
  default     = "c7g.xlarge"

  validation {
    condition     = contains(keys(var.machines), var.controller_type)
    error_message = "The type is not among `machines`: describe it there, with its price."
  }
}

variable "controller_port" {
  description = "The port at which agents dial in."
  type        = number
  default     = 7070
}

variable "observability" {
  description = "Whether a host with Prometheus watches the targets."
  type        = bool
  default     = true
}

variable "observer_type" {
  description = "What that host is: one of `machines`."
  type        = string
  default     = "c7g.large"

  validation {
    condition     = contains(keys(var.machines), var.observer_type)
    error_message = "The type is not among `machines`: describe it there, with its price."
  }
}

variable "grafana_deb_url" {
  description = "A Debian package of Grafana for the observer; empty: Prometheus alone."
  type        = string
  default     = ""
}

variable "ami_ids" {
  description = "Images of your own by architecture; without one: the newest of Debian 12."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for a, id in var.ami_ids : contains(["arm64", "x86_64"], a) && startswith(id, "ami-")])
    error_message = "Write {arm64 = \"ami-…\", x86_64 = \"ami-…\"}, or one of the two."
  }
}

variable "package_uri" {
  description = "s3://BUCKET/PREFIX with the packages that deploy/systemd/build-packages makes."
  type        = string
}

variable "secrets" {
  description = "Whether agents and controller have secrets for their certificates (mutual TLS)."
  type        = bool
  default     = true
}

variable "admin_cidr" {
  description = "Who may come in by SSH and see the screens: your address as a /32. Null: nobody."
  type        = string
  default     = null
}

variable "key_name" {
  description = "An EC2 key pair for SSH; null: none."
  type        = string
  default     = null
}

variable "max_lifetime_hours" {
  description = "After so long all hosts are terminated."
  type        = number
  default     = 12

  validation {
    condition     = var.max_lifetime_hours >= 1 && var.max_lifetime_hours <= 168
    error_message = "Write 1 to 168 hours: a fleet that is forgotten costs for a week at most."
  }
}

variable "budget" {
  description = "What the fleet may cost in its life, in `currency`: an apply that would cost more is refused."
  type        = number

  validation {
    condition     = var.budget > 0 && var.budget <= 10000
    error_message = "Write a sum above 0 and at most 10,000."
  }
}

variable "budget_email" {
  description = "Who is told when 80 % of the budget is spent; null: nobody."
  type        = string
  default     = null
}

variable "currency" {
  description = "Of all prices: three capital letters."
  type        = string
  default     = "USD"

  validation {
    condition     = can(regex("^[A-Z]{3}$", var.currency))
    error_message = "Write three capital letters, such as USD."
  }
}

variable "prices_as_of" {
  description = "The day on which the prices below were looked up."
  type        = string
  default     = "2026-11-26"

  validation {
    condition     = can(formatdate("YYYY", "${var.prices_as_of}T00:00:00Z"))
    error_message = "Write YYYY-MM-DD."
  }
}

variable "price_basis" {
  description = "What the prices are, and are not."
  type        = string
  default     = "On demand, us-east-1, Linux; storage and traffic are not included."
}

variable "machines" {
  description = "The types of machine that may be used, with their prices: inputs, to be looked up anew."
  type = map(object({
    cpu            = string
    architecture   = string
    cores          = number
    threads        = number
    memory_gib     = number
    network        = string
    price_per_hour = number
  }))
  default = {
    "c7g.large" = {
      cpu     = "AWS Graviton3", architecture = "arm64", cores = 2, threads = 2, memory_gib = 4
      network = "up to 12.5 Gb/s, ENA", price_per_hour = 0.0725
    }
    "c7g.xlarge" = {
      cpu     = "AWS Graviton3", architecture = "arm64", cores = 4, threads = 4, memory_gib = 8
      network = "up to 12.5 Gb/s, ENA", price_per_hour = 0.145
    }
    "c7g.2xlarge" = {
      cpu     = "AWS Graviton3", architecture = "arm64", cores = 8, threads = 8, memory_gib = 16
      network = "up to 15 Gb/s, ENA", price_per_hour = 0.29
    }
    "c7g.4xlarge" = {
      cpu     = "AWS Graviton3", architecture = "arm64", cores = 16, threads = 16, memory_gib = 32
      network = "up to 15 Gb/s, ENA", price_per_hour = 0.58
    }
    "c7i.4xlarge" = {
      cpu     = "Intel Xeon Platinum 8488C", architecture = "x86_64", cores = 8, threads = 16, memory_gib = 32
      network = "up to 12.5 Gb/s, ENA", price_per_hour = 0.714
    }
  }

  validation {
    condition     = alltrue([for m in var.machines : contains(["arm64", "x86_64"], m.architecture) && m.price_per_hour > 0])
    error_message = "A machine is arm64 or x86_64 and has a price above 0."
  }
}

variable "tags" {
  description = "Further tags on everything that is made."
  type        = map(string)
  default     = {}
}
