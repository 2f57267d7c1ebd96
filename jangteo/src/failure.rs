//! Why a command could not do its work, and the exit status that says so.

use std::io;

/// Exit status 2 for what the operator can mend, 1 for the rest.
#[derive(Debug)]
pub enum Failure {
    /// Every problem of the configuration, all at once.
    Configuration(Vec<String>),
    /// The work began and could not be finished.
    Broken(anyhow::Error),
}

impl Failure {
    #[must_use]
    pub fn configuration(problem: impl Into<String>) -> Self {
        Self::Configuration(vec![problem.into()])
    }

    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Configuration(_) => 2,
            Self::Broken(_) => 1,
        }
    }

    /// Nobody reads the answer to its end any more.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Configuration(_) => false,
            Self::Broken(error) => error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe),
        }
    }

    /// One line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Configuration(problems) => problems.clone(),
            Self::Broken(error) => vec![format!("{error:#}")],
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}
