"""Native webhooks: events made of the world's changes, endpoints that want them, and deliveries."""
