//! Whether an event may happen to an invitation, and what it does.

use std::mem::MaybeUninit;

use bidden::lifecycle::{Rules, decide};

use crate::boundary::boundary;
use crate::error::bidden_error;
use crate::memory::{GrowingOutput, Output};
use crate::numbers;
use crate::string::bidden_string;
use crate::time::{self, bidden_window};

/// What `bidden_decide` found. The caller sets `size` to `sizeof (bidden_decision)`; the rest is written.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_decision {
    /// `sizeof (bidden_decision)`, set by the caller.
    pub size: usize,
    /// 1 when the event may happen, 0 when it is refused.
    pub is_allowed: i32,
    /// The state that the event met, `BIDDEN_STATUS_…`, expiry taken into account.
    pub state: i32,
    /// What the event does, `BIDDEN_EFFECT_…`; 0 when it is refused.
    pub effect: i32,
    /// Where the invitation stands then, `BIDDEN_STATUS_…`; 0 when it is refused.
    pub next: i32,
    /// When the event is refused: what is allowed instead, a bit `1 << BIDDEN_EVENT_…` for each. Else 0.
    pub allowed_events: u32,
    /// Always 0.
    pub reserved: u32,
    /// When the event is refused because of the window: the moment at which it opens or ended. Else `BIDDEN_TIME_ABSENT`.
    pub moment_seconds: i64,
}

/// Decides by the platform's table whether `event` may happen to an invitation whose status is `status`
/// (`BIDDEN_STATUS_NONE`: there is none) and whose window is `window` (NULL: not known, or open). A refusal is a decision too:
/// `BIDDEN_OK`, and `decision->is_allowed` is 0. Allocates nothing unless an argument is wrong. On `BIDDEN_STATUS_UNKNOWN`
/// every event is refused. `now_seconds` may be `BIDDEN_TIME_ABSENT`: the clock is read.
///
/// `invalid-input`: an unknown number, or a time that is none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_decide(
    platform: i32,
    status: i32,
    event: i32,
    window: Option<&bidden_window>,
    now_seconds: i64,
    decision: *mut bidden_decision,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let decision = GrowingOutput::new(decision)?;
        let rules = Rules::of(numbers::platform(platform)?);
        let (state, event) = (numbers::status(status)?, numbers::event(event)?);
        let (window, now) = (time::window(window)?, time::now(now_seconds)?);
        let empty = bidden_decision {
            size: 0,
            is_allowed: 0,
            state: 0,
            effect: 0,
            next: 0,
            allowed_events: 0,
            reserved: 0,
            moment_seconds: time::BIDDEN_TIME_ABSENT,
        };
        let found = match decide(rules, state, event, Some(&window), now) {
            Ok(allowed) => bidden_decision {
                is_allowed: 1,
                state: numbers::of_status(allowed.state),
                effect: numbers::of_effect(allowed.effect),
                next: numbers::of_status(Some(allowed.next)),
                ..empty
            },
            Err(refusal) => bidden_decision {
                state: numbers::of_status(refusal.state),
                allowed_events: refusal.allowed.iter().fold(0, |events, event| events | 1 << numbers::of_event(event)),
                moment_seconds: refusal.moment.map_or(time::BIDDEN_TIME_ABSENT, bidden::Time::seconds),
                ..empty
            },
        };
        decision.put(&found);
        Ok(())
    })
}

/// Explains a decision in one line for people: what the event does, or why it is refused and what is allowed instead.
/// Arguments as for `bidden_decide`. Free the text with `bidden_string_free`.
///
/// `invalid-input`: an unknown number, or a time that is none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_decision_explain(
    platform: i32,
    status: i32,
    event: i32,
    window: Option<&bidden_window>,
    now_seconds: i64,
    explanation: Option<&mut MaybeUninit<bidden_string>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let explanation = Output::new(explanation, "explanation")?;
        let rules = Rules::of(numbers::platform(platform)?);
        let (state, event) = (numbers::status(status)?, numbers::event(event)?);
        let (window, now) = (time::window(window)?, time::now(now_seconds)?);
        let text = match decide(rules, state, event, Some(&window), now) {
            Ok(allowed) => allowed.to_string(),
            Err(refusal) => refusal.to_string(),
        };
        explanation.put(text.as_str().into());
        Ok(())
    })
}
