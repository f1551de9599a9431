"""From the store to a plan: what would be sent, what stays, and what must be corrected."""
