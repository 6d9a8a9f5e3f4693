"""The pod passes Pod Security "restricted", and the checker that says so can say no."""

from collections.abc import Callable
from copy import deepcopy
from typing import TypeAlias

import pytest

from tests.deploy.documents import EXAMPLE, Build, Document, pod
from tests.deploy.pod_security import violations

Change: TypeAlias = Callable[[Document], object]

ALLOWED: Document = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "it",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
            "livenessProbe": {"httpGet": {"path": "/", "port": 1}},
            "ports": [{"containerPort": 1}],
        }
    ],
    "volumes": [{"name": "v", "emptyDir": {}}],
}


def pod_context(**changed: object) -> Change:
    return lambda pod: pod["securityContext"].update(changed)


def container_context(**changed: object) -> Change:
    return lambda pod: pod["containers"][0]["securityContext"].update(changed)


def container(**changed: object) -> Change:
    return lambda pod: pod["containers"][0].update(changed)


VIOLATING: list[tuple[Change, str]] = [
    (lambda pod: pod.update(hostNetwork=True), "hostNetwork"),
    (lambda pod: pod.update(hostPID=True), "hostPID"),
    (lambda pod: pod.update(hostIPC=True), "hostIPC"),
    (lambda pod: pod.update(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), "volume v is hostPath"),
    (lambda pod: pod.update(volumes=[{"name": "v", "nfs": {}}]), "volume v is nfs"),
    (pod_context(runAsUser=0), "runAsUser is root"),
    (pod_context(runAsNonRoot=False), "runAsNonRoot is false"),
    (pod_context(runAsNonRoot=None), "it: runAsNonRoot is not true"),
    (pod_context(seccompProfile=None), "it: seccompProfile is not set"),
    (pod_context(seccompProfile={"type": "Unconfined"}), "seccompProfile is Unconfined"),
    (pod_context(sysctls=[{"name": "kernel.msgmax", "value": "1"}]), "sysctl kernel.msgmax"),
    (pod_context(seLinuxOptions={"type": "spc_t"}), "seLinuxOptions"),
    (pod_context(windowsOptions={"hostProcess": True}), "hostProcess"),
    (container_context(runAsUser=0), "it: runAsUser is root"),
    (container_context(runAsNonRoot=False), "it: runAsNonRoot is false"),
    (container_context(seccompProfile={"type": "Unconfined"}), "it: seccompProfile is Unconfined"),
    (container_context(appArmorProfile={"type": "Unconfined"}), "it: appArmorProfile is Unconfined"),
    (container_context(privileged=True), "it: privileged"),
    (container_context(allowPrivilegeEscalation=None), "it: allowPrivilegeEscalation is not false"),
    (container_context(allowPrivilegeEscalation=True), "it: allowPrivilegeEscalation is not false"),
    (container_context(procMount="Unmasked"), "it: procMount"),
    (container_context(capabilities=None), "it: capabilities are not dropped"),
    (container_context(capabilities={"drop": ["NET_RAW"]}), "it: capabilities are not dropped"),
    (container_context(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}), "it: capability SYS_ADMIN"),
    (container(ports=[{"containerPort": 1, "hostPort": 1}]), "it: hostPort"),
    (container(livenessProbe={"tcpSocket": {"host": "h"}}), "it: a probe or hook calls another host"),
    (
        container(lifecycle={"preStop": {"httpGet": {"host": "h"}}}),
        "it: a probe or hook calls another host",
    ),
    (
        lambda pod: pod.update(initContainers=[{"name": "first"}]),
        "first: allowPrivilegeEscalation is not false",
    ),
]


@pytest.mark.parametrize(("change", "said"), VIOLATING, ids=[said for _, said in VIOLATING])
def test_a_pod_that_violates_the_standard_is_refused_and_told_why(change: Change, said: str) -> None:
    violating = deepcopy(ALLOWED)
    change(violating)
    assert said in violations(violating)


def test_a_pod_that_keeps_to_the_standard_is_allowed() -> None:
    assert violations(ALLOWED) == []
    may_bind_low_ports = deepcopy(ALLOWED)
    container_context(capabilities={"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]})(may_bind_low_ports)
    assert violations(may_bind_low_ports) == []


def test_our_pod_keeps_to_the_standard(base: list[Document], kustomize: Build) -> None:
    assert violations(pod(base)) == []
    assert violations(pod(kustomize(EXAMPLE))) == []


def test_our_pod_without_its_security_context_is_refused(base: list[Document]) -> None:
    bare = deepcopy(pod(base))
    del bare["securityContext"]
    del bare["containers"][0]["securityContext"]
    assert violations(bare) == [
        "lucca-sync: allowPrivilegeEscalation is not false",
        "lucca-sync: capabilities are not dropped",
        "lucca-sync: runAsNonRoot is not true",
        "lucca-sync: seccompProfile is not set",
    ]
