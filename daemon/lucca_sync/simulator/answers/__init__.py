"""How the tenant answers: filters, order, pages, envelopes and ETags; it knows no HTTP server."""
