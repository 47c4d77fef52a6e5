variable "name" {
  description = "Begins the name of everything."
  type        = string
}

variable "cidr" {
  description = "The addresses of the fleet: one network, all of it one subnet."
  type        = string
  default     = "10.42.0.0/24"

  validation {
    condition     = can(cidrhost(var.cidr, 200))
    error_message = "Write an IPv4 network with 256 addresses or more, such as 10.42.0.0/24."
  }
}

variable "availability_zone" {
  description = "The one zone that all hosts are in."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", var.availability_zone))
    error_message = "Write the name of a zone, such as us-east-1a."
  }
}

variable "placement_group_enabled" {
  description = "Whether generators and targets share a cluster placement group. Measure with it."
  type        = bool
  default     = true
}

variable "target_ports" {
  description = "The ports at which targets serve; generators, controller and observer reach them."
  type        = set(number)

  validation {
    condition     = length(var.target_ports) > 0 && alltrue([for p in var.target_ports : p >= 1 && p <= 65535])
    error_message = "Write at least one port, each from 1 to 65535."
  }
}

variable "controller_port" {
  description = "The port at which agents dial in."
  type        = number
  default     = 7070

  validation {
    condition     = var.controller_port >= 1024 && var.controller_port <= 65535
    error_message = "Write a port from 1024 to 65535: the controller is not root."
  }
}

variable "metrics_port" {
  description = "The port of the controller at which the observer watches a campaign."
  type        = number
  default     = 9464
}

variable "admin_cidr" {
  description = "Who may come in by SSH and see the screens: your address as a /32. Null: nobody."
  type        = string
  default     = null

  validation {
    condition     = var.admin_cidr == null || (can(cidrhost(var.admin_cidr, 0)) && try(tonumber(split("/", var.admin_cidr)[1]), 0) >= 16)
    error_message = "Write a network of at most 65,536 addresses, such as 198.51.100.7/32; the whole internet is none."
  }
}

variable "tags" {
  description = "Stand on everything that is made."
  type        = map(string)
  default     = {}
}
