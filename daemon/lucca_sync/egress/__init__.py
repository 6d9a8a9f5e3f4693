"""The half that delivers: routes, transforms, hands to connectors, settles. Knows nothing of Lucca's API."""
