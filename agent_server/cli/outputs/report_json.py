"""The whole report as JSON: tasks, waves and findings, for programs. `analysis.report` says what stands in it."""

import json
from collections.abc import Iterator
from typing import Any

from agent_server.analysis.report import report
from agent_server.analysis.statistics import statistics
from agent_server.cli.outputs import Checked, Output
from agent_server.cli.outputs.counts import counts_json


def _render(checked: Checked) -> Iterator[str]:
    told: dict[str, Any] = {**report(str(checked.root), [(plan.name, plan.analysis) for plan in checked.plans])}
    if checked.statistics:
        told["statistics"] = counts_json(statistics(plan.analysis for plan in checked.plans))
    yield json.dumps(told, indent=2)


OUTPUT = Output("json", _render, one_workspace=True, counts=True)
