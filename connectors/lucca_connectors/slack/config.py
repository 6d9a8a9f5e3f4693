"""The Slack connector's section of the YAML."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from lucca_connectors.slack.render import escaping
from lucca_sync import AllowEntry, ConnectorConfig, Duration, PositiveDuration, Secret, Template, checked_url


class SlackConfig(ConnectorConfig):
    """Which channel's webhook to use and what to say."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["webhook_url"]}, {"required": ["webhook_url_file"]}]}
    )

    allow: tuple[AllowEntry, ...] = ()
    """For Slack-compatible servers inside: networks, addresses or host names that may be reached."""

    webhook_url: SecretStr | None = None
    """The incoming webhook's URL. It is a secret: whoever has it can post."""

    webhook_url_file: Annotated[Path | None, Field(validate_default=True)] = None
    """Or a file that holds it, read anew for each message."""

    template: Annotated[Template, AfterValidator(escaping)]
    """Jinja over the event; values are escaped, the template's own mrkdwn stands. Empty: no message."""

    spacing: Duration = timedelta(milliseconds=1100)
    """Time between two messages: Slack takes about one a second per channel and may hide more."""

    timeout: PositiveDuration = timedelta(seconds=20)
    """Connecting, sending and reading the answer together."""

    @field_validator("webhook_url")
    @classmethod
    def _check_url(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if url is not None:
            checked_url(url.get_secret_value(), info.data.get("allow", ()))
        return url

    @field_validator("webhook_url_file")
    @classmethod
    def _one_url(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        if "webhook_url" in info.data and (file is None) == (info.data["webhook_url"] is None):
            raise ValueError("give exactly one of webhook_url and webhook_url_file")
        return file

    @property
    def secret_url(self) -> Secret:
        """The webhook's URL."""
        return Secret(
            self.webhook_url.get_secret_value() if self.webhook_url else None, self.webhook_url_file
        )
