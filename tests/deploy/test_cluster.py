"""What deploy/ gives to Kubernetes and Compose is right, as far as that can be told without either."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from newscrawl import settings as defaults
from newscrawl.sources import load_sources

REPOSITORY = Path(__file__).resolve().parents[2]
KUBERNETES = REPOSITORY / "deploy" / "kubernetes"
COMPOSE = REPOSITORY / "deploy" / "compose" / "compose.yaml"
OLDEST, NEWEST = "1.31", "1.37"
OWN = {name for name in vars(defaults) if name.startswith("NEWSCRAWL_")}
GIVEN = {"POSTGRES_PASSWORD": "a b$$c", "NEWSCRAWL_CONTACT": "newsroom@example.org"}

listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))
resources: list[dict[str, Any]] = [
    resource for name in listed["resources"] for resource in yaml.safe_load_all((KUBERNETES / name).read_text("utf-8"))
]
pods = {each["metadata"]["name"]: each["spec"]["template"] for each in resources if "template" in each.get("spec", {})}
services: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_each_resource_is_what_its_kind_may_be(version: str) -> None:
    validator = pytest.importorskip("kubernetes_validate")
    for resource in resources:
        validator.validate(resource, version, strict=True)
    with pytest.raises(validator.ValidationError):
        validator.validate({**resources[-1], "spek": {}}, version, strict=True)


def test_every_file_of_the_folder_is_named_in_the_kustomization() -> None:
    named = {*listed["resources"], *listed["configMapGenerator"][0]["files"], "kustomization.yaml"}
    assert {each.name for each in KUBERNETES.iterdir()} == named


def test_the_sources_beside_the_manifests_can_be_read() -> None:
    assert [each.id for each in load_sources(KUBERNETES / "sources.toml")] == ["harbour-times"]


def test_no_pod_has_more_rights_than_it_needs() -> None:
    assert pods.keys() == {"postgres", "worker", "engine-scheduler", "engine-worker"}
    for name, pod in pods.items():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"], name
        assert not spec["automountServiceAccountToken"], name
        for container in spec["containers"]:
            rights = container["securityContext"]
            assert rights["capabilities"] == {"drop": ["ALL"]}, name
            assert not rights["allowPrivilegeEscalation"], name
            assert rights.get("readOnlyRootFilesystem", name == "postgres"), name
            assert container["resources"]["limits"]["memory"], name


def test_what_names_pods_names_pods_that_there_are() -> None:
    labels = [pod["metadata"]["labels"] for pod in pods.values()]
    selectors = [
        each["spec"]["podSelector"]["matchLabels"] for each in resources if each["kind"] == "NetworkPolicy"
    ] + [each["spec"]["selector"] for each in resources if each["kind"] == "Service"]
    assert len(selectors) == 5
    for selector in selectors:
        assert any(selector.items() <= of_pod.items() for of_pod in labels), selector


def test_pods_and_containers_are_told_what_newscrawl_knows() -> None:
    (told,) = (each["data"] for each in resources if each["kind"] == "ConfigMap")
    named = {*told, *services["worker"]["environment"]}
    assert {name for name in named if name.startswith("NEWSCRAWL_")} <= OWN
    assert {"NEWSCRAWL_STATE", "NEWSCRAWL_CONTACT"} <= named
    containerfile = (REPOSITORY / "deploy" / "container" / "Containerfile").read_text("utf-8")
    asked_for = re.findall(r"EXTRAS: \"?'?\[([a-z0-9,]+)\]", COMPOSE.read_text("utf-8"))
    asked_for += re.findall(r"EXTRAS='\[([a-z0-9,]+)\]'", containerfile)
    extras = set(metadata("newscrawl").get_all("Provides-Extra") or ())
    assert len(asked_for) == 2
    assert {extra for each in asked_for for extra in each.split(",")} <= extras


def test_the_engines_scheduler_and_workers_understand_how_they_are_started() -> None:
    pytest.importorskip("distributed")
    from distributed.cli import dask_scheduler, dask_worker

    commands = [pods[name]["spec"]["containers"][0]["command"] for name in ("engine-scheduler", "engine-worker")]
    commands += [
        [*services[name]["entrypoint"], *services[name]["command"]] for name in ("engine-scheduler", "engine-worker")
    ]
    programs = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}
    for program, kind, *arguments in commands:
        assert program == "dask"
        understood = programs[kind].make_context(kind, [str(each) for each in arguments]).params
        assert not understood["dashboard"]


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="no docker-compose here")
def test_compose_reads_its_file_and_refuses_to_go_without_a_password() -> None:
    command = ["docker-compose", "-p", "newscrawl", "-f", str(COMPOSE), "--profile", "engine", "config"]
    read = subprocess.run(command, env=os.environ | GIVEN, capture_output=True, text=True, check=True)
    understood = yaml.safe_load(read.stdout)["services"]
    assert understood.keys() == services.keys()
    assert (
        understood["worker"]["environment"]["PGPASSWORD"] == understood["postgres"]["environment"]["POSTGRES_PASSWORD"]
    )
    assert understood["worker"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    without = {name: value for name, value in (os.environ | GIVEN).items() if name != "POSTGRES_PASSWORD"}
    refused = subprocess.run(command, env=without, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "POSTGRES_PASSWORD" in refused.stderr
