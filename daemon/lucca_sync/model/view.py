"""What templates and expressions of a connector see of an event."""

from lucca_sync.model.event import Event
from lucca_sync.model.values import JsonObject


def event_view(event: Event) -> JsonObject:
    """The CloudEvent's attributes, `record`, `previous`, `changes`, and the words `resource` and `kind`."""
    return {**event.cloudevent(), **event.data, "resource": event.resource, "kind": event.kind}
