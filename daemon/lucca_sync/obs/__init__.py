"""What the daemon shows of itself: metrics and logs. Never a record's values."""
