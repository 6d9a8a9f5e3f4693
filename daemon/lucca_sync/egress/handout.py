"""From a claim to what a connector may see, by the route as it stands now. Pure."""

from lucca_sync.egress.route import Route
from lucca_sync.journal.protocol import Claim
from lucca_sync.model.delivery import Delivery
from lucca_sync.model.outcome import Reject
from lucca_sync.model.values import JsonObject


def handed_out(claim: Claim, route: Route, owner: JsonObject | None = None) -> Delivery | Reject:
    """Return the delivery, cut to the route's fields, or why it must not be handed out.

    The settings may have changed since the event was matched: what a route no longer asks for does not leave,
    and neither does what its condition fails on. Both stay visible as dead letters. `owner` is the user whom
    an event about an absence concerns, for routes that ask for the old shape.
    """
    answer = route.asks_for(claim.event)
    if answer == "no":
        return Reject("the route no longer asks for this event")
    if answer == "unclear":
        return Reject("the route's condition (`when`) fails on this event's values")
    return Delivery(claim.key, route.shown(claim.event, owner), claim.lane, claim.attempt, claim.journaled)
