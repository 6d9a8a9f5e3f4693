"""Takes each event to one URL. What an answer means is decided in one place for all such targets."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from lucca_connectors.webhook.config import WebhookConfig
from lucca_connectors.webhook.render import render, signing_key
from lucca_sync import (
    Abilities,
    CheckFailed,
    Connector,
    Delivery,
    Outbound,
    Outcome,
    Retry,
    SecretUnreadable,
    Surroundings,
    Unanswered,
    outcome_of_status,
)

# The request's own time limit must end first: it knows whether the request had left.
_MARGIN: Final = timedelta(seconds=10)
_CONCURRENCY: Final = 16


class WebhookConnector(Connector[WebhookConfig]):
    """One request an event, subjects side by side."""

    Config = WebhookConfig

    def __init__(self, config: WebhookConfig, surroundings: Surroundings) -> None:
        super().__init__(config, surroundings)
        self._outbound = Outbound(allow=config.allow, timeout=config.timeout)
        self._secrets = config.secrets
        self._extra = {name: value.get_secret_value() for name, value in config.headers.items()}

    @property
    def abilities(self) -> Abilities:
        """Several requests at once, one event in each."""
        concurrency = self.config.concurrency or _CONCURRENCY
        return Abilities(concurrency=concurrency, time_limit=self.config.timeout + _MARGIN)

    async def check(self) -> None:
        """Read the secrets and see that somebody answers at the URL, whatever the answer."""
        try:
            self._keys()
            await self._outbound.options(self.config.url)
        except (SecretUnreadable, ValueError, Unanswered) as error:
            raise CheckFailed(str(error)) from None

    async def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Send them one after the other."""
        return [await self._send(delivery) for delivery in deliveries]

    async def close(self) -> None:
        """Close the connections."""
        await self._outbound.close()

    async def _send(self, delivery: Delivery) -> Outcome:
        try:
            keys = self._keys()
        except (SecretUnreadable, ValueError) as error:
            return Retry(str(error))
        body, headers = render(delivery.event, keys, self.surroundings.clock.now())
        try:
            answer = await self._outbound.post(self.config.url, body, {**self._extra, **headers})
        except Unanswered as silence:
            return Retry(silence.reason, possibly_sent=silence.possibly_sent)
        return outcome_of_status(answer.status, answer.retry_after, self.surroundings.clock.now())

    def _keys(self) -> list[bytes]:
        return [signing_key(secret.reveal()) for secret in self._secrets]
