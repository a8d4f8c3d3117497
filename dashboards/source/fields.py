"""How values are shown: words for numbers, colours, links from an SBC's name to its dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grafana_foundation_sdk.models.dashboard import (
    DashboardFieldConfigSourceOverrides,
    DashboardLink,
    DashboardLinkType,
    DynamicConfigValue,
    FieldColor,
    FieldColorModeId,
    MatcherConfig,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

from dashboards.source.states import states

Override = DashboardFieldConfigSourceOverrides

_KEPT = "&".join(f"${{{name}:queryparam}}" for name in ("datasource", "job", "instance"))


def device_link(target: str) -> DashboardLink:
    """To the SBC's own dashboard; `target` is Grafana's expression for its name."""
    return DashboardLink(
        title="Open this SBC",
        type_val=DashboardLinkType.LINK,
        url=f"/d/sbc-device?var-target={target}&{_KEPT}&${{__url_time_range}}",
    )


# The name in a table's row, and on a graph's line.
OF_ROW = device_link("${__data.fields.target}")
OF_SERIES = device_link("${__field.labels.target}")


def words(meanings: Mapping[int, tuple[str, str]]) -> list[ValueMapping]:
    """Words and colours in place of numbers."""
    return [
        ValueMap(
            options={
                str(number): ValueMappingResult(text=text, color=colour, index=place)
                for place, (number, (text, colour)) in enumerate(meanings.items())
            }
        )
    ]


def operation_words() -> list[ValueMapping]:
    """The words of the recorded numbers, worst first."""
    worst_first = sorted(states(), reverse=True)
    return words({number: (text, colour) for number, text, colour in worst_first})


def steps(base: str, *others: tuple[float, str]) -> ThresholdsConfig:
    """The colour of all values, and those from certain values on."""
    return ThresholdsConfig(
        mode=ThresholdsMode.ABSOLUTE,
        steps=[
            Threshold(value=None, color=base),
            *(Threshold(value=value, color=colour) for value, colour in others),
        ],
    )


def by_steps() -> FieldColor:
    return FieldColor(mode=FieldColorModeId.THRESHOLDS)


def by_series() -> FieldColor:
    return FieldColor(mode=FieldColorModeId.PALETTE_CLASSIC)


def column(name: str, **properties: object) -> Override:
    """How one column of a table is shown; names as Grafana writes them, `_` for `.`."""
    return _override("byName", name, properties)


def coloured(pattern: str, colour: str) -> Override:
    """A fixed colour for the lines whose names match."""
    fixed = FieldColor(mode=FieldColorModeId.FIXED, fixed_color=colour)
    return _override("byRegexp", pattern, {"color": fixed})


def _override(kind: str, what: str, properties: Mapping[str, object]) -> Override:
    def values() -> Iterable[DynamicConfigValue]:
        for name, value in properties.items():
            yield DynamicConfigValue(id_val=name.replace("custom_", "custom."), value=value)

    return Override(matcher=MatcherConfig(id_val=kind, options=what), properties=list(values()))
