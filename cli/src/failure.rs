//! How a command ends when it does not end well: one plain line, what to do next, and the exit code.

use bidden::{Error, Kind};

/// What every fallible step of the command returns.
pub type Result<T> = std::result::Result<T, Failure>;

/// The end of a command before its good end.
#[derive(Clone, Debug)]
pub struct Failure {
    /// 1 when a platform or the rules say no, 2 for wrong usage or configuration, 3 when a run stopped early.
    pub exit: u8,
    /// One plain line without secret and without address; empty when there is nothing to say.
    pub message: String,
    /// What to do next, a line each.
    pub hints: Vec<String>,
    /// The error behind it, for those who print it as JSON.
    pub error: Option<Error>,
}

impl Failure {
    /// Wrong usage: exit 2.
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Failure::from(Error::new(Kind::InvalidInput, message))
    }

    /// Missing or wrong configuration: exit 2.
    #[must_use]
    pub fn configuration(message: impl Into<String>) -> Self {
        Failure::from(Error::new(Kind::Configuration, message))
    }

    /// Nobody reads any more what the command writes: it ends quietly.
    #[must_use]
    pub fn closed_pipe() -> Self {
        Failure::ended(0)
    }

    /// The command has said all there is to say, and ends with this exit code.
    #[must_use]
    pub fn ended(exit: u8) -> Self {
        Failure { exit, message: String::new(), hints: Vec::new(), error: None }
    }

    /// Adds a line that says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The exit code that an error of a kind leads to, in a command without rows.
    #[must_use]
    pub fn exit_of(kind: Kind) -> u8 {
        match kind {
            Kind::InvalidInput | Kind::Configuration => 2,
            Kind::Storage => 3,
            _ => 1,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure { exit: Failure::exit_of(error.kind()), message: error.to_string(), hints: Vec::new(), error: Some(error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_says_who_has_to_act() {
        assert_eq!(Failure::usage("x").exit, 2);
        assert_eq!(Failure::configuration("x").exit, 2);
        assert_eq!(Failure::from(Error::new(Kind::Storage, "x")).exit, 3);
        assert_eq!(Failure::from(Error::new(Kind::Rejected, "x")).exit, 1);
        assert_eq!(Failure::from(Error::new(Kind::Unauthorized, "x")).exit, 1);
    }
}
