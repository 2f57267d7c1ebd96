//! Log lines on their way to stderr: a thread writes them, so that whoever reads too slowly, or not at
//! all, holds up no request. 4,096 lines wait; one more is dropped and counted.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

const LINES_MAX: usize = 4_096;
/// How long the end waits for lines to be read.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Takes lines. Cheap to clone; clones share one thread.
#[derive(Clone, Debug)]
pub(super) struct Lines(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<Vec<u8>>,
    /// One more is in the thread's hand.
    is_writing: bool,
}

impl Lines {
    /// # Errors
    /// There is no room for another thread.
    pub(super) fn to(sink: impl Write + Send + 'static) -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let own = Arc::clone(&queue);
        thread::Builder::new().name("log".to_owned()).spawn(move || own.write(sink))?;
        Ok(Self(queue))
    }

    /// Waits until what was said is written, for at most 1 s.
    pub(super) fn flush(&self) {
        let waits = |waiting: &mut Waiting| waiting.is_writing || !waiting.lines.is_empty();
        // Too late is an answer too: nobody reads.
        drop(self.0.emptied.wait_timeout_while(self.0.lock(), FLUSH_TIMEOUT, waits));
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there was room.
    fn push(&self, line: &[u8]) -> bool {
        let mut waiting = self.lock();
        let has_room = waiting.lines.len() < LINES_MAX;
        if has_room {
            waiting.lines.push_back(line.to_vec());
            self.filled.notify_one();
        }
        has_room
    }

    fn next(&self) -> Vec<u8> {
        let mut waiting = self.lock();
        waiting.is_writing = false;
        loop {
            if let Some(line) = waiting.lines.pop_front() {
                waiting.is_writing = true;
                return line;
            }
            self.emptied.notify_all();
            waiting = self.filled.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn write(&self, mut sink: impl Write) -> ! {
        loop {
            // Nobody reads a closed stderr; that is no reason to stop.
            drop(sink.write_all(&self.next()));
        }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Each call is a line, as the formatter hands it over.
impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if !self.0.push(line) {
            metrics::counter!("log_lines_dropped_total").increment(1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Gives what it is told, when it may.
    struct Sink(Sender<Vec<u8>>, Receiver<()>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _closed = self.1.recv();
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn say(lines: &Lines, count: usize) {
        for number in 0..count {
            lines.make_writer().write_all(format!("{number}\n").as_bytes()).unwrap();
        }
    }

    #[test]
    fn who_does_not_read_holds_up_nobody_and_loses_lines() {
        edge::metrics::recorder().unwrap();
        let (told, reader) = channel();
        let (go_on, may_go_on) = channel();
        let lines = Lines::to(Sink(told, may_go_on)).unwrap();
        // One line may be in the writer's hand already.
        say(&lines, LINES_MAX + 11);
        drop(go_on);
        lines.flush();
        let read = reader.try_iter().count();
        assert!((LINES_MAX..=LINES_MAX + 1).contains(&read), "{read}");
        let dropped = format!("log_lines_dropped_total {}\n", LINES_MAX + 11 - read);
        let metrics = edge::metrics::recorder().unwrap().render();
        assert!(metrics.contains(&dropped), "{dropped} in {metrics}");
    }

    #[test]
    fn what_was_said_is_there_after_a_flush_in_its_order() {
        let (told, reader) = channel();
        let lines = Lines::to(Sink(told, channel().1)).unwrap();
        say(&lines, 100);
        lines.flush();
        let read: Vec<_> = reader.try_iter().map(|line| String::from_utf8(line).unwrap()).collect();
        assert_eq!(read, (0..100).map(|number| format!("{number}\n")).collect::<Vec<_>>());
    }
}
