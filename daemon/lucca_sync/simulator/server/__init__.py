"""The simulated tenant on the wire: routes, tokens, the request limit, faults and the control API."""
