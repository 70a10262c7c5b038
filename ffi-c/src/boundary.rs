//! The one way in. Every export is one call of [`boundary`]: whatever happens inside, the caller gets a value back.

use std::any::Any;
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use bidden::{Error, Kind};

use crate::error::bidden_error;
use crate::numbers::BIDDEN_OK;

/// How a function returns: what the work inside gives, what C gets, and what C gets after a panic.
pub trait Exit {
    /// What the work gives.
    type Work;
    /// What C gets.
    type Returned;

    /// Done before the work.
    fn enter(&mut self) {}

    /// The work came back.
    fn leave(self, work: Self::Work) -> Self::Returned;

    /// The work panicked.
    fn panicked(self) -> Self::Returned;
}

/// A function that can fail: 0 or the number of a kind, and the error object where the caller wants it.
impl Exit for Option<&mut MaybeUninit<Option<Box<bidden_error>>>> {
    type Work = Result<(), Error>;
    type Returned = i32;

    fn enter(&mut self) {
        if let Some(slot) = self {
            slot.write(None);
        }
    }

    fn leave(self, work: Result<(), Error>) -> i32 {
        let Err(error) = work else { return BIDDEN_OK };
        let number = error.kind().row().number;
        if let Some(slot) = self {
            slot.write(Some(Box::new(bidden_error(error))));
        }
        number
    }

    fn panicked(self) -> i32 {
        // The panic's own text may hold personal data; where it happened does not.
        let place = PLACE.take().map_or_else(String::new, |(file, line)| format!(" at {file}:{line}"));
        let message = format!("bidden panicked{place}; this is a fault of the library, please report it");
        crate::log::write(crate::log::BIDDEN_LOG_ERROR, &message);
        self.leave(Err(Error::new(Kind::Internal, message)))
    }
}

/// A function that cannot fail: after a panic it returns its neutral value.
pub struct Or<T>(pub T);

impl<T> Exit for Or<T> {
    type Work = T;
    type Returned = T;

    fn leave(self, work: T) -> T {
        work
    }

    fn panicked(self) -> T {
        PLACE.take();
        self.0
    }
}

/// Runs the work of one export. No panic leaves it, and none is printed.
pub fn boundary<E: Exit>(mut exit: E, work: impl FnOnce() -> E::Work) -> E::Returned {
    if !QUIET.is_completed() {
        silence();
    }
    exit.enter();
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => exit.leave(value),
        Err(payload) => {
            discard(payload);
            exit.panicked()
        }
    }
}

static QUIET: Once = Once::new();

// What an export does once or never stands outside of it: there are a hundred of them.

/// The library has a copy of the standard library of its own, so this hook is not the host's.
#[cold]
#[inline(never)]
fn silence() {
    QUIET.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(|location| {
                let file = location.file().rsplit(['/', '\\']).next().unwrap_or_default();
                (file.to_owned(), location.line())
            });
            PLACE.set(place);
        }));
    });
}

/// A payload's own destructor may panic too.
#[cold]
#[inline(never)]
fn discard(payload: Box<dyn Any + Send>) {
    drop(catch_unwind(AssertUnwindSafe(move || drop(payload))));
}

thread_local! {
    /// Where the last panic of this thread began: file name and line.
    static PLACE: Cell<Option<(String, u32)>> = const { Cell::new(None) };
}

/// Holds a promise of the conventions at compile time: a *shared* handle may be used by any number of threads.
pub const fn shared<T: Send + Sync>() {}

/// The same for *one thread at a time*: it may move between threads.
pub const fn one_thread_at_a_time<T: Send>() {}

const _: () = {
    shared::<crate::call::bidden_call>();
    shared::<crate::candidate::bidden_findings>();
    shared::<crate::error::bidden_error>();
    shared::<crate::reply::bidden_reply>();
    shared::<crate::sign::bidden_recipe>();
    one_thread_at_a_time::<crate::candidate::bidden_candidate>();
    one_thread_at_a_time::<crate::request::bidden_request>();
    one_thread_at_a_time::<crate::sign::bidden_signature>();
};

#[cfg(feature = "client")]
const _: () = {
    shared::<crate::client::bidden_client>();
    shared::<crate::client::bidden_cancel>();
};

#[cfg(feature = "ledger")]
const _: () = {
    shared::<crate::ledger::bidden_ledger>();
    shared::<crate::many::bidden_review>();
    shared::<crate::many::bidden_summary>();
    shared::<crate::outcome::bidden_outcome>();
    shared::<crate::plan::bidden_plan>();
    shared::<crate::plan::bidden_planned>();
    one_thread_at_a_time::<crate::plan::bidden_plan_rows>();
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_internal_and_keeps_its_text_to_itself() {
        let mut slot = MaybeUninit::uninit();
        let number = boundary(Some(&mut slot), || panic!("ada@example.com"));
        assert_eq!(number, 51);
        // SAFETY: the boundary has written it.
        let error = unsafe { slot.assume_init() }.unwrap();
        let text = error.0.to_string();
        assert!(text.starts_with("internal") && text.contains("boundary.rs:") && !text.contains("ada"), "{text}");
    }

    #[test]
    fn a_panic_where_nothing_can_fail_is_the_neutral_value() {
        assert_eq!(boundary(Or(7), || panic!("no")), 7);
        assert_eq!(boundary(Or(7), || 8), 8);
    }
}
