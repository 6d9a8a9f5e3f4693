"""The source: signing in, the request budget, following pages. Knows HTTP, not what a change is."""
