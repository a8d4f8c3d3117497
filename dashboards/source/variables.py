"""The variables at the top of the dashboards."""

from __future__ import annotations

from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import (
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
    VariableType,
)

from dashboards.source.promql import INFO

SOURCE = DataSourceRef(type_val="prometheus", uid="$datasource")

# Present in every job that scrapes an exporter, in either pattern.
_ANY = '{__name__=~"sbc_up|sbc_exporter_build_info"'
# What Prometheus adds is no label of the operators. `target` stays: a fleet may have no others.
_LABELS = "/^(?!(?:__name__|job|instance|exporter)$|exported_).+$/"


def data_source() -> VariableModel:
    return VariableModel(
        type_val=VariableType.DATASOURCE,
        name="datasource",
        label="Data source",
        query="prometheus",
        refresh=VariableRefresh.ON_DASHBOARD_LOAD,
        regex="",
    )


def job() -> VariableModel:
    return _several("job", "Job", f"label_values({_ANY}}}, job)")


def instance() -> VariableModel:
    return _several("instance", "Instance", f'label_values({_ANY},job=~"$job"}}, instance)')


def label() -> VariableModel:
    """Grafana takes the name of a metric here, and no matchers."""
    return _query("label", "Label", "label_names(sbc_target_info)", regex=_LABELS)


def value() -> VariableModel:
    query = 'label_values(sbc_target_info{job=~"$job",instance=~"$instance"}, $label)'
    # An SBC may be without the label: `.*` is true of it, too.
    return _several("value", "Value", query, every=".*")


def targets() -> VariableModel:
    return _several("target", "SBC", f"label_values({_info_without_target()}, target)")


def target() -> VariableModel:
    return _query("target", "SBC", f"label_values({_info_without_target()}, target)")


def exporter() -> VariableModel:
    query = 'label_values(sbc_exporter_build_info{job=~"$job",instance=~"$instance"}, exporter)'
    # Only the shipped prometheus.yml adds this label.
    return _several("exporter", "Exporter", query, every=".*")


def _info_without_target() -> str:
    return INFO.replace('target=~"$target",', "")


def _query(name: str, shown: str, query: str, *, regex: str = "") -> VariableModel:
    return VariableModel(
        type_val=VariableType.QUERY,
        name=name,
        label=shown,
        datasource=SOURCE,
        query={"query": query, "refId": "Variable"},
        definition=query,
        refresh=VariableRefresh.ON_TIME_RANGE_CHANGED,
        sort=VariableSort.ALPHABETICAL_ASC,
        regex=regex,
    )


def _several(name: str, shown: str, query: str, *, every: str = ".+") -> VariableModel:
    variable = _query(name, shown, query)
    variable.multi = True
    variable.include_all = True
    variable.all_value = every
    variable.current = VariableOption(selected=True, text=["All"], value=["$__all"])
    return variable
