"""
The Grafana dashboards, as code: `python -m dashboards.source` writes the JSON beside this folder.

The models come from grafana-foundation-sdk, so mypy checks them against Grafana's own schema.
"""
