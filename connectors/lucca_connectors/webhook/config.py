"""The webhook connector's section of the YAML."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from lucca_connectors.webhook.render import signing_key
from lucca_sync import AllowEntry, ConnectorConfig, PositiveDuration, Secret, checked_url

_OURS: Final = frozenset({"connection", "content-length", "content-type", "host", "transfer-encoding"})
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE: Final = re.compile(r"[\x20-\x7e\t]*")


def _checked_secret(secret: SecretStr) -> SecretStr:
    signing_key(secret.get_secret_value())
    return secret


def _checked_headers(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value.get_secret_value()):
            raise ValueError("names and values must be printable ASCII, as HTTP wants them")
        if name.lower() in _OURS or name.lower().startswith("webhook-"):
            raise ValueError("must not replace the headers that the connector itself sends")
    return headers


SigningSecret = Annotated[SecretStr, AfterValidator(_checked_secret)]


class WebhookConfig(ConnectorConfig):
    """Where to send events and how to sign them."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["secret"]}, {"required": ["secret_file"]}]}
    )

    allow: tuple[AllowEntry, ...] = ()
    """What may be reached beyond public addresses over https: networks, addresses or host names."""

    url: str = Field(repr=False)
    """Receives one POST an event. Never shown: the path of such a URL is often its secret."""

    secret: SigningSecret | None = None
    """`whsec_` and 24 to 64 random bytes in base64; signs every request."""

    secret_file: Annotated[Path | None, Field(validate_default=True)] = None
    """Or a file that holds it, read anew for each request."""

    previous_secret: SigningSecret | None = None
    """While a receiver changes over: requests carry a signature with this secret too."""

    previous_secret_file: Path | None = None
    """Or a file that holds it."""

    timeout: PositiveDuration = timedelta(seconds=20)
    """Connecting, sending and reading the answer together; Standard Webhooks advises 15 to 30 s."""

    headers: Annotated[dict[str, SecretStr], AfterValidator(_checked_headers)] = Field(default_factory=dict)
    """Sent with every request besides the connector's own; shown nowhere."""

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str, info: ValidationInfo) -> str:
        return checked_url(url, info.data.get("allow", ()))

    @field_validator("secret_file")
    @classmethod
    def _one_secret(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if "secret" in info.data and (file is None) == (info.data["secret"] is None):
            raise ValueError("give exactly one of secret and secret_file")
        return file

    @field_validator("previous_secret_file")
    @classmethod
    def _at_most_one_previous(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if file is not None and info.data.get("previous_secret") is not None:
            raise ValueError("give only one of previous_secret and previous_secret_file")
        return file

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What requests are signed with, the current secret first."""
        given = ((self.secret, self.secret_file), (self.previous_secret, self.previous_secret_file))
        return tuple(
            Secret(value.get_secret_value() if value else None, file)
            for value, file in given
            if value or file
        )
