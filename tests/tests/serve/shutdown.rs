//! Who is told to stop finishes what it has begun.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use events_schema::envelope::Role;
use jangteo::secrets;
use rusqlite::{Connection, OpenFlags};
use storage::world::World;
use tests::http;
use tests::person::Person;
use tests::program::Serving;
use tests::wait::{PATIENCE, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const CLIENTS: usize = 24;
const CONTINUE: [u8; 25] = *b"HTTP/1.1 100 Continue\r\n\r\n";
const BODY: &str = r#"{ "seller_kind": "individual", "name": "가게" }"#;

async fn started(data: &Path) -> Serving {
    let words = ["dev", "--empty", "--data", data.to_str().unwrap()];
    let listen = ["--listen", "127.0.0.1:0", "--requests-per-minute", "0"];
    Serving::start(&[&words[..], &listen].concat()).await
}

fn a_request(person: &Person, key: &str) -> Vec<u8> {
    format!("{}\r\n{BODY}", a_head(person, key)).into_bytes()
}

fn a_head(person: &Person, key: &str) -> String {
    let headers = [
        ("authorization", person.bearer()),
        ("idempotency-key", key.to_owned()),
        ("content-type", "application/json".to_owned()),
        ("content-length", BODY.len().to_string()),
    ];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    http::head("POST", "/sellers", &headers)
}

fn sellers(data: &Path) -> usize {
    let path = data.join("events.db");
    let log = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql = "SELECT count(*) FROM events WHERE event_type = 'seller.registered'";
    log.query_row(sql, [], |row| row.get(0)).unwrap()
}

async fn refuses(address: SocketAddr) {
    let refused = async || TcpStream::connect(address).await.is_err().then_some(());
    eventually("nobody is let in any more", refused).await;
}

#[tokio::test]
async fn what_was_begun_before_the_end_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let served = started(folder.path()).await;
    let world = World::system();
    let keys = secrets::token_keys(folder.path(), &world).unwrap();
    let person = Person::somebody(&keys, &world, &[Role::Buyer]);
    let mut begun = vec![];
    for number in 0..CLIENTS {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let head = a_head(&person, &number.to_string());
        let head = format!("{head}expect: 100-continue\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // So it says when somebody waits for the body.
        let mut answer = [0; CONTINUE.len()];
        timeout(PATIENCE, stream.read_exact(&mut answer)).await.unwrap().unwrap();
        assert_eq!(answer, CONTINUE);
        begun.push(stream);
    }
    served.terminate().await;
    refuses(served.address).await;
    for stream in &mut begun {
        stream.write_all(BODY.as_bytes()).await.unwrap();
    }
    for mut stream in begun {
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    let (status, said) = served.ended().await;
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(sellers(folder.path()), CLIENTS);
}

#[tokio::test]
async fn whoever_asked_before_the_end_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let served = started(folder.path()).await;
    let world = World::system();
    let keys = secrets::token_keys(folder.path(), &world).unwrap();
    let person = Person::somebody(&keys, &world, &[Role::Buyer]);
    let mut asked = vec![];
    for number in 0..CLIENTS {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(&a_request(&person, &number.to_string())).await.unwrap();
        asked.push(stream);
    }
    served.terminate().await;
    for mut stream in asked {
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    assert_eq!(served.ended().await.0, Some(0));
    assert_eq!(sellers(folder.path()), CLIENTS);
}

#[tokio::test]
async fn who_says_it_serves_can_be_told_to_stop_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let served = started(folder.path()).await;
    served.terminate().await;
    let (status, said) = served.ended().await;
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("stopped"), "{said}");
}

/// Whoever got an answer got a whole one, and what it says is in the history.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_no_answer_is_a_failure_and_none_is_lost() {
    static ANSWERED: AtomicUsize = AtomicUsize::new(0);
    let folder = tempfile::tempdir().unwrap();
    let served = started(folder.path()).await;
    let world = World::system();
    let keys = secrets::token_keys(folder.path(), &world).unwrap();
    let address = served.address;
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let person = Person::somebody(&keys, &world, &[Role::Buyer]);
        let world = world.clone();
        clients.spawn(async move {
            loop {
                let request = a_request(&person, &world.uuid().to_string());
                match http::try_exchange(address, &request).await {
                    Ok(reply) => assert_eq!(reply.status, 201, "{}", reply.text()),
                    Err(_) => return,
                }
                ANSWERED.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let busy = async || (ANSWERED.load(Ordering::Relaxed) > 100).then_some(());
    eventually("they are busy", busy).await;
    served.terminate().await;
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let (status, said) = served.ended().await;
    assert_eq!(status, Some(0), "{said}");
    // One that was cut off before its answer may have happened, and can be repeated.
    let answered = ANSWERED.load(Ordering::Relaxed);
    let recorded = sellers(folder.path());
    assert!((answered..=answered + 8).contains(&recorded), "{recorded} of {answered}");
}
