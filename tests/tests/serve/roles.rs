//! Commands in one process, views in another, queries in a third.

use events_schema::envelope::Role;
use jangteo::secrets;
use serde_json::json;
use storage::world::World;
use tests::http;
use tests::person::Person;
use tests::postgres;
use tests::program::{self, Serving};
use tests::wait::eventually;

#[tokio::test]
async fn three_processes_on_one_log_are_one_product() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let log = postgres::new_database().await;
    let _ = program::run(&["migrate", "--json", "--data", data, "--log", &log]).await.well();
    let writer = postgres::as_member_of("jangteo_app", &log).await;
    let reader = postgres::as_member_of("jangteo_reader", &log).await;
    let serve = async |role, log| {
        let stores = ["--data", data, "--log", log];
        let listen = ["--listen", "127.0.0.1:0", "--requests-per-minute", "0"];
        Serving::start(&[&["serve", "--role", role][..], &stores, &listen].concat()).await
    };
    let commands = serve("command-api", &writer).await;
    let projector = postgres::as_member_of("jangteo_reader, jangteo_leases", &log).await;
    let views = serve("projector", &projector).await;
    let queries = serve("query-api", &reader).await;

    let world = World::system();
    let keys = secrets::token_keys(folder.path(), &world).unwrap();
    let owner = Person::somebody(&keys, &world, &[Role::Buyer]);
    let (bearer, key) = (owner.bearer(), world.uuid().to_string());
    let headers = [
        ("authorization", bearer.as_str()),
        ("idempotency-key", &key),
        ("content-type", "application/json"),
    ];
    let body = json!({ "seller_kind": "individual", "name": "망원상점" }).to_string();
    let registered =
        http::send(commands.address, ("POST", "/sellers"), &headers, body.as_bytes()).await;
    let path = format!("/sellers/{}", registered.at("/id"));
    let place = registered.header("jangteo-position");
    let seller = eventually("the seller is seen", async || {
        let least = [("jangteo-min-position", place)];
        let reply = http::send(queries.address, ("GET", &path), &least, b"").await;
        // A view that has not got there yet says so; it never shows an older state.
        (reply.status != 412 && reply.status != 503).then_some(reply)
    })
    .await;
    assert_eq!(seller.ok()["name"], "망원상점");
    operators_see_the_view(&views).await;
    let staff = Person::somebody(&keys, &world, &[Role::Auditor]).bearer();
    let past = format!("{path}/balance?as_of={}", world.now());
    let past = eventually("the past is seen", async || {
        let reply =
            http::send(queries.address, ("GET", &past), &[("authorization", &staff)], b"").await;
        (reply.status != 412 && reply.status != 503).then_some(reply)
    });
    assert_eq!(past.await.status, 200);

    // None does another's work.
    let read = http::send(commands.address, ("GET", &path), &[], b"").await;
    read.fails(404, "not_found");
    let written = http::send(queries.address, ("POST", "/sellers"), &headers, b"{}").await;
    written.fails(404, "not_found");
    for served in [commands, views, queries] {
        eventually("it is ready", async || {
            let ready = http::send(served.address, ("GET", "/health/ready"), &[], b"").await;
            (ready.status == 200).then_some(())
        })
        .await;
        served.terminate().await;
        let (status, said) = served.ended().await;
        assert_eq!(status, Some(0), "{said}");
    }
}

async fn operators_see_the_view(served: &Serving) {
    eventually("it is shown as live", async || {
        let metrics = http::send(served.address, ("GET", "/metrics"), &[], b"").await.text();
        let shown = |line: &str| metrics.contains(&format!("\n{line}\n"));
        (shown("view_health{view=\"seller\",state=\"live\"} 1")
            && shown("view_health{view=\"seller\",state=\"paused\"} 0")
            && shown("view_parked_documents{view=\"seller\"} 0")
            && shown("view_lag_events{view=\"seller\"} 0"))
        .then_some(())
    })
    .await;
}
