"""`lucca-sync schema`: what a settings file may hold, for editors and for reading."""

import json

import click

from lucca_sync.registry import connector_models
from lucca_sync.settings.reference import settings_reference
from lucca_sync.settings.schema import settings_schema


@click.command()
@click.option("--markdown", is_flag=True, help="A table of every setting instead.")
def schema(*, markdown: bool) -> None:
    """Print the JSON Schema of the settings file, with every installed connector.

    \b
    Editors with a YAML language server complete and check settings with it:
      lucca-sync schema > lucca-sync.schema.json
    and, as the first line of lucca-sync.yaml:
      # yaml-language-server: $schema=./lucca-sync.schema.json
    """  # noqa: D301 - \b is how click is told to leave a paragraph as it is
    models, wrong = connector_models()
    for message in wrong:
        click.echo(f"lucca-sync: left out: {message}", err=True)
    made = settings_schema(models)
    text = settings_reference(made) if markdown else json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    click.echo(text, nl=False)
