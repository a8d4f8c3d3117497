"""The exporter as a process: CPU, memory, files."""

from __future__ import annotations

from dashboards.source.board import Shelf, shelf
from dashboards.source.panels import graph, query
from dashboards.source.promql import of_exporter


def process() -> list[Shelf]:
    busy = of_exporter("process_cpu_seconds_total")
    cpu = graph(
        "CPU",
        "Processor time that each exporter takes; 100 % is one core. When it stays there, scrapes "
        "become late: scrape less often, or run a second exporter.",
        [
            query(
                f"rate({busy}[$__rate_interval])",
                "{{instance}}",
            )
        ],
        unit="percentunit",
        no_value="not scraped",
    )
    memory = graph(
        "Memory",
        "Resident memory of each exporter. It grows with the number of SBCs, then stays; when it "
        "keeps growing, report it.",
        [query(of_exporter("process_resident_memory_bytes"), "{{instance}}")],
        unit="bytes",
        no_value="not scraped",
    )
    files = graph(
        "Open files",
        "The part of the open files allowed to the process that it has. A connection to an SBC "
        "is one. Above the dashed line, raise the limit (ulimit -n).",
        [
            query(
                f"{of_exporter('process_open_fds')} / {of_exporter('process_max_fds')}",
                "{{instance}}",
            )
        ],
        unit="percentunit",
        limit=0.8,
        no_value="not scraped",
    )
    garbage = graph(
        "Garbage collections",
        "Python's collections of garbage per minute. It is never red; the oldest generation costs "
        "the most.",
        [
            query(
                "60 * sum by (instance, generation) "
                f"(rate({of_exporter('python_gc_collections_total')}[$__rate_interval]))",
                "{{instance}} generation {{generation}}",
            )
        ],
        unit="short",
        no_value="not scraped",
    )
    return [shelf(8, (6, cpu), (6, memory), (6, files), (6, garbage))]
