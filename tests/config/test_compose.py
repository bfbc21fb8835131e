"""docker-compose.yml describes an installation these settings can run, and gives away no secret."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from config.local_postgres import DURABLE, ROLE_RIGHTS
from config.settings import ENVIRONMENT_VARIABLES, database
from config.state import ROOT

OURS = ("migrate", "web", "worker", "beat")
WITHOUT_RESTART = {"migrate"}
LASTING = ("postgres", "valkey", "web", "worker", "beat")
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
INIT = (ROOT / "docker" / "initdb.sh").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
GUIDE = (ROOT / "docs" / "guides" / "administrator.md").read_text()


def test_the_services_of_an_installation_are_there() -> None:
    assert set(SERVICES) == {"postgres", "valkey", *OURS}
    assert SERVICES["postgres"]["image"] == "postgres:18"


@pytest.mark.parametrize("name", OURS)
def test_every_variable_given_is_one_the_settings_read(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= set(ENVIRONMENT_VARIABLES)
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "HTTPS", "EMAIL_URL"} <= set(
        SERVICES[name]["environment"]
    )


@pytest.mark.parametrize(
    ("email_url", "said"),
    [("smtps://trial:x@mail.example", "no issues"), ("", "EMAIL_URL is not set")],
)
def test_the_web_service_starts_with_what_it_is_given_and_not_without_mail(email_url: str, said: str) -> None:
    """Django's own checks, with every ${NAME:?} filled in."""
    chosen = {"EMAIL_URL": email_url, "CSRF_TRUSTED_ORIGINS": "https://trial.example"}
    given = SERVICES["web"]["environment"] | chosen
    filled = {name: re.sub(r"\$\{\w+:\?\}", "x", value) for name, value in given.items()}
    checked = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | filled,
        capture_output=True,
        text=True,
    )
    assert said in checked.stdout + checked.stderr
    assert (checked.returncode == 0) == bool(email_url)


def test_the_administrators_guide_lists_what_the_file_env_must_hold() -> None:
    [listed] = re.findall(r"```ini\n(.*?)```", GUIDE, re.DOTALL)
    needed = set(re.findall(r"\$\{(\w+):\?\}", str(SERVICES)))
    assert set(re.findall(r"^ *(\w+)=", listed, re.MULTILINE)) == needed


@pytest.mark.parametrize("name", [*OURS, *LASTING])
def test_no_log_of_a_container_grows_without_end(name: str) -> None:
    kept = SERVICES[name]["logging"]["options"]
    assert kept["max-size"].endswith("m")
    assert int(kept["max-file"]) > 1


def test_the_image_sets_only_variables_that_are_read() -> None:
    own = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "DJANGO_SETTINGS_MODULE"}
    block = re.search(r"^ENV ((?:.*\\\n)*.*)$", DOCKERFILE, re.MULTILINE)
    assert block is not None
    assert set(re.findall(r"([A-Z_]+)=", block[1])) - own <= set(ENVIRONMENT_VARIABLES)


def test_no_secret_has_a_value_or_a_default() -> None:
    optional = set(re.findall(r"\$\{(\w+):-", COMPOSE))
    assert optional == {"CODE_VERSION"}
    assert not re.findall(r"\$\{(\w+)\}", COMPOSE), "a name without :? becomes an empty secret"
    secret = re.compile("PASSWORD|SECRET|AUTH|_URL$")
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if secret.search(variable) and variable != "POSTGRES_INITDB_ARGS":
                assert re.search(r"\$\{\w+:\?\}", value), f"{name}: {variable}"


def test_only_the_migration_has_the_owner_s_password() -> None:
    holders = {name for name in OURS if "DATABASE_OWNER_URL" in SERVICES[name]["environment"]}
    assert holders == {"migrate"}


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_service_states_its_health_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_each_waits_for_what_it_needs(name: str) -> None:
    for needed, how in SERVICES[name]["depends_on"].items():
        expected = "service_completed_successfully" if needed in WITHOUT_RESTART else "service_healthy"
        assert how == {"condition": expected}
    if name != "migrate":
        assert "migrate" in SERVICES[name]["depends_on"]


def test_the_urls_lead_to_the_roles_and_database_the_init_script_makes() -> None:
    for variable, role in (("DATABASE_URL", "rebaseline_app"), ("DATABASE_OWNER_URL", "rebaseline_owner")):
        entry = database(re.sub(r"\$\{\w+:\?\}", "x", SERVICES["migrate"]["environment"][variable]))
        assert (entry["USER"], entry["HOST"], entry["NAME"]) == (role, "postgres", "rebaseline")
        assert f"CREATE ROLE {role} {ROLE_RIGHTS[role]} PASSWORD" in INIT
    assert "CREATE DATABASE rebaseline OWNER rebaseline_owner" in INIT
    given = set(SERVICES["postgres"]["environment"])
    assert set(re.findall(r"\$(\w+)", INIT)) - given == {"POSTGRES_USER"}
    assert any(
        volume.endswith(":/docker-entrypoint-initdb.d/initdb.sh:ro")
        for volume in SERVICES["postgres"]["volumes"]
    )


def test_the_server_keeps_what_it_acknowledged() -> None:
    for name, value in DURABLE.items():
        assert f"-c {name}={value}" in SERVICES["postgres"]["command"]


def test_the_application_runs_without_privileges_and_out_of_reach() -> None:
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE) == ["rebaseline"]
    assert DOCKERFILE.index("USER rebaseline") < DOCKERFILE.index("\nCMD ")
    assert "HEALTHCHECK" in DOCKERFILE
    for name in OURS:
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert SERVICES[name]["read_only"] is True
    assert "ports" not in SERVICES["postgres"]
    assert "ports" not in SERVICES["valkey"]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
