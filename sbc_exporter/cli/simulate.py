"""`sbc-exporter simulate`: SBCs to try the exporter on."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from sbc_exporter.cli import scenes
from sbc_exporter.cli.options import allow_many_files
from sbc_exporter.server import HIGHEST_PORT
from sbc_exporter.simulator import Simulator, write_config

MOST_DEVICES = 2000


@click.command()
@click.option(
    "--devices",
    type=click.IntRange(1, MOST_DEVICES),
    default=3,
    show_default=True,
    metavar="N",
    help="How many SBCs.",
)
@click.option(
    "--base-port",
    type=click.IntRange(1, HIGHEST_PORT),
    default=8443,
    show_default=True,
    metavar="P",
    help="The first one's port; the others follow.",
)
@click.option(
    "--listen",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDR",
    help="The address to listen on.",
)
@click.option(
    "--scenes",
    "scene_seconds",
    type=click.FloatRange(min=1, max=86_400),
    metavar="SECONDS",
    help="Let something happen every so often, as in the demo: operations run, one fails and is "
    "put right, an SBC goes away.",
)
@click.option(
    "--write-config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Write a configuration for `serve` there, its CA and password files beside it.",
)
def simulate(
    devices: int, base_port: int, listen: str, scene_seconds: float | None, config_path: Path
) -> None:
    """
    Run simulated SBCs until SIGTERM or SIGINT.

    They speak the documented REST API over HTTPS, with a certificate authority made at start.
    """
    if base_port + devices - 1 > HIGHEST_PORT:
        raise click.UsageError(f"the last of {devices} ports from {base_port} on is too high")
    if scene_seconds is not None and devices < scenes.CAST:
        raise click.UsageError(f"--scenes needs at least --devices={scenes.CAST}")
    allow_many_files()
    simulator = Simulator(devices, listen=listen, base_port=base_port)
    try:
        with simulator:
            write_config(simulator, config_path)
            first, last = simulator.devices[0].url, simulator.devices[-1].url
            click.echo(f"{devices} simulated SBCs: {first} to {last}")
            click.echo(f"Configuration: {config_path}")
            click.echo(f"Scrape them:   sbc-exporter serve --config.file={config_path}")
            click.echo("Ctrl-C ends it.")
            if scene_seconds is None:
                wait_for_end()
                return
            scenes.begin(simulator.devices)
            with scenes.playing(simulator.devices, scene_seconds, scene_seconds):
                wait_for_end()
    except OSError as error:
        raise click.ClickException(f"the simulator cannot start: {error}") from error


def wait_for_end() -> None:
    """Return on SIGTERM or SIGINT."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
