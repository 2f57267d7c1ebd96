//! Raw sockets: clients that are slow, silent, many, or gone.

use std::net::SocketAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::timeout;
use utoipa_axum::routes;

use super::*;
use crate::health::Health;
use crate::json::Json;
use crate::policy::{Policy, Routes};
use crate::state;
use crate::testing::edge;

/// How late a limit may be noticed on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

const QUICK: Config = Config {
    connections_max: 64,
    header_timeout: Duration::from_millis(200),
    body_frame_timeout: Duration::from_millis(200),
    body_timeout: Duration::from_millis(700),
    idle_timeout: Duration::from_millis(600),
    write_timeout: Duration::from_millis(300),
    header_bytes_max: 8 * 1024,
    headers_max: 64,
    drain_timeout: PATIENCE,
};

#[derive(Debug, Default)]
struct Gate {
    reached: Notify,
    open: Notify,
    passed: Notify,
}

type Shared = axum::extract::State<Arc<Gate>>;

#[utoipa::path(post, path = "/echo")]
async fn echo(body: Json<serde_json::Value>) -> String {
    body.value.to_string()
}

#[utoipa::path(get, path = "/slow")]
async fn slow(axum::extract::State(gate): Shared) -> &'static str {
    gate.reached.notify_one();
    gate.open.notified().await;
    "done"
}

#[utoipa::path(post, path = "/command")]
async fn command(axum::extract::State(gate): Shared) {
    gate.reached.notify_one();
    gate.open.notified().await;
    gate.passed.notify_one();
}

#[utoipa::path(get, path = "/endless")]
async fn endless() -> axum::body::Body {
    let line = axum::body::Bytes::from(vec![b'.'; 64 * 1024]);
    axum::body::Body::from_stream(futures::stream::repeat(Ok::<_, std::convert::Infallible>(line)))
}

struct Server {
    address: SocketAddr,
    gate: Arc<Gate>,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

async fn start(config: Config) -> Server {
    let edge = edge(state::Config { requests_per_minute: 0, ..state::Config::default() });
    let gate = Arc::new(Gate::default());
    let routes = Routes::new(&edge)
        .route(Policy::Public, routes!(echo))
        .route(Policy::Public, routes!(slow))
        .route(Policy::Public, routes!(command))
        .route(Policy::Public, routes!(endless))
        .with_state(gate.clone());
    let app = App::new(routes, Health::new(), "test").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (shutdown, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(serve(listener, app, config, shutdown.clone()));
    tasks.close();
    Server { address, gate, shutdown, tasks }
}

impl Server {
    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

/// What comes until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ended = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("server closes");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let byte = timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap();
        text.push(char::from(byte));
    }
    text
}

#[path = "tests/shutdown.rs"]
mod shutdown;

const LIVE: &str = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
const HALF_HEAD: &str = "GET /health/live HTTP/1.1\r\nhost:";
const HALF_BODY: &str = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                         content-length: 10\r\n\r\n{\"a\"";

#[tokio::test]
async fn a_silent_client_is_cut() {
    let server = start(QUICK).await;
    let started = Instant::now();
    assert_eq!(rest(&mut server.send("").await).await, "");
    assert!(started.elapsed() >= QUICK.header_timeout);
}

#[tokio::test]
async fn half_a_header_is_cut_however_it_trickles() {
    let server = start(QUICK).await;
    assert_eq!(rest(&mut server.send(HALF_HEAD).await).await, "");
    let mut stream = server.send(HALF_HEAD).await;
    let started = Instant::now();
    while stream.write_all(b"x").await.is_ok() && started.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(started.elapsed() < PATIENCE, "each byte gave it more time");
}

#[tokio::test]
async fn half_a_body_is_a_408_and_cut() {
    let server = start(QUICK).await;
    let started = Instant::now();
    let answer = rest(&mut server.send(HALF_BODY).await).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
    assert!(started.elapsed() >= QUICK.body_frame_timeout);
}

#[tokio::test]
async fn hundreds_of_slow_clients_are_all_cut_in_time() {
    let server = start(Config { connections_max: 512, ..QUICK }).await;
    let mut slow = Vec::new();
    for _ in 0..100 {
        for text in ["", HALF_HEAD, HALF_BODY] {
            slow.push(server.send(text).await);
        }
    }
    futures::future::join_all(slow.iter_mut().map(rest)).await;
    until(&mut server.send(LIVE).await, "live").await;
}

#[tokio::test]
async fn a_body_that_trickles_has_a_total_time() {
    let server = start(Config { body_frame_timeout: PATIENCE, ..QUICK }).await;
    let started = Instant::now();
    let (mut reader, mut writer) = server.send(&HALF_BODY.replace("10", "9999")).await.into_split();
    let trickle = async {
        while writer.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let mut status = [0; 12];
    tokio::select! {
        read = timeout(PATIENCE, reader.read_exact(&mut status)) => { read.unwrap().unwrap(); }
        () = trickle => {}
    }
    assert_eq!(&status, b"HTTP/1.1 408");
    assert!(started.elapsed() >= QUICK.body_timeout);
}

#[tokio::test]
async fn an_idle_client_is_kept_for_its_time_then_cut() {
    let idle_timeout = Duration::from_secs(4);
    let server = start(Config { idle_timeout, ..QUICK }).await;
    let mut stream = server.send(LIVE).await;
    until(&mut stream, "live").await;
    tokio::time::sleep(QUICK.header_timeout * 2).await;
    let started = Instant::now();
    stream.write_all(LIVE.as_bytes()).await.unwrap();
    until(&mut stream, "live").await;
    rest(&mut stream).await;
    assert!(started.elapsed() >= idle_timeout);
}

#[tokio::test]
async fn a_slow_answer_is_not_the_clients_fault() {
    let server = start(QUICK).await;
    let mut stream = server.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.gate.reached.notified().await;
    tokio::time::sleep(QUICK.idle_timeout * 2).await;
    server.gate.open.notify_one();
    until(&mut stream, "done").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let server = start(QUICK).await;
    let mut stream = server.send("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await;
    // Step by step, so that however long a pause takes the server has another look.
    for _ in 0..3 {
        tokio::time::sleep(QUICK.write_timeout).await;
    }
    // What had been sent can still be read; then it ends.
    rest(&mut stream).await;
}

#[tokio::test]
async fn headers_have_a_size_and_a_number() {
    let server = start(QUICK).await;
    let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(QUICK.header_bytes_max));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x: a\r\n".repeat(QUICK.headers_max + 1));
    for text in [long, many] {
        let answer = rest(&mut server.send(&text).await).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
}

#[tokio::test]
async fn two_lengths_are_not_smuggled() {
    let server = start(QUICK).await;
    let head = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\n";
    let answer = rest(&mut server.send(head).await).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_slot() {
    let server = start(Config { connections_max: 1, ..QUICK }).await;
    let mut first = server.send("GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    server.gate.reached.notified().await;
    let mut second = server.send(LIVE).await;
    let early = timeout(Duration::from_millis(50), second.read_u8()).await;
    assert!(early.is_err(), "the slot is taken");
    server.gate.open.notify_one();
    assert!(rest(&mut first).await.ends_with("done"));
    until(&mut second, "live").await;
}

#[tokio::test]
async fn a_command_outlives_the_client_who_hangs_up() {
    let server = start(QUICK).await;
    let request = "POST /command HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    let stream = server.send(request).await;
    server.gate.reached.notified().await;
    drop(stream);
    server.gate.open.notify_one();
    timeout(PATIENCE, server.gate.passed.notified()).await.unwrap();
}

#[test]
fn a_lack_of_descriptors_is_waited_out_and_a_lost_connection_is_not() {
    const EMFILE: i32 = 24;
    assert!(!is_of_one_connection(&io::Error::from_raw_os_error(EMFILE)));
    assert!(is_of_one_connection(&io::ErrorKind::ConnectionAborted.into()));
}
