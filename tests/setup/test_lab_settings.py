"""The settings that JupyterLab is started with are ones that it knows."""

from __future__ import annotations

import json
import sys
from pathlib import Path

SETTINGS = Path(__file__).parents[2] / "tylib" / "lab" / "settings" / "overrides.json"


def test_each_override_is_in_the_schema_of_its_extension() -> None:
    for plugin, values in json.loads(SETTINGS.read_text("utf-8")).items():
        extension, name = plugin.split(":")
        schema = Path(sys.prefix, "share/jupyter/lab/schemas", extension, f"{name}.json")
        known = json.loads(schema.read_text("utf-8"))["properties"]
        for key, value in values.items():
            assert key in known, f"{plugin} has no setting {key}"
            assert value in known[key].get("enum", [value]), f"{plugin}: {key} cannot be {value!r}"


def test_nothing_is_fetched_without_being_asked_for() -> None:
    notification = json.loads(SETTINGS.read_text("utf-8"))["@jupyterlab/apputils-extension:notification"]
    assert notification == {"fetchNews": "false", "checkForUpdates": False}
