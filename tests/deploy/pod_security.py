"""The Pod Security Standard "restricted" for Linux pods, as a list of what a pod specification violates.

Written from the standard's tables, for the manifests of this repository: unknown fields are not judged.
"""

from collections.abc import Iterator
from typing import Final

from tests.deploy.documents import Document

VOLUMES: Final = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
SECCOMP: Final = {"RuntimeDefault", "Localhost"}
SELINUX_TYPES: Final = {None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
SYSCTLS: Final = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")


def violations(pod: Document) -> list[str]:
    """What "restricted" would refuse in a pod specification; empty for a pod that may run."""
    found = [*_of_host(pod), *_of_volumes(pod), *_of_pod_context(pod)]
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for container in pod.get(kind, ()):
            found += [f"{container['name']}: {what}" for what in _of_container(container, pod)]
    return found


def _of_host(pod: Document) -> Iterator[str]:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(key):
            yield key


def _of_volumes(pod: Document) -> Iterator[str]:
    for volume in pod.get("volumes", ()):
        for kind in set(volume) - {"name"} - VOLUMES:
            yield f"volume {volume['name']} is {kind}"


def _of_pod_context(pod: Document) -> Iterator[str]:
    context = _section(pod, "securityContext")
    yield from _of_shared_context(context)
    for sysctl in context.get("sysctls", ()):
        if sysctl["name"] not in SYSCTLS:
            yield f"sysctl {sysctl['name']}"


def _of_container(container: Document, pod: Document) -> Iterator[str]:
    context = _section(container, "securityContext")
    inherited = {**_section(pod, "securityContext"), **context}
    yield from _of_shared_context(context)
    yield from _of_privileges(context)
    yield from _of_capabilities(_section(context, "capabilities"))
    yield from _of_network(container)
    if inherited.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    if _section(inherited, "seccompProfile").get("type") not in SECCOMP:
        yield "seccompProfile is not set"


def _of_shared_context(context: Document) -> Iterator[str]:
    """What a pod's and a container's security context have in common."""
    if context.get("runAsUser") == 0:
        yield "runAsUser is root"
    if context.get("runAsNonRoot") is False:
        yield "runAsNonRoot is false"
    if _section(context, "seccompProfile").get("type", "RuntimeDefault") not in SECCOMP:
        yield "seccompProfile is Unconfined"
    if _section(context, "appArmorProfile").get("type", "RuntimeDefault") not in SECCOMP:
        yield "appArmorProfile is Unconfined"
    if _section(context, "windowsOptions").get("hostProcess"):
        yield "hostProcess"
    selinux = _section(context, "seLinuxOptions")
    if selinux.get("type") not in SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
        yield "seLinuxOptions"


def _of_privileges(context: Document) -> Iterator[str]:
    if context.get("privileged"):
        yield "privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if context.get("procMount", "Default") != "Default":
        yield "procMount"


def _of_capabilities(capabilities: Document) -> Iterator[str]:
    if "ALL" not in capabilities.get("drop", ()):
        yield "capabilities are not dropped"
    for added in set(capabilities.get("add", ())) - {"NET_BIND_SERVICE"}:
        yield f"capability {added}"


def _of_network(container: Document) -> Iterator[str]:
    if any(port.get("hostPort") for port in container.get("ports", ())):
        yield "hostPort"
    hooks = _section(container, "lifecycle")
    handlers = [_section(container, probe) for probe in PROBES] + [_section(hooks, hook) for hook in hooks]
    for handler in handlers:
        if any(_section(handler, action).get("host") for action in ("httpGet", "tcpSocket")):
            yield "a probe or hook calls another host"


def _section(of: Document, key: str) -> Document:
    """A mapping that may be missing or null, as an empty one then."""
    found: Document = of.get(key) or {}
    return found
