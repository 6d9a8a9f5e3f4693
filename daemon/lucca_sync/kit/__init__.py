"""Small mechanisms that know nothing of Lucca: clock, backoff, supervision, guarded HTTP."""
