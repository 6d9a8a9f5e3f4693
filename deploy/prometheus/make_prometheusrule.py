# ruff: noqa: INP001 - a script, not part of a package
"""Wraps rules.yaml in the Prometheus operator's PrometheusRule, as plain text so that comments survive.

Run it after every edit of rules.yaml; a test fails when the two differ.
"""

from pathlib import Path

HERE = Path(__file__).parent
RULES = HERE / "rules.yaml"
MANIFEST = HERE.parent / "kubernetes/components/prometheusrule/prometheusrule.yaml"

HEAD = """\
# Made from deploy/prometheus/rules.yaml by deploy/prometheus/make_prometheusrule.py: edit there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: lucca-sync
  labels:
    app.kubernetes.io/name: lucca-sync
    app.kubernetes.io/instance: lucca-sync
    app.kubernetes.io/component: monitoring
    app.kubernetes.io/part-of: lucca-sync
spec:
"""


def manifest(rules: str) -> str:
    """The PrometheusRule that carries `rules`, the text of a Prometheus rules file."""
    return HEAD + "".join(f"  {line}" if line.strip() else line for line in rules.splitlines(keepends=True))


if __name__ == "__main__":
    MANIFEST.write_text(manifest(RULES.read_text(encoding="utf-8")), encoding="utf-8")
