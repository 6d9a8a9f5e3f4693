"""The admin server: health and metrics. Reports what others know and decides nothing itself."""
