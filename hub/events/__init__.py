"""What happened, told: to host platforms by signed webhooks, to people by notifications and e-mail."""
