"""What there must be, so that none of it is lost unnoticed: containers, pods, and what goes with each."""

import re
from typing import NamedTuple

NOT_ROOT = re.compile(r"[1-9]\d*:[1-9]\d*")


class Container(NamedTuple):
    """A service of compose.yaml."""

    role: str = ""
    # Where the server keeps what outlives its container.
    keeps: tuple[str, ...] = ()
    # It does its work once.
    ends: bool = False
    # What of it this machine and others reach.
    published: tuple[str, ...] = ()


CONTAINERS = {
    "migrate": Container(ends=True),
    "command-api": Container(role="command-api"),
    "query-api": Container(role="query-api"),
    "projector": Container(role="projector"),
    "relay": Container(role="relay"),
    "gateway": Container(published=(":8443",)),
    "postgres": Container(keeps=("/var/lib/postgresql/data", "/archive")),
    "kafka": Container(keeps=("/var/lib/kafka/data",)),
    "mongodb": Container(keeps=("/data/db",)),
    "elasticsearch": Container(keeps=("/usr/share/elasticsearch/data",)),
    "valkey": Container(),
    "s3": Container(keeps=("/data",)),
    "bucket": Container(ends=True),
    "prometheus": Container(keeps=("/prometheus",)),
    "node": Container(),
    "grafana": Container(keeps=("/var/lib/grafana",), published=("127.0.0.1:3000",)),
}

APIS = ("command-api", "query-api")
# Those that are scaled by themselves, and by what.
SCALED = {
    "command-api": {"cpu"},
    "query-api": {"cpu"},
    "projector": {"cpu", "view_lag_events"},
    "gateway": {"cpu"},
}
PARTITIONS = 12
# Who speaks with whom: all that policies may allow, and must.
NAMES = {"to kube-system/kube-dns:53"}
SCRAPED = {"from monitoring/prometheus:8080"}


def stores(*ports):
    return {f"to jangteo-stores/{place}" for place in ports}


LOG, BUS, CACHE, BLOBS = "postgresql:5432", "kafka:9092", "valkey:6379", "s3:8333"
VIEWS = ("mongodb:27017", "elasticsearch:9200")
SPEAKS = {
    "command-api": NAMES | SCRAPED | {"from gateway:8080"} | stores(LOG, CACHE, BLOBS),
    "query-api": NAMES | SCRAPED | {"from gateway:8080"} | stores(LOG, CACHE, BLOBS, *VIEWS),
    "projector": NAMES | SCRAPED | stores(LOG, BUS, CACHE, *VIEWS),
    "relay": NAMES | SCRAPED | stores(LOG, BUS),
    "gateway": NAMES | {"from anybody:8443", "to command-api:8080", "to query-api:8080"},
    "migrate": NAMES | stores(LOG),
}


def unlike(what, found, wanted):
    for name in sorted(wanted - found):
        yield f"{what}: {name} is missing"
    for name in sorted(found - wanted):
        yield f"{what}: {name} is not expected"


def containers(project):
    services = project["services"]
    yield from unlike("services", services.keys(), CONTAINERS.keys())
    for name in services.keys() & CONTAINERS.keys():
        service, wanted = services[name], CONTAINERS[name]
        if (service.get("environment") or {}).get("JANGTEO_ROLES", "") != wanted.role:
            yield f"{name}: is not in the role {wanted.role or 'of nobody'}"
        ours = wanted.role or name == "migrate"
        if ours and not (NOT_ROOT.fullmatch(service.get("user", "")) and service.get("read_only")):
            yield f"{name}: runs as root, or can write to its image"
        if not wanted.ends and not (service.get("healthcheck") or {}).get("test"):
            yield f"{name}: no health check"
        if service.get("restart") != ("no" if wanted.ends else "unless-stopped"):
            yield f"{name}: {'is started again' if wanted.ends else 'is not started again'} where it ends"
        volumes = [volume for volume in service.get("volumes", []) if volume["type"] == "volume"]
        kept = {volume["target"] for volume in volumes if volume.get("source") in project["volumes"]}
        if kept != set(wanted.keeps):
            yield f"{name}: keeps {sorted(kept)} in volumes that have names, not {sorted(wanted.keeps)}"
        ports = {f"{port.get('host_ip', '')}:{port['published']}" for port in service.get("ports", [])}
        yield from unlike(f"{name}: ports", ports, set(wanted.published))


def networks(project):
    """One leads outside, and in it is only who publishes a port."""
    outside = {name for name, network in project["networks"].items() if not network.get("internal")}
    yield from unlike("networks that lead outside", outside, {"public"})
    public = {name for name, service in project["services"].items() if outside & set(service["networks"])}
    publishing = {name for name, wanted in CONTAINERS.items() if wanted.published}
    yield from unlike("services in them", public, publishing)


def image(user, documents):
    """`user` is that of the Dockerfile of the roles, which own their folder in it."""
    if not NOT_ROOT.fullmatch(user):
        yield f"its user is {user or 'root'}, which is no number other than root's"
        return
    for document in documents:
        if document["kind"] in {"Deployment", "Job"}:
            spec = document["spec"]["template"]["spec"]
            security = spec["securityContext"]
            of_ours = any(container["image"].startswith("jangteo:") for container in spec["containers"])
            if of_ours and f"{security['runAsUser']}:{security['runAsGroup']}" != user:
                yield f"{document['metadata']['name']}: runs as another user than the image's, {user}"


def of_kind(documents, kind):
    return [document for document in documents if document["kind"] == kind]


def label(document, name):
    return document["spec"]["template"]["metadata"]["labels"].get(name, "")


def selects(selector, labels):
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    for rule in selector.get("matchExpressions", []):
        assert rule["operator"] == "In", rule
        if labels.get(rule["key"]) not in rule["values"]:
            return False
    return True


def pods(documents, suffixes, apis_min):
    """Every role runs often enough, by an autoscaler or by itself, and is not emptied by an upgrade of nodes."""
    deployments = {d["metadata"]["name"]: d for d in of_kind(documents, "Deployment")}
    apis = {api + suffix for api in APIS for suffix in suffixes}
    yield from unlike("deployments", deployments.keys(), apis | {"projector", "relay", "gateway"})
    scalers = {d["spec"]["scaleTargetRef"]["name"]: d["spec"] for d in of_kind(documents, "HorizontalPodAutoscaler")}
    budgets = [d["spec"] for d in of_kind(documents, "PodDisruptionBudget")]
    for name, deployment in deployments.items():
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        role = labels["app.kubernetes.io/name"]
        if not any(selects(budget["selector"], labels) and budget.get("maxUnavailable") == 1 for budget in budgets):
            yield f"{name}: no PodDisruptionBudget lets one go at a time"
        liveness = deployment["spec"]["template"]["spec"]["containers"][0].get("livenessProbe", {})
        if liveness.get("httpGet", {}).get("path") != "/health/live":
            yield f"{name}: is ended for more than not living"
        least = apis_min if role in APIS else 2
        if role not in SCALED:
            if name in scalers or deployment["spec"].get("replicas", 1) < least:
                yield f"{name}: is scaled, or are fewer than {least}"
            continue
        if name not in scalers:
            yield f"{name}: no HorizontalPodAutoscaler"
            continue
        if scalers[name]["minReplicas"] < least:
            yield f"{name}: may be fewer than {least}"
        if role == "projector" and scalers[name]["maxReplicas"] > PARTITIONS:
            yield f"{name}: may be more than there are partitions"
        yield from unlike(f"{name}: is scaled by", set(map(metric, scalers[name]["metrics"])), SCALED[role])


def metric(entry):
    return entry["external"]["metric"]["name"] if entry["type"] == "External" else entry["resource"]["name"]


def policies(documents):
    for role, wanted in SPEAKS.items():
        allowed = set()
        for policy in of_kind(documents, "NetworkPolicy"):
            spec = policy["spec"]
            if selects(spec["podSelector"], {"app.kubernetes.io/name": role}):
                allowed |= {f"from {peer}" for peer in peers(spec, "Ingress", "from")}
                allowed |= {f"to {peer}" for peer in peers(spec, "Egress", "to")}
        yield from unlike(f"{role} may speak", allowed, wanted)


def peers(spec, direction, side):
    """As NAMESPACE/NAME:PORT; without a namespace it is ours."""
    if direction not in spec["policyTypes"]:
        return
    for rule in spec.get(direction.lower(), []):
        for peer in rule.get(side) or [{}]:
            namespace = peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name")
            pod = peer.get("podSelector", {}).get("matchLabels", {})
            pod = pod.get("app.kubernetes.io/name") or pod.get("k8s-app") or "anybody"
            for port in rule.get("ports") or [{"port": "any"}]:
                yield f"{namespace}/{pod}:{port['port']}" if namespace else f"{pod}:{port['port']}"


def switch(documents, serving):
    """The services lead to the pods of one colour, of which there are some; of the other are none."""
    for service in of_kind(documents, "Service"):
        name, selector = service["metadata"]["name"], service["spec"]["selector"]
        if name in APIS and selector.get("jangteo/colour") != serving:
            yield f"Service {name} leads to {selector.get('jangteo/colour')}"
    for deployment in of_kind(documents, "Deployment"):
        colour = label(deployment, "jangteo/colour")
        stands = deployment["spec"].get("replicas") == 0
        if colour and stands != (colour != serving):
            yield f"{deployment['metadata']['name']}: {'stands' if stands else 'runs'}, where {serving} serves"
