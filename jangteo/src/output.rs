//! The one place that writes to the terminal: answers on stdout, everything else on stderr.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// How a command ended, as the shell sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Well,
    /// The command did its work and found something wrong.
    Findings,
}

/// Where answers go, and in which form.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// One JSON object on stdout and nothing else.
    pub json: bool,
}

impl Output {
    /// The answer: as one JSON object, or as the lines that `text` gives.
    ///
    /// # Errors
    /// When stdout is closed.
    pub fn answer<T: Serialize>(
        self,
        answer: &T,
        text: impl FnOnce(&T) -> String,
    ) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut stdout, answer)?;
        } else {
            stdout.write_all(text(answer).trim_end().as_bytes())?;
        }
        stdout.write_all(b"\n")?;
        stdout.flush()
    }

    /// A bar for long work, on stderr, drawn only where somebody watches.
    #[must_use]
    pub fn progress(self, total: u64, what: &'static str) -> ProgressBar {
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}");
        let bar = ProgressBar::new(total).with_message(what);
        bar.enable_steady_tick(Duration::from_millis(250));
        style.map_or(bar.clone(), |style| bar.with_style(style))
    }
}

/// A line for the operator, on stderr.
pub fn say(line: &str) {
    // Nobody reads a closed stderr; that is no reason to stop.
    let _ = writeln!(io::stderr().lock(), "{line}");
}
