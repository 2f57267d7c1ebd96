//! The command API in one process, queries and views in another, nginx before both.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use edge::token::Keys;
use events_schema::envelope::Role;
use jangteo::secrets;
use serde_json::Value;
use storage::world::World;
use tempfile::TempDir;
use tests::http::{self, Reply};
use tests::person::Person;
use tests::postgres;
use tests::program::{self, Serving};
use tests::wait::eventually;

use super::nginx::Nginx;

/// Everything ends with the test.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) nginx: Nginx,
    pub(crate) keys: Keys,
    pub(crate) world: World,
    admin: Person,
    commands: Serving,
    queries: Serving,
    _folder: TempDir,
    /// Up to where this client has heard of the log.
    seen: Mutex<Option<String>>,
}

/// Nobody listens there: an instance that has just died.
const DEAD: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

/// Each look comes from an address of its own, as far as our roles know: the limit is for others.
async fn becomes_ready(served: &Serving) {
    let mut looks = 0;
    eventually("it is ready", async || {
        looks += 1;
        let from = format!("2001:db8:ffff:{looks:x}::1");
        let headers = [("x-forwarded-for", from.as_str())];
        let ready = http::send(served.address, ("GET", "/health/ready"), &headers, b"").await;
        (ready.status == 200).then_some(())
    })
    .await;
}

impl Site {
    /// Our roles let so many requests a minute and address pass; 0 is no limit.
    pub(crate) async fn new(requests_per_minute: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = postgres::new_database().await;
        let stores = ["--data", folder.path().to_str().unwrap(), "--log", &log];
        let _ = program::run(&[&["migrate", "--json"][..], &stores].concat()).await.well();
        let limit = requests_per_minute.to_string();
        let http = ["--listen", "127.0.0.1:0", "--trusted-proxies", "1"];
        let http = [&http[..], &["--requests-per-minute", &limit]].concat();
        let serve = async |roles| {
            Serving::start(&[&["serve", "--role", roles][..], &stores, &http].concat()).await
        };
        let commands = serve("command-api").await;
        let queries = serve("query-api,projector").await;
        for served in [&commands, &queries] {
            becomes_ready(served).await;
        }
        let nginx = Nginx::before(&[DEAD, commands.address], queries.address).await;
        let world = World::system();
        let keys = secrets::token_keys(folder.path(), &world).unwrap();
        let admin = Person::somebody(&keys, &world, &[Role::Admin]);
        let seen = Mutex::default();
        Self { nginx, keys, world, admin, commands, queries, _folder: folder, seen }
    }

    pub(crate) fn admin(&self) -> &Person {
        &self.admin
    }

    pub(crate) fn a_buyer(&self) -> Person {
        Person::somebody(&self.keys, &self.world, &[Role::Buyer])
    }

    /// A command under a key of its own.
    pub(crate) async fn post(&self, person: &Person, path: &str, body: &Value) -> Reply {
        let (bearer, key) = (person.bearer(), self.world.uuid().to_string());
        let mut headers = vec![("authorization", bearer.as_str()), ("idempotency-key", &key)];
        let mut bytes = vec![];
        if !body.is_null() {
            headers.push(("content-type", "application/json"));
            bytes = body.to_string().into_bytes();
        }
        let reply = self.nginx.send(("POST", path), &headers, &bytes).await;
        if let Some(place) = reply.find("jangteo-position") {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(place.to_owned());
        }
        reply
    }

    /// Reads what this client has written, however long the views take to get there.
    pub(crate) async fn get(&self, person: &Person, path: &str) -> Reply {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let bearer = person.bearer();
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(seen.iter().map(|place| ("jangteo-min-position", place.as_str())));
        eventually("the views get there", async || {
            let reply = self.nginx.send(("GET", path), &headers, b"").await;
            (reply.status != 412 && reply.status != 503).then_some(reply)
        })
        .await
    }

    /// Our roles end well too.
    pub(crate) async fn end(self) {
        for served in [self.commands, self.queries] {
            served.terminate().await;
            let (status, said) = served.ended().await;
            assert_eq!(status, Some(0), "{said}");
        }
    }
}
