//! A socket that gives up on a peer who does not send a request, or does not read the answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::connection::Serving;
use super::{Config, TimedOut};

/// Between requests it waits `idle_timeout` for the first byte, then `header_timeout` for the rest
/// of the headers. While a request is served, reading has no limit here: its body has its own.
pub(super) struct TimedStream {
    stream: TcpStream,
    serving: Serving,
    config: Config,
    reading: Reading,
    read_limit: Limit,
    write_limit: Limit,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The headers of a request, or the first byte after the accept.
    Head,
    /// Nothing yet of the next request.
    Between,
}

impl TimedStream {
    pub(super) fn new(stream: TcpStream, serving: Serving, config: Config) -> Self {
        Self {
            stream,
            serving,
            config,
            reading: Reading::Head,
            read_limit: Limit::default(),
            write_limit: Limit::default(),
        }
    }

    fn written<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.write_limit.lift();
            return written;
        }
        self.write_limit.poll(context, self.config.write_timeout)
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if this.serving.is_on(context) {
            this.read_limit.lift();
            return read;
        }
        if this.serving.has_ended() {
            this.reading = Reading::Between;
            this.read_limit.lift();
        }
        if read.is_ready() {
            if this.reading == Reading::Between {
                this.reading = Reading::Head;
                this.read_limit.lift();
            }
            return read;
        }
        let limit = match this.reading {
            Reading::Head => this.config.header_timeout,
            Reading::Between => this.config.idle_timeout,
        };
        this.read_limit.poll(context, limit)
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A wait that began with the first poll since it was last lifted.
#[derive(Default)]
struct Limit(Option<Pin<Box<Sleep>>>);

impl Limit {
    fn poll<T>(&mut self, context: &mut Context<'_>, limit: Duration) -> Poll<io::Result<T>> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(sleep.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, TimedOut)))
    }

    fn lift(&mut self) {
        self.0 = None;
    }
}
