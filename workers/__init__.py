"""What happens after the answer went back: jobs, sweep and delivery to units."""
