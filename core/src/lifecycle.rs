//! What may happen to an invitation: one table per platform, and [`decide`].
//!
//! ```text
//!            invite            start                finish
//!   none ───────────▶ pending ───────▶ in-progress ────────▶ complete
//!                      │  ▲                 │ leave      ───▶ test-left
//!              cancel  │  │ invite          │ terminate  ───▶ terminated
//!                      ▼  │
//!              cancelled, expired
//! ```
//!
//! The tables are those of `docs/platforms/imocha.md` section 21, `think-exam.md` section 8 and `testinvite.md`
//! section 3.4. Expiry is computed when somebody looks, never stored.

use std::fmt;

use crate::{AccessWindow, Platform, Time};

/// Where an invitation stands. The platform's own word is always kept beside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// Invited, not started.
    Pending,
    /// Started, not ended.
    InProgress,
    /// Submitted.
    Complete,
    /// The candidate left, or time ran out.
    TestLeft,
    /// Ended by the platform, e.g. after violations.
    Terminated,
    /// Withdrawn.
    Cancelled,
    /// Not started within its window.
    Expired,
    /// An absent or new word of the platform.
    Unknown,
}

impl Status {
    /// All eight.
    pub const ALL: [Status; 8] = [
        Status::Pending,
        Status::InProgress,
        Status::Complete,
        Status::TestLeft,
        Status::Terminated,
        Status::Cancelled,
        Status::Expired,
        Status::Unknown,
    ];

    /// The name in every language, e.g. `in-progress`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::InProgress => "in-progress",
            Status::Complete => "complete",
            Status::TestLeft => "test-left",
            Status::Terminated => "terminated",
            Status::Cancelled => "cancelled",
            Status::Expired => "expired",
            Status::Unknown => "unknown",
        }
    }

    /// The status of a slug.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Status::ALL.into_iter().find(|status| status.slug() == slug)
    }

    /// The word of the platforms' state tables, e.g. `In Progress`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Status::Pending => "Pending",
            Status::InProgress => "In Progress",
            Status::Complete => "Complete",
            Status::TestLeft => "Test Left",
            Status::Terminated => "Terminated",
            Status::Cancelled => "Cancelled",
            Status::Expired => "Expired",
            Status::Unknown => "Unknown",
        }
    }

    /// Reads a platform's word: letter case, blanks, underscores and hyphens do not matter; a word that is not known is
    /// [`Status::Unknown`]. Source: iMocha reference, choice 3.
    ///
    /// ```
    /// use bidden::Status;
    /// assert_eq!(Status::read("Completed"), Status::Complete);
    /// assert_eq!(Status::read("Test Left"), Status::TestLeft);
    /// assert_eq!(Status::read("Paused"), Status::Unknown);
    /// ```
    #[must_use]
    pub fn read(word: &str) -> Self {
        let folded: String = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match folded.as_str() {
            "pending" => Status::Pending,
            "inprogress" => Status::InProgress,
            "complete" | "completed" => Status::Complete,
            "testleft" => Status::TestLeft,
            "terminated" => Status::Terminated,
            "cancelled" | "canceled" => Status::Cancelled,
            "expired" => Status::Expired,
            _ => Status::Unknown,
        }
    }
}

impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.slug())
    }
}

/// What somebody does to an invitation, or what time does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// The candidate is invited (Think Exam: assigned; TestInvite: created).
    Invite,
    /// The invitation is withdrawn (Think Exam: de-assigned; TestInvite: deleted).
    Cancel,
    /// Another attempt is granted.
    Reattempt,
    /// The candidate opens the test.
    Start,
    /// The candidate submits.
    Finish,
    /// The candidate leaves.
    Leave,
    /// The platform ends the attempt.
    Terminate,
    /// The end of the window is reached.
    Expire,
}

impl Event {
    /// All eight.
    pub const ALL: [Event; 8] =
        [Event::Invite, Event::Cancel, Event::Reattempt, Event::Start, Event::Finish, Event::Leave, Event::Terminate, Event::Expire];

    /// The name in every language, e.g. `reattempt`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Event::Invite => "invite",
            Event::Cancel => "cancel",
            Event::Reattempt => "reattempt",
            Event::Start => "start",
            Event::Finish => "finish",
            Event::Leave => "leave",
            Event::Terminate => "terminate",
            Event::Expire => "expire",
        }
    }

    /// The event of a slug.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Event::ALL.into_iter().find(|event| event.slug() == slug)
    }
}

impl serde::Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.slug())
    }
}

/// How well a rule is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Basis {
    /// Stated in the platform's base text.
    Documented,
    /// Stated on another page of the vendor.
    Published,
    /// The vendor does not say; a choice of this project.
    OurChoice,
}

impl Basis {
    /// `documented`, `published` or `our choice`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Basis::Documented => "documented",
            Basis::Published => "published",
            Basis::OurChoice => "our choice",
        }
    }
}

/// What an allowed event does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Effect {
    /// A new invitation.
    Created,
    /// The same invitation; its window is replaced.
    Refreshed,
    /// A cancelled or expired invitation returns to pending.
    Reopened,
    /// Accepted, nothing moves.
    Unchanged,
    /// The status moves.
    Moved,
    /// A new invitation in the same chain.
    NewAttempt,
}

impl Effect {
    /// The name in JSON, e.g. `new-attempt`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Effect::Created => "created",
            Effect::Refreshed => "refreshed",
            Effect::Reopened => "reopened",
            Effect::Unchanged => "unchanged",
            Effect::Moved => "moved",
            Effect::NewAttempt => "new-attempt",
        }
    }
}

/// One cell of a platform's table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// The event is allowed: what it does, and where the invitation stands then.
    Allowed(Effect, Status, Basis, &'static str),
    /// The event is refused, with the reason.
    Refused(Basis, &'static str),
}

/// The table of one platform: a row per state (none first, then in the order of [`Status::ALL`] without unknown), a
/// column per event in the order of [`Event::ALL`].
#[derive(Debug)]
pub struct Rules {
    /// Whose rules.
    pub platform: Platform,
    /// The cells, `[state][event]`.
    pub table: [[Rule; 8]; 8],
}

impl Rules {
    /// The rules of a platform.
    #[must_use]
    pub fn of(platform: Platform) -> &'static Rules {
        match platform {
            Platform::Imocha => &crate::platform::imocha::lifecycle::RULES,
            Platform::ThinkExam => &crate::platform::think_exam::lifecycle::RULES,
            Platform::TestInvite => &crate::platform::testinvite::lifecycle::RULES,
        }
    }

    /// The cell of a state and an event; `None` for the state unknown, which is in no table.
    #[must_use]
    pub fn rule(&self, state: Option<Status>, event: Event) -> Option<&Rule> {
        let row = match state {
            None => 0,
            Some(Status::Unknown) => return None,
            Some(status) => status as usize + 1,
        };
        Some(&self.table[row][event as usize])
    }
}

/// A set of events, as a refusal names them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Events(u8);

impl Events {
    /// Whether the set holds the event.
    #[must_use]
    pub fn contains(self, event: Event) -> bool {
        self.0 & (1 << event as u8) != 0
    }

    fn without(self, event: Event) -> Self {
        Events(self.0 & !(1 << event as u8))
    }

    /// The events in the order of [`Event::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Event> {
        Event::ALL.into_iter().filter(move |event| self.contains(*event))
    }

    /// Whether no event is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

/// An event that may happen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Decision {
    /// The state the event met, expiry taken into account.
    pub state: Option<Status>,
    /// What the event does.
    pub effect: Effect,
    /// Where the invitation stands then.
    pub next: Status,
    /// How well that is known.
    pub basis: Basis,
    /// What to know beside it; empty when there is nothing.
    pub note: &'static str,
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.map_or("none", Status::slug);
        write!(formatter, "allowed in state {state}: {}, {} afterwards", self.effect.slug(), self.next)?;
        if self.note.is_empty() { Ok(()) } else { write!(formatter, "; {}", self.note) }
    }
}

/// An event that may not happen, and what may happen instead.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Refusal {
    /// Whose rules.
    pub platform: Platform,
    /// The state the event met, expiry taken into account.
    pub state: Option<Status>,
    /// The event.
    pub event: Event,
    /// Why not.
    pub reason: &'static str,
    /// The moment at which the window opens or ends, where that is the reason.
    pub moment: Option<Time>,
    /// The events that the table allows in this state instead.
    pub allowed: Events,
    /// How well that is known.
    pub basis: Basis,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.map_or("none", Status::slug);
        write!(formatter, "{} is refused in state {state}: {}", self.event, self.reason)?;
        if let Some(moment) = self.moment {
            write!(formatter, " {moment}")?;
        }
        if self.allowed.is_empty() {
            return formatter.write_str("; nothing is allowed there");
        }
        formatter.write_str("; allowed there: ")?;
        for (index, event) in self.allowed.iter().enumerate() {
            write!(formatter, "{}{event}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl From<Refusal> for crate::Error {
    fn from(refusal: Refusal) -> Self {
        crate::Error::new(crate::Kind::Refused, refusal.to_string())
    }
}

/// The state that somebody who looks at `now` sees: a pending invitation whose window is over is expired, on the
/// platforms that have windows.
#[must_use]
pub fn state_at(rules: &Rules, state: Option<Status>, window: Option<&AccessWindow>, now: Time) -> Option<Status> {
    match state {
        Some(Status::Pending) if has_windows(rules) && window.is_some_and(|window| window.is_over(now)) => Some(Status::Expired),
        other => other,
    }
}

/// Whether an event may happen to an invitation, and what it does. `state` is `None` when there is no invitation;
/// `window` is the invitation's own window as far as it is known. Allocates nothing.
///
/// # Errors
/// A [`Refusal`] that names state, event and what is allowed instead. In the state unknown every event is refused.
///
/// ```
/// use bidden::lifecycle::{decide, Effect, Event, Rules, Status};
/// use bidden::{Platform, Time};
/// let now = Time::from_seconds(1_700_000_000);
/// let rules = Rules::of(Platform::Imocha);
/// let decision = decide(rules, Some(Status::Cancelled), Event::Invite, None, now).unwrap();
/// assert_eq!((decision.effect, decision.next), (Effect::Reopened, Status::Pending));
/// let refusal = decide(rules, Some(Status::Complete), Event::Cancel, None, now).unwrap_err();
/// assert!(refusal.allowed.contains(Event::Reattempt));
/// ```
pub fn decide(rules: &Rules, state: Option<Status>, event: Event, window: Option<&AccessWindow>, now: Time) -> Result<Decision, Refusal> {
    let seen = state_at(rules, state, window, now);
    // Time has already done what `expire` would do: the event is judged on the state before.
    let judged = if event == Event::Expire { state } else { seen };
    let refuse = |reason, moment, basis| Refusal {
        platform: rules.platform,
        state: judged,
        event,
        reason,
        moment,
        // Allowed *instead*: the table may allow the event itself, only not at this moment.
        allowed: allowed(rules, judged).without(event),
        basis,
    };
    let Some(rule) = rules.rule(judged, event) else {
        return Err(refuse("where the invitation stands is not known; look it up first", None, Basis::OurChoice));
    };
    match *rule {
        Rule::Refused(basis, reason) => {
            let closed = if seen != state && event == Event::Start { window.and_then(|window| window.end) } else { None };
            Err(refuse(reason, closed, basis))
        }
        Rule::Allowed(effect, next, basis, note) => {
            if judged == Some(Status::Pending) {
                if let (Event::Start, Some(window)) = (event, window)
                    && window.is_before(now)
                    && has_windows(rules)
                {
                    return Err(refuse("the window is not open before", window.start, Basis::OurChoice));
                }
                if let (Event::Expire, Some(window)) = (event, window)
                    && let Some(end) = window.end
                    && now < end
                {
                    return Err(refuse("the window is open until", Some(end), Basis::OurChoice));
                }
            }
            Ok(Decision { state: judged, effect, next, basis, note })
        }
    }
}

/// Whether the platform knows windows at all: it does where a pending invitation can expire.
fn has_windows(rules: &Rules) -> bool {
    matches!(rules.rule(Some(Status::Pending), Event::Expire), Some(Rule::Allowed(..)))
}

fn allowed(rules: &Rules, state: Option<Status>) -> Events {
    let mut events = Events::default();
    for event in Event::ALL {
        if matches!(rules.rule(state, event), Some(Rule::Allowed(..))) {
            events.0 |= 1 << event as u8;
        }
    }
    events
}
