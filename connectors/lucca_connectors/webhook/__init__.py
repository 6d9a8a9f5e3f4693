"""Signed webhooks: one CloudEvent a request, signed as Standard Webhooks says."""

from lucca_connectors.webhook.config import WebhookConfig
from lucca_connectors.webhook.connector import WebhookConnector

__all__ = ["WebhookConfig", "WebhookConnector"]
