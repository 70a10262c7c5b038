//! Log lines go to the program's own function, or nowhere: nothing is written to standard error.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_void};
use std::mem::MaybeUninit;
use std::sync::{PoisonError, RwLock};

use bidden::Error;

use crate::boundary::boundary;
use crate::error::bidden_error;
use crate::memory::{self, Context};

/// A fault.
pub const BIDDEN_LOG_ERROR: i32 = 1;
/// Something doubtful.
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only the client causes such lines"))]
pub const BIDDEN_LOG_WARNING: i32 = 2;
/// What is done.
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only the client causes such lines"))]
pub const BIDDEN_LOG_INFO: i32 = 3;
/// How it is done: each try that failed.
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only the client causes such lines"))]
pub const BIDDEN_LOG_DEBUG: i32 = 4;
/// Everything.
pub const BIDDEN_LOG_TRACE: i32 = 5;

/// Receives one line without secrets and addresses; `message` is valid until it returns. It runs on the thread that caused the
/// line, on several at once when several cause one. It must not throw and must not call `bidden_log_set`.
pub type bidden_log = Option<extern "C" fn(context: *mut c_void, level: i32, message: *const c_char)>;

struct Sink {
    write: extern "C" fn(*mut c_void, i32, *const c_char),
    context: Context,
    level: i32,
}

static SINK: RwLock<Option<Sink>> = RwLock::new(None);

thread_local! {
    /// A line that is caused while one is delivered is dropped: the program's function may call bidden.
    static DELIVERING: Cell<bool> = const { Cell::new(false) };
}

/// Delivers a line, if the program wants it.
pub fn write(level: i32, message: &str) {
    if DELIVERING.replace(true) {
        return;
    }
    let sink = SINK.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(sink) = &*sink
        && level <= sink.level
        && let Ok(message) = CString::new(message.replace('\0', " "))
    {
        (sink.write)(sink.context.pointer(), level, message.as_ptr());
    }
    drop(sink);
    DELIVERING.set(false);
}

/// Sets the function that receives log lines up to `level`, `BIDDEN_LOG_…`, for the whole process; NULL ends it, and then it
/// is not running any more. Without one nothing is written anywhere.
///
/// `invalid-input`: an unknown level, or called from the function itself.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_log_set(
    context: *mut c_void,
    log: bidden_log,
    level: i32,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        if DELIVERING.get() {
            return Err(Error::invalid_field("log", "cannot be set by the function that receives the lines"));
        }
        if log.is_some() && !(BIDDEN_LOG_ERROR..=BIDDEN_LOG_TRACE).contains(&level) {
            return Err(memory::fault("level", "is not one of BIDDEN_LOG_ERROR to BIDDEN_LOG_TRACE"));
        }
        #[cfg(feature = "client")]
        events::subscribe();
        let sink = log.map(|write| Sink { write, context: Context::new(context), level });
        *SINK.write().unwrap_or_else(PoisonError::into_inner) = sink;
        Ok(())
    })
}

/// The client's own events become lines.
#[cfg(feature = "client")]
mod events {
    use std::fmt::Write as _;

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Level, Metadata, Subscriber};

    struct Lines;

    /// Nothing is subscribed before a program asks for lines.
    pub fn subscribe() {
        static ONCE: std::sync::Once = std::sync::Once::new();
        // The library has a copy of tracing of its own, so nobody else can have set one.
        ONCE.call_once(|| drop(tracing::subscriber::set_global_default(Lines)));
    }

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            let separator = if self.0.is_empty() { "" } else { " " };
            let _ = match field.name() {
                "message" => write!(self.0, "{separator}{value:?}"),
                name => write!(self.0, "{separator}{name}={value:?}"),
            };
        }
    }

    impl Subscriber for Lines {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.is_event() && metadata.target().starts_with("bidden")
        }

        fn event(&self, event: &Event<'_>) {
            let level = match *event.metadata().level() {
                Level::ERROR => super::BIDDEN_LOG_ERROR,
                Level::WARN => super::BIDDEN_LOG_WARNING,
                Level::INFO => super::BIDDEN_LOG_INFO,
                Level::DEBUG => super::BIDDEN_LOG_DEBUG,
                Level::TRACE => super::BIDDEN_LOG_TRACE,
            };
            let mut line = Line(String::new());
            event.record(&mut line);
            super::write(level, &line.0);
        }

        // Core opens no spans.
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }
}
