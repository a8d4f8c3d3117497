"""Write the dashboards as JSON, each into its file in the folder above."""

from __future__ import annotations

from pathlib import Path

from dashboards.source.files import files

FOLDER = Path(__file__).parent.parent

for name, text in files().items():
    (FOLDER / name).write_text(text, encoding="utf-8")
