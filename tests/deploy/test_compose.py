"""compose.yaml, the image and the systemd units: what must hold of them, read from the files. No Docker is needed."""

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.embedded.postgres import OPTIONS
from core.settings import Settings
from otklik.up import ROLES

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
MEMORY = {"m": 1, "g": 1024}
MACHINE_MB = 4096
SECRETS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "OTKLIK_PSEUDONYM_KEY")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return document


def services() -> list[str]:
    return list(yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"])


def megabytes(limit: str) -> int:
    return int(limit[:-1]) * MEMORY[limit[-1]]


def example_environment() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_every_role_has_a_service_and_a_health_check(compose: dict[str, Any], role: str) -> None:
    service = compose["services"][role]
    assert service["command"] == [role]
    port = Settings.model_fields[f"{role}_port"].default
    assert f"http://127.0.0.1:{port}/health" in service["healthcheck"]["test"][-1]
    assert service["environment"][f"OTKLIK_{role.upper()}_PORT"] == str(port)
    assert service["environment"]["OTKLIK_HEALTH_HOST"] == "0.0.0.0"


@pytest.mark.parametrize("name", services())
def test_every_service_is_hardened_and_bounded(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] in ("unless-stopped", "no")
    assert service["pids_limit"]
    assert megabytes(service["mem_limit"])
    assert "max-size" in service["logging"]["options"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", services())
def test_what_runs_long_has_a_health_check_and_comes_back(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    runs_long = "commands" not in service.get("profiles", [])
    assert (service["restart"] == "unless-stopped") == runs_long
    assert ("healthcheck" in service) == runs_long


def test_all_that_runs_long_fits_the_small_machine(compose: dict[str, Any]) -> None:
    lasting = [service for service in compose["services"].values() if "commands" not in service.get("profiles", [])]
    total = sum(megabytes(service["mem_limit"]) for service in lasting)
    assert total <= MACHINE_MB * 0.9, "the rest is the system's"


@pytest.mark.parametrize("name", services())
def test_ports_are_published_on_loopback_only(compose: dict[str, Any], name: str) -> None:
    for port in compose["services"][name].get("ports", []):
        assert port.startswith("127.0.0.1:")


def test_the_stores_are_on_the_inner_network_alone(compose: dict[str, Any]) -> None:
    assert compose["networks"]["data"]["internal"] is True
    for name in ("postgres", "redis"):
        assert compose["services"][name]["networks"] == ["data"]
        assert "ports" not in compose["services"][name]


def test_otklik_waits_for_healthy_stores(compose: dict[str, Any]) -> None:
    for name in ("store", "otklik"):
        waits = compose["services"][name]["depends_on"]
        assert waits == {"postgres": {"condition": "service_healthy"}, "redis": {"condition": "service_healthy"}}


def test_redis_keeps_the_queue(compose: dict[str, Any]) -> None:
    command = compose["services"]["redis"]["command"][-1]
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert "requirepass $$REDIS_PASSWORD" in command
    limit = re.search(r"--maxmemory (\d+)mb", command)
    assert limit is not None
    # The rest is for the copy-on-write of rewriting the append-only file.
    assert int(limit[1]) <= megabytes(compose["services"]["redis"]["mem_limit"]) * 0.75


def test_postgres_logs_as_little_as_the_embedded_one(compose: dict[str, Any]) -> None:
    given = dict(part.removeprefix("-c").split("=", 1) for part in compose["services"]["postgres"]["command"][1:])
    for option in ("log_min_error_statement", "log_parameter_max_length_on_error"):
        assert given[option] == OPTIONS[option].strip("'")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_missing_secret_is_an_error_that_says_what_to_do(secret: str) -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    uses = re.findall(rf"(?<!\$)\$\{{?{secret}\b[^}}]*\}}?", text)
    assert uses
    for use in uses:
        assert re.fullmatch(rf"\$\{{{secret}:\?.{{20,}}\}}", use), use


def test_the_example_environment_is_what_compose_reads() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    # An empty ANTHROPIC_API_KEY would count as a key: what may be absent has to stay commented out.
    assert set(example_environment()) == set(SECRETS)
    assert not any(example_environment().values()), "no example secret that somebody could leave in place"
    passed_on = re.findall(r"^ +([A-Z][A-Z_]+):$", text, re.MULTILINE)
    defaulted = re.findall(r"\$\{(\w+):-", text)
    assert set(re.findall(r"^#(\w+)=", example, re.MULTILINE)) == {*passed_on, *defaulted}


def test_compose_passes_on_only_settings_that_exist(compose: dict[str, Any]) -> None:
    known = {field.validation_alias or f"OTKLIK_{name.upper()}" for name, field in Settings.model_fields.items()}
    for name in ("store", "otklik"):
        assert set(compose["services"][name]["environment"]) <= known


def test_only_the_commands_know_the_anthropic_key(compose: dict[str, Any]) -> None:
    assert "ANTHROPIC_API_KEY" not in compose["services"]["store"]["environment"]


def test_docker_compose_accepts_the_file(tmp_path: Path) -> None:
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], check=False).returncode:
        pytest.skip("the plugin docker compose is not installed")
    command = ["docker", "compose", "-f", str(ROOT / "compose.yaml"), "--profile", "*", "config", "--quiet"]
    environment = tmp_path / "env"
    environment.write_text("".join(f"{name}={'0' * 64}\n" for name in SECRETS), encoding="utf-8")
    command[2:2] = ["--env-file", str(environment)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def copied() -> set[str]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    return {name for line in lines for name in line.split()}


def test_the_image_has_every_package_and_what_lies_beside_them() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages | {"prompts", "samples", "pyproject.toml", project["project"]["readme"]} <= copied()


def test_the_build_context_is_exactly_what_is_copied() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*", "everything is shut out first, so that no secret gets in by being forgotten"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == copied()


def test_the_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    installs = re.findall(r"pip install ([^&\n]+)", text)
    assert all("--require-hashes" in options or "--no-deps" in options for options in installs)
    assert re.findall(r"^USER (\w+)", text, re.MULTILINE) == ["otklik"]
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.11-slim-bookworm"] * 2
    assert not re.search(r"(PASSWORD|_KEY|TOKEN)", text)


def test_the_home_belongs_to_the_image_user(compose: dict[str, Any]) -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"--uid (\d+)", text)
    assert found is not None
    assert f"/var/lib/otklik:uid={found[1]},gid={found[1]},mode=0700" in compose["services"]["store"]["tmpfs"]


UNITS = sorted(path.name for path in (DEPLOY / "systemd").glob("*.service"))


def unit(name: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(DEPLOY / "systemd" / name, encoding="utf-8")
    return parser["Service"]


def test_every_role_has_a_unit() -> None:
    assert {*UNITS} == {"otklik.service", *(f"otklik-{role.name}.service" for role in ROLES)}


@pytest.mark.parametrize("name", UNITS)
def test_units_are_hardened(name: str) -> None:
    service = unit(name)
    assert service["User"] == "otklik"
    assert service["StateDirectoryMode"] == "0700"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["KillSignal"] == "SIGTERM"
    assert service["Restart"] == "on-failure"
    lasting = "2 3" if name in ("otklik-listen.service", "otklik-bot.service") else "2"
    assert service["RestartPreventExitStatus"] == lasting, "a wrong setting, a lost session or a refused token stays so"
    for switch in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces"):
        assert service[switch] == "yes"


@pytest.mark.parametrize("name", UNITS)
def test_units_start_what_they_are_named_for(name: str) -> None:
    role = name.removesuffix(".service").removeprefix("otklik").removeprefix("-") or "up"
    assert unit(name)["ExecStart"] == f"/opt/otklik/.venv/bin/otklik {role}"


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    done = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or line.startswith("otklik")]
    assert not complaints


def test_the_command_wrapper_is_shell() -> None:
    script = DEPLOY / "systemd" / "otklik-command"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
