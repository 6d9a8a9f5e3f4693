"""A Lucca tenant that behaves, and misbehaves, as the documentation says. Shares no code with the client."""
