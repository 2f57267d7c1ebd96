//! A client that costs little: one connection, one request at a time, the least of HTTP/1.1 that our
//! own server answers with.

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ANSWER_BYTES_MAX: usize = 4 << 20;

#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
}

impl Answer<'_> {
    /// # Errors
    /// Says what was answered instead.
    pub(super) fn expect(self, status: u16) -> anyhow::Result<()> {
        let Self { status: answered, body } = self;
        ensure!(answered == status, "answered {answered}: {}", String::from_utf8_lossy(body));
        Ok(())
    }
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 << 10) })
    }

    pub(super) async fn send(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            ensure!(self.buffer.len() < ANSWER_BYTES_MAX, "the answer does not end");
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
            if let Some(head) = head(&self.buffer)? {
                let end = head.body_begins + head.body_bytes;
                if self.buffer.len() >= end {
                    let body = &self.buffer[head.body_begins..end];
                    return Ok(Answer { status: head.status, body });
                }
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    body_begins: usize,
    body_bytes: usize,
}

/// `None` while it has not all come.
fn head(bytes: &[u8]) -> anyhow::Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&bytes[..end])?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim())
    });
    let Some(length) = length else { bail!("the answer has no Content-Length: {text}") };
    Ok(Some(Head { status: status.parse()?, body_begins: end + 4, body_bytes: length.parse()? }))
}

/// The bytes of a GET.
pub(super) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

/// The bytes of a POST of JSON.
pub(super) fn post(path: &str, token: &str, key: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         idempotency-key: {key}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_has_all_come() {
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nx: y\r\n\r\n{}";
        assert_eq!(head(&answer[..30]).unwrap(), None);
        let begins = answer.len() - 2;
        let expected = Head { status: 201, body_begins: begins, body_bytes: 2 };
        assert_eq!(head(answer).unwrap(), Some(expected));
        head(b"HTTP/1.1 200 OK\r\n\r\n").unwrap_err();
    }
}
