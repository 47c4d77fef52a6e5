output "environment_yaml" {
  description = "The fleet as scenarios know it: save it as configs/environments/NAME.yaml."
  value       = local.environment_yaml
}

output "price_per_hour" {
  description = "All hosts together, in `currency`; storage and traffic apart."
  value       = local.price_per_hour
}

output "expires" {
  description = "When all hosts are terminated, whatever happens."
  value       = local.expires
}

output "secret_names" {
  description = "By the host's name: where upload-secrets puts its certificate and key."
  value       = merge(module.load_generators.secret_names, module.controller.secret_names)
}

output "public_ips" {
  description = "By the host's name: for SSH, where admin_cidr allows it."
  value = merge(concat(
    [for targets in module.targets : targets.public_ips],
    [module.load_generators.public_ips, module.controller.public_ips],
    [for observer in module.observability : observer.public_ips],
  )...)
}

output "user_data" {
  description = "By the host's name, as cloud-init gets it."
  value = merge(concat(
    [for targets in module.targets : targets.user_data],
    [module.load_generators.user_data, module.controller.user_data],
    [for observer in module.observability : observer.user_data],
  )...)
}
