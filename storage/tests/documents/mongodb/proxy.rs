//! A proxy before a server: it tells what is asked, and answers by itself where a test says so.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mongodb::bson::{Bson, Document};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

const OP_MSG: i32 = 2013;
const MORE_TO_COME: i32 = 2;

/// A command as it came.
pub(super) struct Asked {
    pub(super) command: Document,
    /// Of the whole message.
    pub(super) bytes: usize,
    /// How many of its name were on their way, with it.
    pub(super) at_once: usize,
}

impl Asked {
    pub(super) fn name(&self) -> &str {
        name(&self.command)
    }
}

fn name(command: &Document) -> &str {
    command.keys().next().map_or("", String::as_str)
}

/// The answer to a command, which the server then never sees.
pub(super) type Script = fn(&Document) -> Option<Document>;

#[derive(Clone)]
pub(super) struct Proxy {
    server: String,
    script: Script,
    /// How long an answer is kept back.
    patience: Duration,
    told: Arc<Mutex<Vec<Asked>>>,
    under_way: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Listens at the address that is told.
    pub(super) async fn start(server: &str, script: Script, patience: Duration) -> (String, Self) {
        let (told, under_way) = (Arc::default(), Arc::default());
        let proxy = Self { server: server.to_owned(), script, patience, told, under_way };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let accepting = proxy.clone();
        let tracker = TaskTracker::new();
        tracker.clone().spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let proxy = accepting.clone();
                // It ends when one of both hangs up.
                tracker.spawn(async move { drop(proxy.carry(client).await) });
            }
        });
        (address, proxy)
    }

    /// What was asked since the last time.
    pub(super) fn told(&self) -> Vec<Asked> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    /// A client asks nothing more before it is answered.
    async fn carry(&self, mut client: TcpStream) -> io::Result<()> {
        let mut server = TcpStream::connect(&self.server).await?;
        loop {
            let asked = message(&mut client).await?;
            let command = command(&asked).unwrap_or_default();
            let name = name(&command).to_owned();
            self.arrived(&name, &command, asked.len());
            let answer = (self.script)(&command);
            if self.patience > Duration::ZERO && name == "update" {
                tokio::time::sleep(self.patience).await;
            }
            let left = || {
                let mut under_way = self.under_way.lock().unwrap();
                let place = under_way.iter().position(|other| *other == name).unwrap();
                under_way.swap_remove(place);
            };
            if let Some(answer) = answer {
                left();
                client.write_all(&reply(&asked, &answer)).await?;
                continue;
            }
            server.write_all(&asked).await?;
            let mut answer = message(&mut server).await?;
            left();
            client.write_all(&answer).await?;
            while number(&answer, 12) == OP_MSG && number(&answer, 16) & MORE_TO_COME != 0 {
                answer = message(&mut server).await?;
                client.write_all(&answer).await?;
            }
        }
    }

    fn arrived(&self, name: &str, command: &Document, bytes: usize) {
        let mut under_way = self.under_way.lock().unwrap();
        under_way.push(name.to_owned());
        let at_once = under_way.iter().filter(|other| *other == name).count();
        self.told.lock().unwrap().push(Asked { command: command.clone(), bytes, at_once });
    }
}

/// A message, with the length that it begins with.
async fn message(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = from.read_i32_le().await?;
    let mut message = length.to_le_bytes().to_vec();
    message.resize(usize::try_from(length).unwrap(), 0);
    from.read_exact(&mut message[4..]).await?;
    Ok(message)
}

fn number(message: &[u8], at: usize) -> i32 {
    i32::from_le_bytes(message[at..at + 4].try_into().unwrap())
}

/// What a message asks: one document, and lists that belong to it.
fn command(message: &[u8]) -> Option<Document> {
    if number(message, 12) != OP_MSG {
        return None;
    }
    let (mut command, mut rest) = (Document::new(), &message[20..]);
    while let Some((kind, section)) = rest.split_first() {
        rest = section;
        let size = usize::try_from(number(rest, 0)).unwrap();
        if *kind == 0 {
            let mut body = Document::from_reader(&rest[..size]).unwrap();
            body.extend(command);
            command = body;
        } else {
            let end = rest.iter().skip(4).position(|byte| *byte == 0).unwrap() + 4;
            let name = String::from_utf8(rest[4..end].to_vec()).unwrap();
            let (mut list, mut documents) = (Vec::new(), &rest[end + 1..size]);
            while !documents.is_empty() {
                list.push(Bson::Document(Document::from_reader(&mut documents).unwrap()));
            }
            command.insert(name, list);
        }
        rest = &rest[size..];
    }
    Some(command)
}

fn reply(asked: &[u8], answer: &Document) -> Vec<u8> {
    let body = answer.to_vec().unwrap();
    let length = i32::try_from(21 + body.len()).unwrap();
    let header = [length, 1, number(asked, 4), OP_MSG, 0].map(i32::to_le_bytes);
    [header.concat(), vec![0], body].concat()
}
