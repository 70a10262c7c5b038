//! The numbers that stand for platforms, states, events, outcomes and kinds. They are constants, never enums: what comes from C is
//! validated here. A number is never used for something else later.

use std::ffi::{CString, c_char};
use std::sync::LazyLock;

#[cfg(feature = "client")]
use bidden::callback::Authenticity;
use bidden::error::KINDS;
use bidden::lifecycle::Effect;
use bidden::operation::{Disposition, Email, KnownFrom};
use bidden::{Error, Event, Platform, Repeat, Status};

use crate::boundary::{Or, boundary};
use crate::memory;

/// Success.
pub const BIDDEN_OK: i32 = 0;

/// iMocha.
pub const BIDDEN_PLATFORM_IMOCHA: i32 = 1;
/// Think Exam.
pub const BIDDEN_PLATFORM_THINK_EXAM: i32 = 2;
/// TestInvite.
pub const BIDDEN_PLATFORM_TESTINVITE: i32 = 3;

/// There is no invitation.
pub const BIDDEN_STATUS_NONE: i32 = 0;
/// Invited, not started.
pub const BIDDEN_STATUS_PENDING: i32 = 1;
/// Started, not ended.
pub const BIDDEN_STATUS_IN_PROGRESS: i32 = 2;
/// Submitted.
pub const BIDDEN_STATUS_COMPLETE: i32 = 3;
/// The candidate left, or time ran out.
pub const BIDDEN_STATUS_TEST_LEFT: i32 = 4;
/// Ended by the platform.
pub const BIDDEN_STATUS_TERMINATED: i32 = 5;
/// Withdrawn.
pub const BIDDEN_STATUS_CANCELLED: i32 = 6;
/// Not started within its window.
pub const BIDDEN_STATUS_EXPIRED: i32 = 7;
/// An absent or new word of the platform.
pub const BIDDEN_STATUS_UNKNOWN: i32 = 8;

/// The candidate is invited.
pub const BIDDEN_EVENT_INVITE: i32 = 1;
/// The invitation is withdrawn.
pub const BIDDEN_EVENT_CANCEL: i32 = 2;
/// Another attempt is granted.
pub const BIDDEN_EVENT_REATTEMPT: i32 = 3;
/// The candidate opens the test.
pub const BIDDEN_EVENT_START: i32 = 4;
/// The candidate submits.
pub const BIDDEN_EVENT_FINISH: i32 = 5;
/// The candidate leaves.
pub const BIDDEN_EVENT_LEAVE: i32 = 6;
/// The platform ends the attempt.
pub const BIDDEN_EVENT_TERMINATE: i32 = 7;
/// The end of the window is reached.
pub const BIDDEN_EVENT_EXPIRE: i32 = 8;

/// A new invitation.
pub const BIDDEN_EFFECT_CREATED: i32 = 1;
/// The same invitation; its window is replaced.
pub const BIDDEN_EFFECT_REFRESHED: i32 = 2;
/// A cancelled or expired invitation returns to pending.
pub const BIDDEN_EFFECT_REOPENED: i32 = 3;
/// Accepted, nothing moves.
pub const BIDDEN_EFFECT_UNCHANGED: i32 = 4;
/// The status moves.
pub const BIDDEN_EFFECT_MOVED: i32 = 5;
/// A new invitation in the same chain.
pub const BIDDEN_EFFECT_NEW_ATTEMPT: i32 = 6;

/// The same request again does no harm.
pub const BIDDEN_REPEAT_FREELY: i32 = 1;
/// A lost call may go again only in the form that asks for no mail.
pub const BIDDEN_REPEAT_WITHOUT_MAIL: i32 = 2;
/// The platform itself refuses a second one, so the same request may go again.
pub const BIDDEN_REPEAT_GUARDED: i32 = 3;
/// A lost call never goes again: nobody could tell a repeat from a second request.
pub const BIDDEN_REPEAT_NEVER: i32 = 4;

/// Accepted; the answer does not tell new from old.
pub const BIDDEN_DISPOSITION_INVITED: i32 = 1;
/// A new invitation, on evidence.
pub const BIDDEN_DISPOSITION_CREATED: i32 = 2;
/// The window was replaced, on evidence.
pub const BIDDEN_DISPOSITION_REFRESHED: i32 = 3;
/// Was cancelled or expired, on evidence.
pub const BIDDEN_DISPOSITION_REOPENED: i32 = 4;
/// Nothing to do.
pub const BIDDEN_DISPOSITION_UNCHANGED: i32 = 5;
/// The attempt is running.
pub const BIDDEN_DISPOSITION_IN_PROGRESS: i32 = 6;
/// The same person stands twice in a file.
pub const BIDDEN_DISPOSITION_DUPLICATE_ROW: i32 = 7;
/// Registered.
pub const BIDDEN_DISPOSITION_REGISTERED: i32 = 8;
/// Was registered before; logged in.
pub const BIDDEN_DISPOSITION_LOGGED_IN: i32 = 9;
/// Withdrawn.
pub const BIDDEN_DISPOSITION_CANCELLED: i32 = 10;
/// The attempt is over; a reattempt is needed.
pub const BIDDEN_DISPOSITION_ALREADY_ATTEMPTED: i32 = 11;
/// The platform holds this candidate already.
pub const BIDDEN_DISPOSITION_DUPLICATE: i32 = 12;
/// The platform or the rules say no.
pub const BIDDEN_DISPOSITION_REFUSED: i32 = 13;
/// It cannot be sent.
pub const BIDDEN_DISPOSITION_INVALID: i32 = 14;
/// It did not work.
pub const BIDDEN_DISPOSITION_FAILED: i32 = 15;
/// Nobody can say what came of it.
pub const BIDDEN_DISPOSITION_UNCERTAIN: i32 = 16;
/// Kept back until somebody decides.
pub const BIDDEN_DISPOSITION_HELD: i32 = 17;
/// It was cancelled before anything was sent.
pub const BIDDEN_DISPOSITION_NOT_SENT: i32 = 18;

/// Nothing was sent, and nobody was asked.
pub const BIDDEN_KNOWN_FROM_NOTHING: i32 = 0;
/// The platform's answer.
pub const BIDDEN_KNOWN_FROM_REPLY: i32 = 1;
/// The ledger; nothing was sent.
pub const BIDDEN_KNOWN_FROM_LEDGER: i32 = 2;
/// A look-up.
pub const BIDDEN_KNOWN_FROM_LOOKUP: i32 = 3;

/// The platform's key was compared and is right.
#[cfg(feature = "client")]
pub const BIDDEN_AUTHENTICITY_VERIFIED: i32 = 1;
/// The platform sends nothing by which a callback could be known (iMocha, TestInvite).
#[cfg(feature = "client")]
pub const BIDDEN_AUTHENTICITY_UNSIGNED: i32 = 2;
/// The platform sends a key, and none was given to compare it with.
#[cfg(feature = "client")]
pub const BIDDEN_AUTHENTICITY_NOT_CHECKED: i32 = 3;

/// No mail was asked for.
pub const BIDDEN_EMAIL_NONE: i32 = 0;
/// The platform was asked for a mail and accepted.
pub const BIDDEN_EMAIL_ASKED: i32 = 1;
/// The platform was asked to mail later.
pub const BIDDEN_EMAIL_SCHEDULED: i32 = 2;
/// A mail was asked for, and nobody can say whether it went out.
pub const BIDDEN_EMAIL_UNCERTAIN: i32 = 3;

/// A yes-or-no member that is not given. A zeroed struct gives none.
pub const BIDDEN_FLAG_ABSENT: i32 = 0;
/// Yes.
pub const BIDDEN_FLAG_YES: i32 = 1;
/// No.
pub const BIDDEN_FLAG_NO: i32 = 2;

const PLATFORMS: [(i32, Platform); 3] = [
    (BIDDEN_PLATFORM_IMOCHA, Platform::Imocha),
    (BIDDEN_PLATFORM_THINK_EXAM, Platform::ThinkExam),
    (BIDDEN_PLATFORM_TESTINVITE, Platform::TestInvite),
];

const STATUSES: [(i32, Status); 8] = [
    (BIDDEN_STATUS_PENDING, Status::Pending),
    (BIDDEN_STATUS_IN_PROGRESS, Status::InProgress),
    (BIDDEN_STATUS_COMPLETE, Status::Complete),
    (BIDDEN_STATUS_TEST_LEFT, Status::TestLeft),
    (BIDDEN_STATUS_TERMINATED, Status::Terminated),
    (BIDDEN_STATUS_CANCELLED, Status::Cancelled),
    (BIDDEN_STATUS_EXPIRED, Status::Expired),
    (BIDDEN_STATUS_UNKNOWN, Status::Unknown),
];

const EVENTS: [(i32, Event); 8] = [
    (BIDDEN_EVENT_INVITE, Event::Invite),
    (BIDDEN_EVENT_CANCEL, Event::Cancel),
    (BIDDEN_EVENT_REATTEMPT, Event::Reattempt),
    (BIDDEN_EVENT_START, Event::Start),
    (BIDDEN_EVENT_FINISH, Event::Finish),
    (BIDDEN_EVENT_LEAVE, Event::Leave),
    (BIDDEN_EVENT_TERMINATE, Event::Terminate),
    (BIDDEN_EVENT_EXPIRE, Event::Expire),
];

/// The numbers of a table run from 1 in core's own order, so a decision finds them without a search; a test walks them all.
/// On the way of a decision, which takes less time than calls would: all of it is inlined, and matched without closures, which
/// a build for size would call.
#[inline(always)]
fn value<T: Copy>(table: &[(i32, T)], number: i32, argument: &str) -> Result<T, Error> {
    match table.get((number as usize).wrapping_sub(1)) {
        Some((_, value)) => Ok(*value),
        None => Err(unknown(number, argument)),
    }
}

#[cold]
fn unknown(number: i32, argument: &str) -> Error {
    memory::fault(argument, &format!("{number} is not a number that is known here"))
}

/// The platform of a number.
#[inline(always)]
pub fn platform(number: i32) -> Result<Platform, Error> {
    value(&PLATFORMS, number, "platform")
}

/// The status of a number, `None` for `BIDDEN_STATUS_NONE`.
#[inline(always)]
pub fn status(number: i32) -> Result<Option<Status>, Error> {
    if number == BIDDEN_STATUS_NONE {
        return Ok(None);
    }
    match value(&STATUSES, number, "status") {
        Ok(status) => Ok(Some(status)),
        Err(error) => Err(error),
    }
}

/// The event of a number.
#[inline(always)]
pub fn event(number: i32) -> Result<Event, Error> {
    value(&EVENTS, number, "event")
}

/// A flag, `None` when absent.
pub fn flag(number: i32, argument: &str) -> Result<Option<bool>, Error> {
    match number {
        BIDDEN_FLAG_ABSENT => Ok(None),
        BIDDEN_FLAG_YES => Ok(Some(true)),
        BIDDEN_FLAG_NO => Ok(Some(false)),
        _ => Err(memory::fault(argument, "is not one of BIDDEN_FLAG_ABSENT, BIDDEN_FLAG_YES, BIDDEN_FLAG_NO")),
    }
}

/// The number of a platform.
pub fn of_platform(platform: Platform) -> i32 {
    PLATFORMS[platform as usize].0
}

/// The number of a status.
#[inline(always)]
pub fn of_status(status: Option<Status>) -> i32 {
    match status {
        Some(status) => STATUSES[status as usize].0,
        None => BIDDEN_STATUS_NONE,
    }
}

/// The number of an event.
#[inline(always)]
pub fn of_event(event: Event) -> i32 {
    EVENTS[event as usize].0
}

/// The number of an effect.
#[inline(always)]
pub fn of_effect(effect: Effect) -> i32 {
    match effect {
        Effect::Created => BIDDEN_EFFECT_CREATED,
        Effect::Refreshed => BIDDEN_EFFECT_REFRESHED,
        Effect::Reopened => BIDDEN_EFFECT_REOPENED,
        Effect::Unchanged => BIDDEN_EFFECT_UNCHANGED,
        Effect::Moved => BIDDEN_EFFECT_MOVED,
        Effect::NewAttempt => BIDDEN_EFFECT_NEW_ATTEMPT,
    }
}

/// The number of a repeat class.
pub fn of_repeat(repeat: Repeat) -> i32 {
    match repeat {
        Repeat::Freely => BIDDEN_REPEAT_FREELY,
        Repeat::WithoutMail => BIDDEN_REPEAT_WITHOUT_MAIL,
        Repeat::Guarded => BIDDEN_REPEAT_GUARDED,
        Repeat::Never => BIDDEN_REPEAT_NEVER,
    }
}

/// The number of a disposition.
pub fn of_disposition(disposition: Disposition) -> i32 {
    match disposition {
        Disposition::Invited => BIDDEN_DISPOSITION_INVITED,
        Disposition::Created => BIDDEN_DISPOSITION_CREATED,
        Disposition::Refreshed => BIDDEN_DISPOSITION_REFRESHED,
        Disposition::Reopened => BIDDEN_DISPOSITION_REOPENED,
        Disposition::Unchanged => BIDDEN_DISPOSITION_UNCHANGED,
        Disposition::InProgress => BIDDEN_DISPOSITION_IN_PROGRESS,
        Disposition::DuplicateRow => BIDDEN_DISPOSITION_DUPLICATE_ROW,
        Disposition::Registered => BIDDEN_DISPOSITION_REGISTERED,
        Disposition::LoggedIn => BIDDEN_DISPOSITION_LOGGED_IN,
        Disposition::Cancelled => BIDDEN_DISPOSITION_CANCELLED,
        Disposition::AlreadyAttempted => BIDDEN_DISPOSITION_ALREADY_ATTEMPTED,
        Disposition::Duplicate => BIDDEN_DISPOSITION_DUPLICATE,
        Disposition::Refused => BIDDEN_DISPOSITION_REFUSED,
        Disposition::Invalid => BIDDEN_DISPOSITION_INVALID,
        Disposition::Failed => BIDDEN_DISPOSITION_FAILED,
        Disposition::Uncertain => BIDDEN_DISPOSITION_UNCERTAIN,
        Disposition::Held => BIDDEN_DISPOSITION_HELD,
        Disposition::NotSent => BIDDEN_DISPOSITION_NOT_SENT,
    }
}

/// The number of where something is known from.
pub fn of_known_from(known_from: Option<KnownFrom>) -> i32 {
    match known_from {
        None => BIDDEN_KNOWN_FROM_NOTHING,
        Some(KnownFrom::Reply) => BIDDEN_KNOWN_FROM_REPLY,
        Some(KnownFrom::Ledger) => BIDDEN_KNOWN_FROM_LEDGER,
        Some(KnownFrom::Lookup) => BIDDEN_KNOWN_FROM_LOOKUP,
    }
}

/// The number of how far a callback can be believed.
#[cfg(feature = "client")]
pub fn of_authenticity(authenticity: Authenticity) -> i32 {
    match authenticity {
        Authenticity::Verified => BIDDEN_AUTHENTICITY_VERIFIED,
        Authenticity::Unsigned => BIDDEN_AUTHENTICITY_UNSIGNED,
        Authenticity::NotChecked => BIDDEN_AUTHENTICITY_NOT_CHECKED,
    }
}

/// The number of what became of a mail.
pub fn of_email(email: Email) -> i32 {
    match email {
        Email::None => BIDDEN_EMAIL_NONE,
        Email::Asked => BIDDEN_EMAIL_ASKED,
        Email::Scheduled => BIDDEN_EMAIL_SCHEDULED,
        Email::Uncertain => BIDDEN_EMAIL_UNCERTAIN,
    }
}

/// Words as static texts of C, each beside its number.
type Words = LazyLock<Vec<(i32, CString)>>;

fn words(rows: impl Iterator<Item = (i32, &'static str)>) -> Vec<(i32, CString)> {
    rows.map(|(number, word)| (number, CString::new(word).unwrap_or_default())).collect()
}

static KIND_WORDS: Words = LazyLock::new(|| words(KINDS.iter().map(|row| (row.number, row.slug))));
static PLATFORM_WORDS: Words = LazyLock::new(|| words(PLATFORMS.iter().map(|(number, platform)| (*number, platform.slug()))));
static STATUS_WORDS: Words = LazyLock::new(|| {
    let none = std::iter::once((BIDDEN_STATUS_NONE, "none"));
    words(none.chain(STATUSES.iter().map(|(number, status)| (*number, status.slug()))))
});
static EVENT_WORDS: Words = LazyLock::new(|| words(EVENTS.iter().map(|(number, event)| (*number, event.slug()))));
static EFFECT_WORDS: Words = LazyLock::new(|| {
    let effects = [Effect::Created, Effect::Refreshed, Effect::Reopened, Effect::Unchanged, Effect::Moved, Effect::NewAttempt];
    words(effects.into_iter().map(|effect| (of_effect(effect), effect.slug())))
});

static DISPOSITION_WORDS: Words =
    LazyLock::new(|| words(Disposition::ALL.into_iter().map(|disposition| (of_disposition(disposition), disposition.slug()))));
static KNOWN_FROM_WORDS: Words = LazyLock::new(|| {
    let all = [KnownFrom::Reply, KnownFrom::Ledger, KnownFrom::Lookup];
    words(all.into_iter().map(|known_from| (of_known_from(Some(known_from)), known_from.slug())))
});
static EMAIL_WORDS: Words = LazyLock::new(|| {
    let all = [Email::None, Email::Asked, Email::Scheduled, Email::Uncertain];
    words(all.into_iter().map(|email| (of_email(email), email.slug())))
});
#[cfg(feature = "client")]
static AUTHENTICITY_WORDS: Words = LazyLock::new(|| {
    let all = [Authenticity::Verified, Authenticity::Unsigned, Authenticity::NotChecked];
    words(all.into_iter().map(|authenticity| (of_authenticity(authenticity), authenticity.slug())))
});

/// The static word of a number; NULL when there is none.
fn word_of(words: &'static Words, number: i32) -> *const c_char {
    words.iter().find(|(known, _)| *known == number).map_or(std::ptr::null(), |(_, word)| word.as_ptr())
}

/// The number of a word; -1 when there is none.
fn number_of(words: &'static Words, word: *const c_char) -> i32 {
    let Ok(word) = memory::text(word, "slug") else { return -1 };
    words.iter().find(|(_, known)| known.as_bytes() == word.as_bytes()).map_or(-1, |(number, _)| *number)
}

/// How many kinds of error there are.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_kind_count() -> usize {
    boundary(Or(0), || KINDS.len())
}

/// The number of the kind at a place of the table, from 0; -1 behind its end.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_kind_at(index: usize) -> i32 {
    boundary(Or(-1), || KINDS.get(index).map_or(-1, |row| row.number))
}

/// The name of a kind, e.g. `"rate-limited"`: static text. NULL for a number that is no kind.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_kind_slug(number: i32) -> *const c_char {
    boundary(Or(std::ptr::null()), || word_of(&KIND_WORDS, number))
}

/// The number of a kind's name; -1 for a name that is not known, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_kind_number(slug: *const c_char) -> i32 {
    boundary(Or(-1), || number_of(&KIND_WORDS, slug))
}

/// The name of a platform, e.g. `"think-exam"`: static text. NULL for a number that is no platform.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_platform_slug(number: i32) -> *const c_char {
    boundary(Or(std::ptr::null()), || word_of(&PLATFORM_WORDS, number))
}

/// The number of a platform's name; -1 for a name that is not known, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_platform_number(slug: *const c_char) -> i32 {
    boundary(Or(-1), || number_of(&PLATFORM_WORDS, slug))
}

/// The name of a status, e.g. `"in-progress"`, `"none"` for `BIDDEN_STATUS_NONE`: static text. NULL for a number that is no
/// status.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_status_slug(number: i32) -> *const c_char {
    boundary(Or(std::ptr::null()), || word_of(&STATUS_WORDS, number))
}

/// The number of a status's name; -1 for a name that is not known, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_status_number(slug: *const c_char) -> i32 {
    boundary(Or(-1), || number_of(&STATUS_WORDS, slug))
}

/// The name of an event, e.g. `"reattempt"`: static text. NULL for a number that is no event.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_event_slug(number: i32) -> *const c_char {
    boundary(Or(std::ptr::null()), || word_of(&EVENT_WORDS, number))
}

/// The number of an event's name; -1 for a name that is not known, and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_event_number(slug: *const c_char) -> i32 {
    boundary(Or(-1), || number_of(&EVENT_WORDS, slug))
}

/// The name of an effect, e.g. `"new-attempt"`: static text. NULL for a number that is no effect.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_effect_slug(number: i32) -> *const c_char {
    boundary(Or(std::ptr::null()), || word_of(&EFFECT_WORDS, number))
}

/// The name of a disposition, e.g. `"already-attempted"`: static text. NULL for a number that is no disposition.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_disposition_slug(number: i32) -> *const c_char {
    boundary(Or(std::ptr::null()), || word_of(&DISPOSITION_WORDS, number))
}

/// The name of where something is known from, e.g. `"ledger"`: static text. NULL for `BIDDEN_KNOWN_FROM_NOTHING` and for a number
/// that is none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_known_from_slug(number: i32) -> *const c_char {
    boundary(Or(std::ptr::null()), || word_of(&KNOWN_FROM_WORDS, number))
}

/// The name of what became of a mail, e.g. `"asked"`: static text. NULL for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_email_slug(number: i32) -> *const c_char {
    boundary(Or(std::ptr::null()), || word_of(&EMAIL_WORDS, number))
}

/// The name of how far a callback can be believed, e.g. `"verified"`: static text. NULL for a number that is none.
#[cfg(feature = "client")]
#[unsafe(no_mangle)]
pub extern "C" fn bidden_authenticity_slug(number: i32) -> *const c_char {
    boundary(Or(std::ptr::null()), || word_of(&AUTHENTICITY_WORDS, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_core_has_its_number_and_comes_back() {
        let numbers: Vec<i32> = (1..=8).collect();
        assert_eq!(PLATFORMS.map(|(number, _)| number).as_slice(), &numbers[..3]);
        assert_eq!(STATUSES.map(|(number, _)| number).as_slice(), numbers);
        assert_eq!(EVENTS.map(|(number, _)| number).as_slice(), numbers);
        for platform in Platform::ALL {
            assert_eq!(super::platform(of_platform(platform)).unwrap(), platform);
        }
        for status in Status::ALL {
            assert_eq!(super::status(of_status(Some(status))).unwrap(), Some(status));
        }
        for event in Event::ALL {
            assert_eq!(super::event(of_event(event)).unwrap(), event);
        }
        assert_eq!(Disposition::ALL.map(of_disposition).as_slice(), (1..=18).collect::<Vec<_>>());
        assert!(bidden_disposition_slug(0).is_null() && bidden_known_from_slug(0).is_null() && bidden_email_slug(4).is_null());
        assert_eq!(super::status(0).unwrap(), None);
        for number in [-1, 9, i32::MAX] {
            assert_eq!(super::event(number).unwrap_err().fields()[0].field, "event");
        }
    }
}
