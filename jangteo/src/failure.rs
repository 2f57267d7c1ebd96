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

    /// This, and whatever else is wrong with the configuration.
    #[must_use]
    pub fn and(self, other: Result<(), Self>) -> Self {
        match (self, other) {
            (Self::Configuration(mut problems), Err(Self::Configuration(more))) => {
                problems.extend(more);
                Self::Configuration(problems)
            }
            (failure, Ok(()) | Err(_)) => failure,
        }
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

/// Both, or all that is wrong with the configuration of either.
///
/// # Errors
/// What either has met.
pub fn both<A, B>(one: Result<A, Failure>, other: Result<B, Failure>) -> Result<(A, B), Failure> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(failure), other) => Err(failure.and(other.map(drop))),
        (Ok(_), Err(failure)) => Err(failure),
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}
