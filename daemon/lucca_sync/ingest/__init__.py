"""The half that looks: fetches records, finds what changed, writes it to the journal. Knows no target."""
