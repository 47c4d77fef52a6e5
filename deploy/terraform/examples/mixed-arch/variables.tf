variable "owner" {
  description = "Who answers for the fleet: stands on everything as a tag."
  type        = string
}

variable "package_uri" {
  description = "s3://BUCKET/PREFIX with the packages that deploy/systemd/build-packages makes."
  type        = string
}

variable "region" {
  description = "Where the fleet is made."
  type        = string
  default     = "us-east-1"
}

variable "zone" {
  description = "The letter of the zone in the region."
  type        = string
  default     = "a"
}

variable "admin_cidr" {
  description = "Who may come in by SSH: your address as a /32. Null: nobody."
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
  default     = 16
}

variable "budget" {
  description = "What the fleet may cost in its life, in USD."
  type        = number
  default     = 80
}

variable "budget_email" {
  description = "Who is told when 80 % of the budget is spent; null: nobody."
  type        = string
  default     = null
}
