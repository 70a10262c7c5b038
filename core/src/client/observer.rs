//! Who hears of every request of a client: hooks, logs and traces of the program around it.

use std::fmt;
use std::time::Duration;

use crate::call::AnyCall;
use crate::http::{Request, Response};
use crate::{Error, Kind};

/// Hears of every request before it leaves and after it came back, on the thread that sends it. It can change nothing, and what it
/// is shown holds personal data and, in the headers of the request, the credential.
///
/// ```
/// use bidden::client::{Observer, Seen};
/// #[derive(Debug)]
/// struct Counting(std::sync::atomic::AtomicU32);
/// impl Observer for Counting {
///     fn after(&self, _seen: &Seen<'_>) {
///         self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///     }
/// }
/// ```
pub trait Observer: Send + Sync + fmt::Debug {
    /// A request is about to leave.
    fn before(&self, _call: &AnyCall, _request: &Request) {}

    /// It was answered, or failed.
    fn after(&self, _seen: &Seen<'_>) {}
}

/// A request that is over.
#[derive(Debug)]
pub struct Seen<'a> {
    /// Which call it was.
    pub call: &'a AnyCall,
    /// The complete answer, or what came instead.
    pub result: Result<&'a Response, &'a Error>,
    /// From before it left until then.
    pub took: Duration,
}

impl Seen<'_> {
    /// The HTTP status; `None` when no complete answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.result.ok().map(|response| response.status().as_u16())
    }

    /// Why no complete answer came.
    #[must_use]
    pub fn failure(&self) -> Option<Kind> {
        self.result.err().map(Error::kind)
    }
}
