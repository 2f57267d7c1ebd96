"""Starts a PostgreSQL that is thrown away with what deploy/postgres tells it, and logs in as our roles do.

    logins.py FOLDER PROGRAM    in FOLDER are project.json and deploy/secrets, as deploy/validate makes them,
                                and the cluster will be; whoever calls stops it

Prints what is wrong; exits with 1 where anything is. The server is the distribution's, which may be older
than that of compose.yaml.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import rights

LOG, KEYS = "jangteo", "jangteo_keys"
MEMBERS = """
SELECT json_object_agg(l.rolname, json_build_object(
    'roles', ARRAY(
        SELECT g.rolname::text FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid
        WHERE m.member = l.oid),
    'may', array_remove(ARRAY[
        CASE WHEN rolsuper THEN 'do everything' END,
        CASE WHEN rolcreatedb THEN 'make databases' END,
        CASE WHEN rolcreaterole THEN 'makes roles' END,
        CASE WHEN rolreplication THEN 'replicate' END,
        CASE WHEN rolbypassrls THEN 'pass by policies of rows' END,
        CASE WHEN EXISTS (SELECT FROM pg_auth_members AS m WHERE m.member = l.oid AND m.admin_option)
            THEN 'says who is in its roles' END
    ], NULL)))
FROM pg_roles AS l WHERE rolcanlogin AND rolname <> 'postgres'
"""
# With several privileges named, one of them is enough.
MAY = """
SELECT json_build_object(
    'read events', has_table_privilege('events', 'SELECT'),
    'change events', has_table_privilege('events', 'INSERT, UPDATE, DELETE, TRUNCATE'),
    'append', (SELECT has_function_privilege(oid, 'EXECUTE') FROM pg_proc WHERE proname = 'append'),
    'hold leases', (SELECT has_function_privilege(oid, 'EXECUTE') FROM pg_proc WHERE proname = 'hold_leases'))
"""


def run(*command, **environment):
    environment = {"PATH": os.environ["PATH"], "PGCONNECT_TIMEOUT": "5", **environment}
    return subprocess.run(command, env=environment, text=True, capture_output=True, check=False)


def done(*command, **environment):
    ran = run(*command, **environment)
    if ran.returncode:
        sys.exit(f"{command[0]}: {ran.stderr}")
    return ran.stdout.strip()


WAL_PIECE_BYTES = 16 << 20


class Cluster:
    def __init__(self, folder):
        self.folder = folder / "postgres"
        self.secrets = folder / "deploy/secrets"
        self.script = rights.DEPLOY / "postgres-cluster"
        self.start()

    def start(self):
        self.port = str(urlsplit(done(self.script, "start", self.folder)).port)

    def own(self, name, text):
        """A file that the server alone reads."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(path, "postgres")
        return path

    def make_roles(self, project):
        """As the image's entry point does, with the secrets that compose gives to the server."""
        given = self.secrets.parent.parent / "given"
        given.mkdir()
        for secret in project["services"]["postgres"]["secrets"]:
            text = Path(project["secrets"][secret["source"]]["file"]).read_text()
            (given / Path(secret.get("target") or secret["source"]).name).write_text(text)
        script = (rights.DEPLOY / "postgres/roles").read_text().replace("/run/secrets/", f"{given}/")
        done("bash", "-c", script, PGHOST="127.0.0.1", PGPORT=self.port)

    def take_settings(self):
        """Those of deploy/postgres, from now on. It listens to this machine alone."""
        settings = (rights.DEPLOY / "postgres/postgresql.conf").read_text()
        settings = re.sub(r"^listen_addresses .*$", "", settings, flags=re.M)
        for name in ("postgresql.conf", "pg_hba.conf"):
            settings = settings.replace(f"/etc/jangteo/{name}", f"{self.folder}/{name}")
        archive = self.folder / "archive"
        archive.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(archive, "postgres")
        command = self.own("archive_command", (rights.DEPLOY / "postgres/archive").read_text())
        settings = settings.replace("/etc/jangteo/archive ", f"{command} ").replace("/archive/%f", f"{archive}/%f")
        self.own("pg_hba.conf", (rights.DEPLOY / "postgres/pg_hba.conf").read_text())
        for kind in ("crt", "key"):
            self.own(f"server.{kind}", (self.secrets / f"tls/postgres.{kind}").read_text())
        path = self.own("postgresql.conf", settings.replace("/run/jangteo/", f"{self.folder}/"))
        with (self.folder / "data/postgresql.conf").open("a") as file:
            file.write(f"include '{path}'\n")
        done(self.script, "stop", self.folder)
        self.start()

    def query(self, url, sql="SELECT current_user"):
        return run("psql", "--no-psqlrc", "-qtA", "--set=ON_ERROR_STOP=1", f"--command={sql}", url)

    def url(self, role, store):
        return (self.secrets / "roles" / role / store).read_text().strip()

    def reach(self, url, **changed):
        """The URL of a role, for whoever does not know the server by its name."""
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        options.pop("master", None)
        options |= {"hostaddr": "127.0.0.1", "port": self.port, "sslrootcert": str(self.secrets / "tls/ca.crt")}
        options |= {name: value for name, value in changed.items() if name == "sslmode"}
        password = changed.get("password", parts.password)
        place = f"{changed.get('user', parts.username)}:{password}@{parts.hostname}"
        path = f"/{changed['database']}" if "database" in changed else parts.path
        return urlunsplit((parts.scheme, place, path, urlencode(options), ""))

    def migrate(self, program):
        """Our program takes no address beside a name, so here it does not compare the name."""
        ca = self.secrets / "tls/ca.crt"
        place = f"127.0.0.1:{self.port}"
        at = [
            f"--{store}={re.sub('@postgres/', f'@{place}/', self.url('migrate', store)).split('?')[0]}"
            f"?sslmode=verify-ca&sslrootcert={ca}"
            for store in ("log", "keys")
        ]
        done(program, "migrate", *at)


def refused(ran, why):
    return ran.returncode and why in ran.stderr


def logins(cluster):
    """Who gets in where, and how."""
    table = rights.table()
    for role in ("migrate", *rights.ROLES):
        url = cluster.url(role, "log")
        user = urlsplit(url).username
        has_keys = role == "migrate" or bool(table[role]["keys"])
        for store in ("log", "keys") if has_keys else ("log",):
            ran = cluster.query(cluster.reach(cluster.url(role, store)))
            if ran.stdout.strip() != user:
                yield f"{role} does not get in with its URL of the {store}: {ran.stderr}"
        elsewhere = {"database": "postgres"} if has_keys else {"database": KEYS}
        for what, changed, why in (
            ("with a wrong password", {"password": "wrong"}, "password authentication failed"),
            ("without TLS", {"sslmode": "disable"}, "no encryption"),
            (f"to {elsewhere['database']}", elsewhere, "no pg_hba.conf entry"),
        ):
            ran = cluster.query(cluster.reach(url, **changed))
            if not refused(ran, why):
                yield f"{role} gets in {what}, or is refused for another reason: {ran.stderr}"
    url = cluster.reach(cluster.url("migrate", "log"), user="postgres")
    if not refused(cluster.query(url), "no pg_hba.conf entry"):
        yield "the superuser gets in over the network"


def grants(cluster):
    """What the program's migration, run by the owner, and deploy/postgres/roles come to."""
    for role, right in rights.table().items():
        ran = cluster.query(cluster.reach(cluster.url(role, "log")), MAY)
        may = json.loads(ran.stdout) if not ran.returncode else ran.stderr
        wanted = {
            "read events": True, "change events": False, "append": "jangteo_app" in right["log"],
            "hold leases": "jangteo_leases" in right["log"],
        }
        if may != wanted:
            yield f"{role}: {may}, not {wanted}"


def connects(cluster):
    """Before a migration, which sees to the keys' database again."""
    table = rights.table()
    with_keys = {rights.login(role) for role in table if table[role]["keys"]}
    for database, wanted in ((LOG, set(map(rights.login, table))), (KEYS, with_keys)):
        told = cluster.query(cluster.reach(cluster.url("migrate", "log")), f"""
            SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper
            AND has_database_privilege(rolname, '{database}', 'CONNECT')""")
        may = set(told.stdout.split())
        if may != wanted | {"jangteo_owner"}:
            yield f"{sorted(may)} may connect to {database}, not {sorted(wanted)} and its owner"


def archives(cluster):
    """A piece of WAL that is finished stands in the archive, whole."""
    done("psql", "-qtA", "--command=SELECT pg_switch_wal()", cluster.reach(cluster.url("migrate", "log")))
    until, sizes = time.monotonic() + 20, []
    while not sizes and time.monotonic() < until:
        time.sleep(0.1)
        pieces = (cluster.folder / "archive").iterdir()
        sizes = [piece.stat().st_size for piece in pieces if piece.suffix != ".part"]
    if not sizes or set(sizes) != {WAL_PIECE_BYTES}:
        yield f"the archive has pieces of these sizes: {sizes}"


def main(folder, program):
    folder = Path(folder)
    cluster = Cluster(folder)
    cluster.make_roles(json.loads((folder / "project.json").read_text()))
    # So that somebody who gets in can finish a piece of WAL.
    switch = "--command=GRANT EXECUTE ON FUNCTION pg_switch_wal() TO jangteo_owner"
    done("psql", "-q", switch, f"postgres://postgres@127.0.0.1:{cluster.port}/{LOG}")
    cluster.take_settings()
    findings = list(connects(cluster))
    cluster.migrate(program)
    told = cluster.query(cluster.reach(cluster.url("migrate", "log")), MEMBERS)
    found = json.loads(told.stdout)
    members = {name: set(of["roles"]) for name, of in found.items()}
    attributes = {name: set(of["may"]) for name, of in found.items()}
    findings += [*rights.postgres(members, attributes), *logins(cluster), *grants(cluster), *archives(cluster)]
    print("\n".join(findings))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
