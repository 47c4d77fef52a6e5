output "environment_yaml" {
  description = "terraform output -raw environment_yaml >configs/environments/NAME.yaml"
  value       = module.fleet.environment_yaml
}

output "price_per_hour" {
  description = "All hosts together, in USD; storage and traffic apart."
  value       = module.fleet.price_per_hour
}

output "expires" {
  description = "When all hosts are terminated, whatever happens."
  value       = module.fleet.expires
}

output "secret_names" {
  description = "By the host's name: where its certificate and key are uploaded to."
  value       = module.fleet.secret_names
}

output "public_ips" {
  description = "By the host's name: for SSH, where admin_cidr allows it."
  value       = module.fleet.public_ips
}

output "user_data" {
  description = "By the host's name, as cloud-init gets it."
  value       = module.fleet.user_data
}
