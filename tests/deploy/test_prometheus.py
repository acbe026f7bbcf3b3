"""The alerts name metrics and streams that exist, and fire when they should."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Counter, Gauge, Histogram

import core.metrics
from core.contracts.streams import STREAMS
from core.settings import Settings
from otklik.up import ROLES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "prometheus"


def families() -> dict[str, Counter | Gauge | Histogram]:
    """Every metric of `core.metrics`, under the names that Prometheus stores."""
    found: dict[str, Counter | Gauge | Histogram] = {}
    for metric in vars(core.metrics).values():
        if isinstance(metric, (Counter, Gauge, Histogram)):
            kept = [sample for family in metric.describe() for sample in (family.name,)]
            suffixes = {Counter: ("_total",), Gauge: ("",), Histogram: ("", "_sum", "_count", "_bucket")}[type(metric)]
            found |= {f"{name}{suffix}": metric for name in kept for suffix in suffixes}
    return found


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((FOLDER / "otklik.rules.yml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


RULES = {rule["alert"]: rule for rule in rules()}


@pytest.mark.parametrize("name", RULES)
def test_metrics_in_rules_exist(name: str) -> None:
    named = set(re.findall(r"\botklik_\w+", RULES[name]["expr"]))
    assert named <= set(families())
    assert named or name == "OtklikRoleDown"


@pytest.mark.parametrize("name", RULES)
def test_streams_in_rules_exist(name: str) -> None:
    for operator, value in re.findall(r'stream(=~|!=|=)"([^"]+)"', RULES[name]["expr"]):
        matching = [
            stream for stream in STREAMS if re.fullmatch(value if operator == "=~" else re.escape(value), stream.name)
        ]
        assert matching, f"no stream is {value}"


@pytest.mark.parametrize("name", RULES)
def test_every_alert_says_what_to_do(name: str) -> None:
    rule = RULES[name]
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["action"]


def test_the_full_stream_alert_follows_the_bound() -> None:
    bound = Settings.model_fields["stream_bound"].default
    assert RULES["OtklikStreamNearlyFull"]["expr"] == f"otklik_stream_length > {bound * 8 // 10}"


def test_every_role_is_scraped() -> None:
    document = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = document["scrape_configs"]
    scraped = {one["labels"]["role"]: one["targets"] for one in job["static_configs"]}
    assert job["job_name"] == "otklik"
    assert scraped == {
        role.name: [f"{role.name}:{Settings.model_fields[f'{role.name}_port'].default}"] for role in ROLES
    }


@pytest.mark.parametrize(
    "arguments",
    [("check", "config", "deploy/prometheus/prometheus.yml"), ("test", "rules", "tests/deploy/otklik.rules.test.yml")],
)
def test_promtool_agrees(arguments: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed; on Debian it comes with the package prometheus")
    done = subprocess.run([promtool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
