"""What "Rights" of docs/operations.md says, and whether those who log in have that and no more."""

import re
from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parent.parent
OPERATIONS = DEPLOY.parent / "docs/operations.md"
# Those that are deployed; the rest of the table is for whoever calls `jangteo` by hand.
ROLES = ("command-api", "query-api", "projector", "relay")
STORES = ("log", "keys", "documents", "search")
MAY_READ, MAY_WRITE, MAY_NOTHING = "read", "write", "–"
DATABASE = "jangteo"


def names(text):
    return set(re.findall(r"`([^`]+)`", text))


def part():
    return re.search(r"^## Rights\n(.*?)^## ", OPERATIONS.read_text(), re.M | re.S).group(1)


def table():
    """What each of ours may do: for the log and the keys the group roles, else one of `MAY_…`."""
    rights = {}
    for line in part().splitlines():
        who, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        for role in set(who.split(", ")) & set(ROLES) if len(cells) == len(STORES) else ():
            rights[role] = dict(zip(STORES, cells, strict=True))
            for store in ("log", "keys"):
                rights[role][store] = names(rights[role][store])
    assert rights.keys() == set(ROLES), f"the table tells of {sorted(rights)}"
    return rights


def of_server(server):
    """What it takes to read and to write there, in the server's own words."""
    said = re.search(rf"^- \*\*{server}\*\*(.*?)^- ", part(), re.M | re.S).group(1)
    return " ".join(said.split())


def login(role):
    return f"jangteo_{role.replace('-', '_')}"


def postgres(members, attributes):
    """`members` has the roles of each login, `attributes` what else it may."""
    owner = {"jangteo_owner"}
    logins = {login(role): right["log"] | right["keys"] for role, right in table().items()}
    every = set().union(*logins.values())
    logins["jangteo_owner"] = every
    if members.keys() != logins.keys():
        yield f"those who log in are {sorted(members)}, not {sorted(logins)}"
    for name in members.keys() & logins.keys():
        if members[name] != logins[name]:
            yield f"{name} is in {sorted(members[name])}, not in {sorted(logins[name])}"
        # A migration makes roles, and says who is in them.
        wanted = {"makes roles", "says who is in its roles"} if name in owner else set()
        if attributes[name] != wanted:
            yield f"{name} may too: {sorted(attributes[name])}, not {sorted(wanted)}"


def stores_of_roles(secrets):
    """A role has the URLs of the stores that it uses, and of no other."""
    for role, right in table().items():
        wanted = {store for store in STORES if right[store] not in (MAY_NOTHING, set())}
        has = {path.name for path in (secrets / "roles" / role).iterdir()} & set(STORES)
        if has != wanted:
            yield f"{role} has URLs of {sorted(has)}, not of {sorted(wanted)}"


def users(secrets, store):
    """Who logs in there, and for what."""
    for role, right in table().items():
        if right[store] != MAY_NOTHING:
            url = (secrets / "roles" / role / store).read_text()
            yield re.search(r"//(\w+):", url).group(1), right[store]


def mongodb(made, secrets):
    """`made` is what deploy/mongodb/begin.js made."""
    said = of_server("MongoDB")
    read = names(re.search(r"to read is the role (\S+)", said).group(1))
    write = names(re.search(r"or less: (.*?) and what `read` may", said).group(1))
    allowed = {MAY_READ: (read, set()), MAY_WRITE: (read, write)}
    roles = {role["role"]: role for role in made["roles"]}
    known = {user["user"]: user for user in made["users"]}
    wanted = dict(users(secrets, "documents"))
    if known.keys() != wanted.keys():
        yield f"its users are {sorted(known)}, not {sorted(wanted)}"
    for name in known.keys() & wanted.keys():
        inherited, actions = set(), set()
        for granted in known[name]["roles"]:
            own = roles.get(granted["role"])
            for entry in own["roles"] if own else [granted]:
                inherited.add(entry["role"])
                if entry["db"] != DATABASE:
                    yield f"{name} has a role in the database {entry['db']}"
            for privilege in own["privileges"] if own else []:
                actions |= set(privilege["actions"])
                if privilege["resource"] != {"db": DATABASE, "collection": ""}:
                    yield f"{name} has a privilege on {privilege['resource']}"
        if (inherited, actions) != allowed[wanted[name]]:
            yield f"{name} has {sorted(inherited)} and {sorted(actions)}, to {wanted[name]}"
        if known[name]["pwd"] != f"/run/secrets/mongodb_{name}_password":
            yield f"{name} has no password of its own"


def elasticsearch(secrets):
    """deploy/elasticsearch/roles.yml; the script beside it says who has which role."""
    said = of_server("Elasticsearch")
    text = re.search(r"to read is (.*?), to write also (.*?); for the cluster (\S+)", said)
    read, more, cluster = map(names, text.groups())
    allowed = {MAY_READ: read, MAY_WRITE: read | more}
    indices = re.search(r"on the indices `PREFIX(\S*)`", said).group(1)
    try:
        roles = yaml.safe_load((DEPLOY / "elasticsearch/roles.yml").read_text())
    except yaml.YAMLError as error:
        yield f"roles.yml is no YAML: {error}"
        return
    start = (DEPLOY / "elasticsearch/start").read_text()
    made = re.search(r"for user in (.*); do", start).group(1).split()
    assert '-r "jangteo_$user"' in start, "deploy/elasticsearch/start gives no role"
    wanted = dict(users(secrets, "search"))
    if set(made) != wanted.keys() or roles.keys() != {f"jangteo_{user}" for user in made}:
        yield f"its users are {sorted(made)}, its roles {sorted(roles)}, wanted are {sorted(wanted)}"
    for name in wanted.keys() & set(made):
        role = roles.get(f"jangteo_{name}", {})
        if set(role.get("cluster", [])) != cluster or role.keys() != {"cluster", "indices"}:
            yield f"{name} has {role}, for the cluster {sorted(cluster)}"
        for grant in role.get("indices", []):
            if grant["names"] != [DATABASE + indices]:
                yield f"{name} has rights on {grant['names']}"
            if grant.keys() != {"names", "privileges"}:
                yield f"{name} has {sorted(grant)}"
            if set(grant["privileges"]) != allowed[wanted[name]]:
                yield f"{name} has {sorted(grant['privileges'])}, to {wanted[name]}"
