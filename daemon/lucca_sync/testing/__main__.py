"""`python -m lucca_sync.testing`: a target to try a connector on, which shows what comes."""

import signal
from typing import Final

import anyio
import click

from lucca_sync.testing.target import Reply, Request, http_target

_LONGEST: Final = 200


@click.command()
@click.argument("port", type=click.IntRange(0, 65_535), default=0)
@click.option("--status", type=click.IntRange(200, 599), default=204, show_default=True, help="Its answer.")
def serve(port: int, status: int) -> None:
    """Take whatever comes to PORT of this machine (0: any that is free) and print it, until Ctrl-C."""
    try:
        anyio.run(_serve, port, Reply(status))
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error.strerror}") from error


async def _serve(port: int, reply: Reply) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with http_target(lambda _: "", port=port) as target:
            target.reply, target.onlooker = reply, _print
            click.echo(f"listening on {target.url}")
            async for _ in signals:
                break


def _print(request: Request) -> None:
    body = request.body[:_LONGEST].decode(errors="replace")
    click.echo(f"{request.method} {request.path}  {body}".rstrip())


if __name__ == "__main__":
    serve()
