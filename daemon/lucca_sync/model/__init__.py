"""The pure vocabulary: resource, record, change, event, delivery, outcome. No I/O, no clock."""
