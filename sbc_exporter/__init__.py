"""Prometheus exporter for Oracle Communications Session Border Controllers."""

__version__ = "0.1.0"
