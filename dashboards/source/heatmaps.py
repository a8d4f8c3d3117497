"""Heatmaps of how long things took."""

from __future__ import annotations

from grafana_foundation_sdk.models import common, heatmap, prometheus
from grafana_foundation_sdk.models.dashboard import FieldConfig, Panel

from dashboards.source.panels import panel_of, query
from dashboards.source.states import PLAIN


def buckets(title: str, description: str, expr: str, *, counted: str) -> Panel:
    """A heatmap of cumulative buckets: durations upwards, how many as brightness."""
    one = query(expr, "{{le}}")
    one.format_val = prometheus.PromQueryFormat.HEATMAP
    field = FieldConfig(unit="short", no_value="none", custom=heatmap.FieldConfig())
    options = heatmap.Options(
        calculate=False,
        color=heatmap.HeatmapColorOptions(
            mode=heatmap.HeatmapColorMode.SCHEME,
            scheme="Blues",
            fill="dark-blue",
            scale=heatmap.HeatmapColorScale.EXPONENTIAL,
            exponent=0.5,
            steps=32,
            reverse=False,
        ),
        rows_frame=heatmap.RowsHeatmapOptions(layout=common.HeatmapCellLayout.AUTO, value=counted),
        show_value=common.VisibilityMode.NEVER,
        cell_gap=1,
        cell_values=heatmap.CellValues(unit="short"),
        filter_values=heatmap.FilterValueRange(le=1e-9),
        y_axis=heatmap.YAxisConfig(unit="s", axis_placement=common.AxisPlacement.LEFT),
        legend=heatmap.HeatmapLegend(show=True),
        tooltip=heatmap.HeatmapTooltip(mode=common.TooltipDisplayMode.SINGLE, y_histogram=False),
        exemplars=heatmap.ExemplarConfig(color=PLAIN),
    )
    panel = panel_of("heatmap", title, description, [one], field, options)
    # Each point of time asks for all SBCs.
    panel.max_data_points = 48
    return panel
