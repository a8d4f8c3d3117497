"""A whole dashboard: its places, its links, its variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.models.dashboard import (
    AnnotationContainer,
    AnnotationQuery,
    Dashboard,
    DashboardCursorSync,
    DashboardDashboardTemplating,
    DashboardDashboardTime,
    DashboardLink,
    DashboardLinkType,
    GridPos,
    Panel,
    RowPanel,
    VariableModel,
)

from dashboards.source.states import RED
from dashboards.source.variables import SOURCE

TAG = "sbc"
WIDTH = 24


@dataclass(frozen=True)
class Shelf:
    """Panels side by side, all of one height; each with its width, of 24 in all."""

    height: int
    panels: tuple[tuple[int, Panel], ...]


class _Marks(AnnotationQuery):
    """With what Grafana knows of Prometheus' annotations, and the SDK does not."""

    def to_json(self) -> dict[str, object]:
        words = {"titleFormat": "{{alertname}}", "textFormat": "{{severity}}", "step": "60s"}
        return {**super().to_json(), **words}


def shelf(height: int, *panels: tuple[int, Panel]) -> Shelf:
    return Shelf(height, panels)


def board(
    *,
    uid: str,
    title: str,
    description: str,
    since: str,
    variables: Sequence[VariableModel],
    alerts: str,
    sections: Sequence[tuple[str, Sequence[Shelf]]],
) -> Dashboard:
    """The dashboard; `alerts` picks those that are marked in its graphs."""
    return Dashboard(
        uid=uid,
        title=title,
        description=description,
        tags=[TAG],
        graph_tooltip=DashboardCursorSync.CROSSHAIR,
        time=DashboardDashboardTime(from_val=since, to="now"),
        refresh="30s",
        templating=DashboardDashboardTemplating(list_val=list(variables)),
        annotations=AnnotationContainer(list_val=[_firing(alerts)]),
        links=[_others()],
        panels=list(_placed(sections)),
    )


def _placed(sections: Sequence[tuple[str, Sequence[Shelf]]]) -> Iterator[Panel | RowPanel]:
    """The panels from top to bottom, each with its id and its place."""
    number, top = 1, 0
    for title, shelves in sections:
        yield RowPanel(title=title, id_val=number, grid_pos=GridPos(h=1, w=WIDTH, x=0, y=top))
        number, top = number + 1, top + 1
        for one in shelves:
            left = 0
            for width, panel in one.panels:
                panel.id_val = number
                panel.grid_pos = GridPos(h=one.height, w=width, x=left, y=top)
                yield panel
                number, left = number + 1, left + width
            top += one.height


def _firing(alerts: str) -> AnnotationQuery:
    """One mark for each alert that fires, however many SBCs it fires for."""
    selector = f'ALERTS{{alertstate="firing",{alerts}}}'
    return _Marks(
        name="Alerts",
        datasource=SOURCE,
        icon_color=RED,
        expr=f"count by (alertname, severity) ({selector})",
    )


def _others() -> DashboardLink:
    return DashboardLink(
        title="SBC dashboards",
        type_val=DashboardLinkType.DASHBOARDS,
        icon="external link",
        tooltip="The other dashboards of the SBCs, with the same variables and time range",
        tags=[TAG],
        include_vars=True,
        keep_time=True,
    )
