//! What the interface says of itself is what it does.
#![expect(clippy::expect_used, reason = "this is test code: what does not hold ends the test")]

use std::path::Path;

use events_schema::envelope::Role;
use serde_json::Value;
use tests::person::Person;
use tests::stage::Stage;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots/openapi.json");

/// Method, path with an id of the right kind where one stands, and who may call it.
struct Route {
    method: String,
    path: String,
    roles: Option<Vec<String>>,
}

async fn get(stage: &Stage, path: &str) -> tests::http::Reply {
    stage.send(None, ("GET", path), &[], &Value::Null).await
}

fn routes(document: &Value) -> Vec<Route> {
    let mut routes = vec![];
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let scopes = operation["security"][0]["bearer"].as_array();
            let roles = scopes.map(|scopes| {
                scopes.iter().filter_map(|role| role.as_str().map(str::to_owned)).collect()
            });
            let path = with_ids(path);
            routes.push(Route { method: method.to_uppercase(), path, roles });
        }
    }
    routes
}

fn with_ids(path: &str) -> String {
    let kinds = [
        ("listing", "lst"),
        ("order", "ord"),
        ("seller", "sel"),
        ("category", "cat"),
        ("checkout", "chk"),
        ("shipment", "shp"),
        ("review", "rev"),
        ("event", "evt"),
    ];
    let mut path = path.to_owned();
    for (kind, prefix) in kinds {
        let id = format!("{prefix}_01h455vb4pex5vsknk084sn02q");
        path = path.replace(&format!("{{{kind}_id}}"), &id).replace("{position}", "1");
    }
    assert!(!path.contains('{'), "an id of an unknown kind in {path}");
    path
}

#[tokio::test]
async fn the_document_is_the_one_that_was_agreed() {
    let stage = Stage::embedded().await;
    let document = get(&stage, "/openapi.json").await.ok();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let text = format!("{}\n", serde_json::to_string_pretty(&document).expect("JSON"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(Path::new(SNAPSHOT).parent().expect("a folder")).expect("made");
        std::fs::write(SNAPSHOT, &text).expect("written");
    }
    let agreed = std::fs::read_to_string(SNAPSHOT).expect("tests/snapshots/openapi.json");
    let differs = agreed.lines().zip(text.lines()).position(|(one, other)| one != other);
    assert!(
        agreed == text,
        "the interface has changed, first in line {differs:?}: if it may, run the test with UPDATE=1"
    );
}

/// A path that nobody serves is 404, a method that nobody serves 405: so the document names nothing
/// that is not there. What is there is in it, since each route is declared together with it.
#[tokio::test]
async fn every_route_of_the_document_stands_there_and_asks_who_calls() {
    let stage = Stage::embedded().await;
    let document = get(&stage, "/openapi.json").await.ok();
    let routes = routes(&document);
    assert!(routes.len() > 40, "{}", routes.len());
    let head = stage.head().await;
    let mut guarded = 0;
    for Route { method, path, roles } in &routes {
        let call = async |person: Option<Person>| {
            let key = stage.key();
            let headers = [("idempotency-key", key.as_str())];
            stage.send(person.as_ref(), (method, path), &headers, &Value::Null).await
        };
        let anonymous = call(None).await;
        let Some(roles) = roles else {
            assert_ne!(anonymous.status, 401, "{method} {path}");
            assert_ne!(anonymous.status, 405, "{method} {path}");
            continue;
        };
        guarded += 1;
        assert_eq!(anonymous.status, 401, "{method} {path}: {}", anonymous.text());
        anonymous.fails(401, "unauthenticated");
        for role in Role::ALL {
            let person = stage.somebody(&[role]);
            let reply = call(Some(person)).await;
            if roles.iter().any(|may| may == role.as_str()) {
                // Whose token names no seller is refused behind the door, not at it.
                let at_the_door = "none of your roles may do this";
                assert!(
                    !reply.text().contains(at_the_door),
                    "{method} {path} as {}",
                    role.as_str()
                );
                assert_ne!(reply.status, 405);
            } else {
                assert_eq!(reply.status, 403, "{method} {path} as {}", role.as_str());
                reply.fails(403, "forbidden");
            }
        }
    }
    assert!(guarded > 30, "{guarded}");
    // Only what a body could have done was left out: nobody sent one.
    assert_eq!(stage.head().await, head);
}

#[tokio::test]
async fn the_router_serves_nothing_that_the_document_leaves_out() {
    let stage = Stage::embedded().await;
    let document = get(&stage, "/openapi.json").await.ok();
    let sources = ["command-api", "query-api", "edge"].map(|name| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root");
        root.join(name).join("src")
    });
    let mut declared = 0;
    for source in sources {
        let mut folders = vec![source];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("a text");
                for attribute in text.split("#[utoipa::path(").skip(1) {
                    let route =
                        attribute.split("path = \"").nth(1).and_then(|r| r.split('"').next());
                    let route = route.expect("a path");
                    if path.to_string_lossy().contains("/tests") {
                        continue;
                    }
                    let method = attribute.trim_start().split(',').next().expect("a method");
                    let known = !document["paths"][route][method].is_null();
                    assert!(known, "{method} {route} of {} is missing", path.display());
                    declared += 1;
                }
            }
        }
    }
    let served = routes(&document).len();
    assert_eq!(declared, served, "a route is served that nobody declared");
}

#[tokio::test]
async fn the_documentation_needs_nobody_else() {
    let stage = Stage::embedded().await;
    let mut next = vec!["/docs/".to_owned()];
    let mut seen = vec![];
    while let Some(path) = next.pop() {
        let page = get(&stage, &path).await;
        assert_eq!(page.status, 200, "{path}");
        let html = page.find("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if html {
            let text = page.text();
            for attribute in ["src=\"", "href=\""] {
                for link in text.split(attribute).skip(1).filter_map(|rest| rest.split('"').next())
                {
                    assert!(!link.contains("//"), "{link} in {path}");
                    next.push(format!("/docs/{}", link.trim_start_matches("./")));
                }
            }
        }
        let policy = page.header("content-security-policy").to_owned();
        assert!(policy.contains("default-src 'self'"), "{policy}");
        seen.push(path);
    }
    assert!(seen.len() > 3, "{seen:?}");
}

#[tokio::test]
async fn those_who_run_it_can_ask_how_it_is() {
    let stage = Stage::embedded().await;
    assert_eq!(get(&stage, "/health/live").await.text(), "live");
    let ready = get(&stage, "/health/ready").await.ok();
    assert_eq!(ready["ready"], true);
    let metrics = get(&stage, "/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.text().contains("http_requests_total"), "{}", metrics.text());
}
