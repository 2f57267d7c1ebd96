//! Whatever is sent, and however often, memory stays flat: in a process of its own.

use events_schema::envelope::Role;
use jangteo::secrets;
use serde_json::json;
use storage::world::World;
use tests::http;
use tests::person::Person;
use tests::program::Serving;

use super::bodies::cases;

const ROUNDS: usize = 12;
/// Far less than what one kept body of each round would take.
const GROWTH_MIB_MAX: usize = 16;

fn resident_mib(process: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1_024
}

#[tokio::test]
async fn bad_input_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let listen = ["--listen", "127.0.0.1:0", "--requests-per-minute", "0"];
    let served = Serving::start(&[&["dev", "--empty", "--data", data][..], &listen].concat()).await;
    let world = World::system();
    let keys = secrets::token_keys(folder.path(), &world).unwrap();
    let owner = Person::somebody(&keys, &world, &[Role::Seller]);
    let post = async |person: &Person, path: &str, body: &[u8]| {
        let (bearer, key) = (person.bearer(), world.uuid().to_string());
        let headers = [
            ("authorization", bearer.as_str()),
            ("idempotency-key", &key),
            ("content-type", "application/json"),
        ];
        http::send(served.address, ("POST", path), &headers, body).await
    };
    let body = json!({ "seller_kind": "individual", "name": "가게" }).to_string();
    let seller_id = post(&owner, "/sellers", body.as_bytes()).await.at("/id");
    let shop = owner.with_shop(&keys, &seller_id, world.now());
    let cases = cases();
    let rounds = async |count: usize| {
        for _ in 0..count {
            for (_, body, status, _) in &cases {
                assert_eq!(post(&shop, "/products", body).await.status, *status);
            }
        }
        resident_mib(served.child.id().unwrap())
    };
    let warm = rounds(ROUNDS / 2).await;
    let grown = rounds(ROUNDS).await.saturating_sub(warm);
    assert!(grown <= GROWTH_MIB_MAX, "{grown} MiB more after {ROUNDS} rounds, from {warm}");
}
