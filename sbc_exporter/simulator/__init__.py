"""
A fleet of Oracle SBCs that are not there: their REST API over real HTTPS, and every way to fail.

    with Simulator(devices=3) as sim:
        sim.devices[0].run("save", Outcome(status="fail", error_message="disk full"))
        sim.devices[1].faults["admin/asyncstatus"] = faults.Reset()
        sim.devices[2].stop()

It needs the optional extra `simulator`, and nothing else of this package.
"""

from sbc_exporter.simulator import faults
from sbc_exporter.simulator.accounts import Account
from sbc_exporter.simulator.configuration import write_config
from sbc_exporter.simulator.device import Device
from sbc_exporter.simulator.fleet import Simulator
from sbc_exporter.simulator.operations import Outcome

__all__ = ["Account", "Device", "Outcome", "Simulator", "faults", "write_config"]
