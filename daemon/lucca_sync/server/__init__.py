"""The admin server: health, metrics, hints. Reports what others know and decides nothing itself."""
