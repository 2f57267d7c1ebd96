//! Told to stop, it finishes what it has begun or been sent.

use std::io::Write;

use super::*;

#[tokio::test]
async fn what_is_running_is_finished() {
    let server = start(QUICK).await;
    let mut stream = server.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.gate.reached.notified().await;
    server.shutdown.cancel();
    server.gate.open.notify_one();
    assert!(rest(&mut stream).await.ends_with("done"));
    timeout(PATIENCE, server.tasks.wait()).await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn the_end_does_not_wait_for_ever() {
    let server = start(Config { drain_timeout: Duration::from_millis(500), ..QUICK }).await;
    let mut stream = server.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.gate.reached.notified().await;
    server.shutdown.cancel();
    timeout(PATIENCE, server.tasks.wait()).await.unwrap();
    assert_eq!(rest(&mut stream).await, "");
}

// The server runs on this thread too: it has seen nothing of what is sent before the next await.

#[tokio::test]
async fn who_was_let_in_by_the_kernel_alone_is_answered() {
    let server = start(QUICK).await;
    tokio::task::yield_now().await;
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    stream.write_all(LIVE.as_bytes()).unwrap();
    server.shutdown.cancel();
    stream.set_nonblocking(true).unwrap();
    let answer = rest(&mut TcpStream::from_std(stream).unwrap()).await;
    assert!(answer.ends_with("live") && answer.contains("connection: close"), "{answer}");
}

#[tokio::test]
async fn a_further_request_that_was_not_read_yet_is_answered() {
    let server = start(QUICK).await;
    let mut stream = server.send(LIVE).await;
    until(&mut stream, "live").await;
    assert_eq!(stream.try_write(LIVE.as_bytes()).unwrap(), LIVE.len());
    server.shutdown.cancel();
    let answer = rest(&mut stream).await;
    assert!(answer.ends_with("live") && answer.contains("connection: close"), "{answer}");
}
