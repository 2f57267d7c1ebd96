//! What nginx passes on, to whom, and as what.

use std::net::{Ipv4Addr, SocketAddr};

use tests::http;
use tests::wait::PATIENCE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::nginx::Nginx;
use super::site::Site;

#[tokio::test]
async fn each_role_answers_what_is_its_own() {
    let site = Site::new(0).await;
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let reply = site.nginx.send((method, "/orders"), &[], b"").await;
        assert!([401, 405].contains(&reply.status), "{method}: {}", reply.text());
    }
    for (method, path, status) in [
        ("GET", "/products?q=1", 200),
        ("GET", "/orders", 401),
        ("OPTIONS", "/products", 405),
        ("POST", "/graphql", 404),
        ("GET", "/sellers/nobody", 400),
    ] {
        let reply = site.nginx.send((method, path), &[], b"").await;
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.text());
    }
    let accesses = site.nginx.accesses();
    let mut apis: Vec<_> = accesses.iter().map(|access| access["api"].as_str().unwrap()).collect();
    assert_eq!(apis.drain(..4).collect::<Vec<_>>(), ["command_api"; 4]);
    assert_eq!(apis, ["query_api"; 5]);
}

#[tokio::test]
async fn how_the_roles_are_is_not_told_to_strangers() {
    let site = Site::new(0).await;
    for path in ["/metrics", "/health/ready", "/health/", "//metrics", "/x/../%6detrics"] {
        site.nginx.send(("GET", path), &[], b"").await.fails(404, "not_found");
    }
    let live = site.nginx.send(("GET", "/health/live"), &[], b"").await;
    assert_eq!((live.status, live.text().as_str()), (200, "live"));
    assert!(site.nginx.accesses().iter().all(|access| access["upstream_status"] == ""));
}

#[tokio::test]
async fn a_request_has_one_name_everywhere() {
    let site = Site::new(0).await;
    let name = async |said: &str| {
        let headers = [("x-request-id", said)];
        let reply = site.nginx.send(("GET", "/orders"), &headers, b"").await;
        reply.fails(401, "unauthenticated");
        reply.header("x-request-id").to_owned()
    };
    assert_eq!(name("a-B_1.2").await, "a-B_1.2");
    let ours = name("<script>").await;
    assert!(ours.starts_with("req_") && ours.len() == 36, "{ours}");
    let accesses = site.nginx.accesses();
    let names: Vec<_> = accesses.iter().map(|access| access["request_id"].clone()).collect();
    assert_eq!(names, ["a-B_1.2", &ours]);
}

#[tokio::test]
async fn nobody_behind_it_is_a_dependency_that_is_down() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let nginx = Nginx::before(&[nobody], nobody).await;
    let reply = nginx.send(("POST", "/orders"), &[], b"{}").await;
    reply.fails(503, "unavailable");
    assert_eq!(reply.header("retry-after"), "5");
}

/// An upstream that shows what it was sent.
async fn taken(listener: &TcpListener) -> (TcpStream, String) {
    let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap());
    }
    (stream, String::from_utf8(head).unwrap().to_lowercase())
}

async fn before_a_listener() -> (Nginx, TcpListener) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    (Nginx::before(&[address], address).await, listener)
}

fn upgrade(protocol: &str) -> String {
    let head = http::head("GET", "/live", &[("upgrade", protocol), ("x-forwarded-for", "6.6.6.6")]);
    head.replace("connection: close", "connection: upgrade") + "\r\n"
}

#[tokio::test]
async fn a_web_socket_passes_both_ways() {
    let (nginx, listener) = before_a_listener().await;
    let mut client = nginx.client.connect(nginx.address).await.unwrap();
    client.write_all(upgrade("WebSocket").as_bytes()).await.unwrap();
    let (mut server, head) = taken(&listener).await;
    for line in ["upgrade: websocket", "connection: upgrade", "x-forwarded-for: 6.6.6.6, 127.0.0.1"]
    {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line} not in {head}");
    }
    let switched =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
    server.write_all(format!("{switched}from the server").as_bytes()).await.unwrap();
    let mut heard = vec![];
    while !heard.ends_with(b"from the server") {
        heard.push(timeout(PATIENCE, client.read_u8()).await.unwrap().unwrap());
    }
    assert!(heard.starts_with(b"HTTP/1.1 101 "));
    client.write_all(b"from the client").await.unwrap();
    let mut heard = [0; 15];
    timeout(PATIENCE, server.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard, b"from the client");
}

#[tokio::test]
async fn no_other_protocol_gets_past_the_limits() {
    let (nginx, listener) = before_a_listener().await;
    let mut client = nginx.client.connect(nginx.address).await.unwrap();
    client.write_all(upgrade("h2c").as_bytes()).await.unwrap();
    let (_, head) = taken(&listener).await;
    assert!(!head.contains("upgrade"), "{head}");
}
