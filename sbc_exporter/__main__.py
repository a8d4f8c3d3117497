"""`python -m sbc_exporter` is `sbc-exporter`."""

from sbc_exporter.cli import main

main(prog_name="sbc-exporter")
