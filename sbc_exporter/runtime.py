"""The configuration in force, the SBCs that it names, and how they are replaced by others."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sbc_exporter.collectors import select
from sbc_exporter.config.model import Address, Auth, Config
from sbc_exporter.errors import BadParameter, ConfigError, Problem, UnknownTarget
from sbc_exporter.line import Line
from sbc_exporter.logs import facts
from sbc_exporter.own import OwnMetrics
from sbc_exporter.report import Report
from sbc_exporter.sbc import Memory, Sbc
from sbc_exporter.scrape import Instruments, Scrape
from sbc_exporter.scraper import Scraper
from sbc_exporter.tls import Contexts

log = logging.getLogger(__name__)

# A worker for every SBC, so that those that hang leave the others theirs. Threads are started
# as they are needed.
MOST_WORKERS = 2048


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One configuration and its SBCs; scrapes in flight keep the one that they began with."""

    config: Config
    sbcs: Mapping[str, Sbc]
    lines: Mapping[Address, Line]
    contexts: Contexts


class Runtime:
    """
    Owns the snapshot in force; `problems` are those of the last reload.

    `load` reads the configuration, from wherever it stands; it raises ConfigError. The first
    call happens at once, so a Runtime that exists has a valid configuration.
    """

    def __init__(
        self, load: Callable[[], Config], own: OwnMetrics, instruments: Instruments
    ) -> None:
        self.own = own
        self._load = load
        self._instruments = instruments
        self.scraper = Scraper(MOST_WORKERS)
        self._reloading = threading.Lock()
        self._snapshot = self._next(None)
        self.problems: tuple[Problem, ...] = ()

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    def reload(self) -> None:
        """Read the configuration again; on a ConfigError nothing changes but the reload metric."""
        with self._reloading:
            old = self._snapshot
            try:
                self._snapshot = self._next(old)
            except ConfigError as error:
                self.own.load_failed()
                self.problems = error.problems
                for problem in error.problems:
                    log.error("configuration not reloaded", extra=facts(problem=problem))  # noqa: TRY400
                raise
            self.problems = ()
            for address in old.lines.keys() - self._snapshot.lines.keys():
                old.lines[address].keep(())
        log.info("configuration reloaded", extra=facts(targets=len(self._snapshot.sbcs)))

    def scrape(
        self,
        snapshot: Snapshot,
        names: Iterable[str],
        patience: float | None,
        module: str | None = None,
        collectors: Sequence[str] = (),
    ) -> list[Report]:
        """Scrape these SBCs side by side: see `prepare`."""
        return self.scraper.run(self.prepare(snapshot, names, patience, module, collectors))

    def prepare(
        self,
        snapshot: Snapshot,
        names: Iterable[str],
        patience: float | None,
        module: str | None = None,
        collectors: Sequence[str] = (),
    ) -> list[Scrape]:
        """
        Scrapes of these SBCs, whose time runs from now on: `patience` seconds at most, and their
        module's timeout at most.

        Raises UnknownTarget or BadParameter; nothing is asked of any SBC yet.
        """
        scrapes = []
        for name in names:
            sbc = snapshot.sbcs.get(name)
            if sbc is None:
                raise UnknownTarget(f'target "{name}" is not in the configuration')
            how = snapshot.config.modules.get(module) if module else sbc.target.module
            if how is None:
                raise BadParameter(f'module "{module}" is not in the configuration')
            seconds = how.timeout if patience is None else min(how.timeout, patience)
            chosen = select(collectors or how.collectors)
            encrypted = sbc.target.address.scheme == "https"
            tls = snapshot.contexts.get(how.tls) if encrypted else None
            scrapes.append(Scrape(sbc, how, tls, chosen, seconds, self._instruments))
        return scrapes

    def close(self) -> None:
        self.scraper.close()
        for line in self._snapshot.lines.values():
            line.keep(())

    def _next(self, old: Snapshot | None) -> Snapshot:
        config = self._load()
        contexts = Contexts(
            (module.tls for module in config.modules.values()), old.contexts if old else None
        )
        lines: dict[Address, Line] = {}
        auths: dict[Address, set[Auth]] = {}
        sbcs: dict[str, Sbc] = {}
        for name, target in config.targets.items():
            address = target.address
            if address not in lines:
                kept = old.lines.get(address) if old else None
                lines[address] = kept or Line(address, self._instruments.clock)
            auths.setdefault(address, set()).add(target.auth)
            before = old.sbcs.get(name) if old else None
            if before is not None and before.target == target:
                sbcs[name] = before
            else:
                same = before is not None and before.target.address == address
                memory = before.memory if before is not None and same else Memory()
                sbcs[name] = Sbc(target, lines[address], memory)
        for address, line in lines.items():
            line.keep(auths[address])
        self.own.loaded(len(sbcs), self._instruments.wall())
        return Snapshot(config, sbcs, lines, contexts)
