"""Holds what the deployment names against what there is: files, secrets, variables, metrics, anchors,
rights; and against what there must be (expected.py).

    check.py FOLDER    where deploy/validate has left project.json (of compose), mongodb.json (what begin.js
                       makes), user (of our image), help (what `jangteo` says of its options), and each
                       overlay as it was built, as built/NAME.yaml

Prints a line for each thing checked, what is wrong below it; exits with 1 where anything is.
"""

import json
import re
import sys
from pathlib import Path

import expected
import rights
import yaml

DEPLOY = Path(__file__).resolve().parent.parent
ROOT = DEPLOY.parent
# Not ours: Prometheus's own, those of node_exporter and of the kubelet.
FOREIGN = re.compile(r"up|ALERTS|node_\w+|kubelet_volume_stats_\w+")
# Which pods of the APIs an overlay has, and how many at least; which colour serves, where there are two.
COLOURS = ("-blue", "-green")
OVERLAYS = {
    "small": (("",), 2, None),
    "production": (COLOURS, 3, "blue"),
    "switched": (COLOURS, 3, "green"),
}


def known_variables(text):
    return set(re.findall(r"\[env:\s+(JANGTEO_\w+)", text))


def known_roles(text):
    # In a line, or one by one where one of them is explained.
    line = re.search(r"\[possible\s+values:\s+([^\]]*\bcommand-api\b[^\]]*)\]", text)
    if line:
        return set(re.split(r",\s+", line.group(1)))
    option = re.search(r"\n      --role <ROLE>\n(.*?)\n      --", text, re.S)
    return set(re.findall(r"^ +- ([a-z-]+)", option.group(1), re.M)) if option else set()


def known_metrics():
    macro = re.compile(r'\b(counter|gauge|histogram)!\(\s*"(\w+)"')
    names = {}
    for path in ROOT.glob("*/src/**/*.rs"):
        for kind, name in macro.findall(path.read_text()):
            names[name] = kind
    return names


def metrics_in(expression):
    """The names of metrics in a PromQL expression."""
    text = re.sub(r'"[^"]*"', "", expression)
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", text)
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    text = re.sub(r"<<\.\w+>>", " ", text)
    names = re.findall(r"(?<![\w.])([a-zA-Z_:][\w:]*)\b(?!\s*\()", text)
    return {name for name in names if name not in {"and", "or", "unless", "bool", "offset"}}


def unknown_metrics(expression, emitted):
    for name in metrics_in(expression):
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        of_histogram = base != name and (emitted.get(base) == "histogram")
        if not (name in emitted or of_histogram or FOREIGN.fullmatch(name)):
            yield f"no metric is called {name}: {expression.strip()}"


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, findings):
        findings = list(findings)
        print(f"{'FAILED' if findings else 'ok'}  {what}")
        for finding in findings:
            print(f"        {finding}")
        self.failed += bool(findings)
        self.passed += not findings


def variables(environment, known, where):
    for name, value in environment.items():
        if not name.startswith("JANGTEO_"):
            continue
        # A file may hold what an option is.
        if name not in known and name.removesuffix("_FILE") not in known:
            yield f"{where}: jangteo has no option for {name}"
        if name == "JANGTEO_ROLES" and not set(value.split(",")) <= ROLES:
            yield f"{where}: no role is called {value}"


def compose_services(project):
    for name, service in project["services"].items():
        if not service.get("mem_limit"):
            yield f"{name}: no limit of memory"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: may gain privileges"
        if service.get("privileged") or "ALL" not in service.get("cap_drop", []):
            yield f"{name}: keeps the capabilities of its image"
        image = service["image"]
        if not re.search(r":v?\d+\.\d+", image):
            yield f"{name}: {image} is not pinned"
        for key, value in (service.get("environment") or {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN", key) and not key.endswith("_FILE"):
                yield f"{name}: {key} holds a secret itself"
            path = str(value)
            if key.endswith("_FILE") and path.startswith("/run/secrets/"):
                targets = {target(secret) for secret in service.get("secrets", [])}
                if path not in targets:
                    yield f"{name}: {key} names {path}, which is no secret of it"


def target(secret):
    path = secret.get("target") or secret["source"]
    return path if path.startswith("/") else f"/run/secrets/{path}"


def compose_files(project):
    used = set()
    for name, service in project["services"].items():
        used |= {secret["source"] for secret in service.get("secrets", [])}
        for volume in service.get("volumes", []):
            if volume["type"] == "bind" and not Path(volume["source"]).exists():
                yield f"{name}: {volume['source']} is not there"
    for name, secret in project["secrets"].items():
        if name not in used:
            yield f"secret {name} is used by nobody"
        if not Path(secret["file"]).is_file():
            yield f"secret {name}: deploy/secrets/make made no {secret['file']}"


def urls(project):
    """A role's URLs point to servers that it shares a network with, and to files that it has."""
    for name, service in project["services"].items():
        targets = {target(secret) for secret in service.get("secrets", [])}
        for secret in service.get("secrets", []):
            path = Path(project["secrets"][secret["source"]]["file"])
            if "roles" not in path.parts or path.parent.name == "shared":
                continue
            url = path.read_text().strip()
            for file in set(re.findall(r"/run/secrets/\w+", url)) - targets:
                yield f"{name}: {path.name} names {file}, which is no secret of it"
            server = re.search(r"endpoint=http://(\w+)", url) or re.search(r"@(\w+)", url)
            server = project["services"].get(server.group(1) if server else "")
            if not server:
                yield f"{name}: {path.name} names no server of this file"
            elif not set(server["networks"]) & set(service["networks"]):
                yield f"{name}: no network leads to the server of {path.name}"


def pods(documents):
    for document in documents:
        spec = document.get("spec", {})
        if document["kind"] in {"Deployment", "Job"}:
            yield document["kind"], document["metadata"]["name"], spec["template"]


def kubernetes_pods(documents):
    configured = {d["metadata"]["name"]: d for d in documents if d["kind"] == "ConfigMap"}
    for kind, name, template in pods(documents):
        spec = template["spec"]
        if not spec["securityContext"].get("runAsNonRoot"):
            yield f"{name}: may run as root"
        for container in spec.get("initContainers", []) + spec["containers"]:
            security = container.get("securityContext", {})
            if not security.get("readOnlyRootFilesystem") or security.get("allowPrivilegeEscalation"):
                yield f"{name}/{container['name']}: is not confined"
            if not container.get("resources", {}).get("limits", {}).get("memory"):
                yield f"{name}/{container['name']}: no limit of memory"
            if not re.search(r":v?\d+\.\d+", container["image"]):
                yield f"{name}/{container['name']}: {container['image']} is not pinned"
            volumes = {volume["name"] for volume in spec["volumes"]}
            for mount in container["volumeMounts"]:
                if mount["name"] not in volumes:
                    yield f"{name}: no volume is called {mount['name']}"
            for source in container.get("envFrom", []):
                if source["configMapRef"]["name"] not in configured:
                    yield f"{name}: no ConfigMap is called {source['configMapRef']['name']}"
        for container in spec["containers"] if kind == "Deployment" else []:
            if not {"livenessProbe", "readinessProbe", "startupProbe"} <= container.keys():
                yield f"{name}: a probe is missing"


def kubernetes_variables(documents, known):
    configured = {d["metadata"]["name"]: d["data"] for d in documents if d["kind"] == "ConfigMap"}
    for _, name, template in pods(documents):
        secrets = secret_files(template["spec"])
        for container in template["spec"]["containers"]:
            environment = {}
            for source in container.get("envFrom", []):
                environment |= configured.get(source["configMapRef"]["name"], {})
            environment |= {entry["name"]: entry["value"] for entry in container.get("env", [])}
            yield from variables(environment, known, name)
            for key, path in environment.items():
                if not key.endswith("_FILE"):
                    continue
                for file in {path, *named_by(name, Path(path).name)}:
                    if Path(file).name not in secrets:
                        yield f"{name}: {key} names {file}, which is in no secret of it"


def named_by(pod, file):
    """The files that the URL in this one names."""
    role = re.sub("-(blue|green)$", "", pod)
    found = [SECRETS / "roles" / folder / file for folder in (role, "shared")]
    text = "".join(path.read_text() for path in found if path.is_file())
    return set(re.findall(r"/run/secrets/\w+", text))


def secret_files(spec):
    """The files that README.md puts into the secrets of this pod."""
    made = DEPLOY / "kubernetes/README.md"
    shared = set(re.findall(r"--from-file=([\w.-]+)=\$shared/", made.read_text()))
    files = set()
    for volume in spec["volumes"]:
        for source in volume.get("projected", {}).get("sources", []):
            name = source["secret"]["name"]
            if name == "jangteo-shared":
                files |= shared
            else:
                role = SECRETS / "roles" / name.removeprefix("jangteo-")
                files |= {path.name for path in role.iterdir()} | {"ca"}
    return files


def kubernetes_selectors(documents):
    templates = [(name, template["metadata"]["labels"]) for _, name, template in pods(documents)]

    def selected(labels):
        return [name for name, has in templates if labels.items() <= has.items()]

    named = {(d["kind"], d["metadata"]["name"]) for d in documents}
    for document in documents:
        kind, name, spec = document["kind"], document["metadata"]["name"], document.get("spec", {})
        if kind == "Service" and len(selected(spec["selector"])) != 1:
            yield f"Service {name} selects {selected(spec['selector'])}"
        if kind == "PodDisruptionBudget" and len(selected(spec["selector"]["matchLabels"])) != 1:
            yield f"PodDisruptionBudget {name} selects {selected(spec['selector']['matchLabels'])}"
        if kind == "HorizontalPodAutoscaler":
            reference = spec["scaleTargetRef"]
            if (reference["kind"], reference["name"]) not in named:
                yield f"HorizontalPodAutoscaler {name} scales nobody"
    policies = [d for d in documents if d["kind"] == "NetworkPolicy"]
    if not any(not p["spec"]["podSelector"] and "ingress" not in p["spec"] for p in policies):
        yield "no policy denies what no other allows"


def external_metrics(documents):
    for document in documents:
        if document["kind"] == "HorizontalPodAutoscaler":
            for metric in document["spec"]["metrics"]:
                if metric["type"] == "External":
                    yield metric["external"]["metric"]["name"]


def rules():
    groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def anchors(path):
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def alerts(emitted):
    tested = (DEPLOY / "prometheus/tests.yml").read_text()
    for rule in rules():
        name = rule["alert"]
        if rule["labels"]["severity"] not in {"page", "ticket"}:
            yield f"{name}: severity is page or ticket"
        path, _, anchor = rule["annotations"]["runbook"].partition("#")
        if anchor not in anchors(ROOT / path):
            yield f"{name}: {path} has no part {anchor}"
        if name not in tested:
            yield f"{name}: tests.yml does not fire it"
        yield from unknown_metrics(rule["expr"], emitted)


def dashboard(path, emitted):
    board = json.loads(path.read_text())
    ids = [panel["id"] for panel in board["panels"]]
    if len(ids) != len(set(ids)):
        yield "two panels have one id"
    taken = {}
    for panel in board["panels"]:
        place, title = panel["gridPos"], panel["title"]
        if place["x"] + place["w"] > 24:
            yield f"{title}: is wider than the page"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if taken.setdefault((x, y), title) != title:
                    yield f"{title}: lies over {taken[x, y]}"
                    break
        if not panel["targets"] or not panel["fieldConfig"]["defaults"].get("unit"):
            yield f"{title}: shows nothing, or has no unit"
        for query in panel["targets"]:
            if query["datasource"]["uid"] != "prometheus":
                yield f"{title}: asks a source that is not provisioned"
            yield from unknown_metrics(query["expr"], emitted)


def compose(report, project, known):
    report.check("compose: limits, rights, pins, secrets from files", compose_services(project))
    report.check("compose: every server, watched, with a volume where it keeps something",
                 expected.containers(project))
    report.check("compose: one network leads outside", expected.networks(project))
    report.check("compose: every file and secret is there and used", compose_files(project))
    report.check("compose: networks lead where URLs point", urls(project))
    report.check("compose: variables and roles are the program's", (
        finding for name, service in project["services"].items()
        for finding in variables(service.get("environment") or {}, known, name)
    ))


def kubernetes(report, name, documents, known, emitted):
    report.check(f"{name}: pods are confined, limited, probed", kubernetes_pods(documents))
    report.check(f"{name}: variables are the program's, secrets' files are there",
                 kubernetes_variables(documents, known))
    if name == "migrate":
        return
    report.check(f"{name}: selectors find their pods", kubernetes_selectors(documents))
    adapter = (DEPLOY / "kubernetes/adapter-rules.yaml").read_text()
    report.check(f"{name}: autoscalers go by metrics that are there", (
        finding for metric in external_metrics(documents)
        for finding in [*unknown_metrics(metric, emitted),
                        *([] if f"as: {metric}" in adapter else [f"no rule serves {metric}"])]
    ))
    suffixes, apis_min, serving = OVERLAYS[name]
    report.check(f"{name}: every role, scaled, and not emptied at once",
                 expected.pods(documents, suffixes, apis_min))
    report.check(f"{name}: policies allow what is needed and no more", expected.policies(documents))
    if serving:
        report.check(f"{name}: {serving} serves, and alone", expected.switch(documents, serving))


def main(folder):
    global ROLES, SECRETS
    folder = Path(folder)
    project = json.loads((folder / "project.json").read_text())
    said = (folder / "help").read_text()
    known, emitted = known_variables(said), known_metrics()
    ROLES = known_roles(said)
    SECRETS = Path(project["secrets"]["ca"]["file"]).parent.parent
    built = {path.stem: list(yaml.safe_load_all(path.read_text())) for path in sorted(folder.glob("built/*.yaml"))}
    report = Report()
    report.check("what is built is all that is expected",
                 expected.unlike("overlays", built.keys(), {"migrate", *OVERLAYS}))
    report.check("the image runs as a number that is not root",
                 expected.image((folder / "user").read_text().strip(), sum(built.values(), [])))
    compose(report, project, known)
    for name, documents in built.items():
        kubernetes(report, name, documents, known, emitted)
    report.check("rights: each role has URLs of what it uses", rights.stores_of_roles(SECRETS))
    # Nothing, where the script was not understood.
    made = json.loads((folder / "mongodb.json").read_text() or '{"roles": [], "users": []}')
    report.check("rights: MongoDB's users", rights.mongodb(made, SECRETS))
    report.check("rights: Elasticsearch's users", rights.elasticsearch(SECRETS))
    report.check("alerts: runbooks, tests, metrics", alerts(emitted))
    boards = sorted((DEPLOY / "grafana/dashboards").glob("*.json"))
    for path in boards:
        report.check(f"dashboard {path.stem}", dashboard(path, emitted))
    uids = [json.loads(path.read_text())["uid"] for path in boards]
    report.check("dashboards: names of their own", [] if len(uids) == len(set(uids)) else [uids])
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


def expressions():
    """Every query of the dashboards as a rule, for a parser of PromQL."""
    queries = [
        query["expr"]
        for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json"))
        for panel in json.loads(path.read_text())["panels"]
        for query in panel["targets"]
    ]
    named = [{"record": f"dashboard:{number}", "expr": query} for number, query in enumerate(queries)]
    return yaml.safe_dump({"groups": [{"name": "dashboards", "rules": named}]})


if __name__ == "__main__":
    if sys.argv[1:] == ["--expressions"]:
        print(expressions())
    else:
        sys.exit(main(*sys.argv[1:]))
