//! A server that answers as it is told to.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

/// Answers each request, given as its line and body, with a status and a body, which is JSON unless it
/// is a mere text. Tells its URL.
pub(super) async fn serve(
    mut answer: impl FnMut(&str, &str) -> (u16, Value) + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://u:p@{}", listener.local_addr().unwrap());
    TaskTracker::new().spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some((line, body)) = request(&mut stream).await else { continue };
            let (status, answer) = answer(line.trim_end_matches(" HTTP/1.1"), &body);
            let answer = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
            let answer = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n{answer}",
                answer.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

/// Line and body of a request; none where the other side went away.
async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    const END: &[u8] = b"\r\n\r\n";
    let (mut request, mut head) = (Vec::new(), None);
    let (head, start) = loop {
        if stream.read_buf(&mut request).await.unwrap() == 0 {
            return None;
        }
        if head.is_none() {
            head = request.windows(END.len()).position(|part| part == END);
        }
        let Some(head) = head else { continue };
        let (text, start) = (String::from_utf8_lossy(&request[..head]), head + END.len());
        if request.len() >= start + length(&text) {
            break (text.into_owned(), start);
        }
    };
    let body = String::from_utf8(request.split_off(start)).unwrap();
    Some((head.lines().next().unwrap().to_owned(), body))
}

fn length(head: &str) -> usize {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    let length = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.map_or(0, |(_, length)| length.trim().parse().unwrap())
}
