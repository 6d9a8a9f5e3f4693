"""Slack messages through an incoming webhook, written by a template."""

from lucca_connectors.slack.config import SlackConfig
from lucca_connectors.slack.connector import SlackConnector

__all__ = ["SlackConfig", "SlackConnector"]
