"""Business events: what raw changes mean for somebody, derived behind a cursor of their own."""
