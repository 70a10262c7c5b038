//! The law, pure: what the record says of an invitation and what is wished, in; what may be done, out.
//!
//! **Per invitation at most one request that asks the platform for mail ever leaves**, unless the user says `--mail-again`. It is
//! checked on requests sent, not on mails seen. A request answered completely with a 4xx asked for nothing and does not count.

use bidden::operation::Disposition;
use bidden::{AccessWindow, Kind, Platform, Repeat, Status, Time};

use crate::Digest;
use crate::record::{Deed, Record, Standing};

/// What the user said yes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Consent {
    /// A cancelled or expired invitation may be opened again.
    pub reopen: bool,
    /// A mail may be asked for although one was before.
    pub mail_again: bool,
    /// An uncertain row may be sent again, without mail.
    pub resend_uncertain: bool,
    /// A row that the platform refused may be sent again.
    pub retry_failed: bool,
}

/// What a look-up saw of an invitation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observed {
    /// Where it stands.
    pub status: Status,
    /// The platform's own word.
    pub platform_status: Option<String>,
    /// The platform's id.
    pub invitation_id: Option<String>,
    /// TestInvite: the code the candidate logs in with.
    pub invitation_code: Option<String>,
    /// What the candidate opens.
    pub test_url: Option<String>,
}

/// What the platform says of an invitation now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Sight {
    /// Nobody asked, or the platform cannot be asked.
    #[default]
    NotAsked,
    /// It shows the invitation.
    Seen(Box<Observed>),
    /// It does not show it, in lists that hold finished, cancelled and expired ones only (iMocha): waiting, running, or none.
    NotListed,
    /// It does not show it, in a list that holds all (TestInvite).
    Absent,
}

/// What is wished for an invitation.
#[derive(Clone, PartialEq, Debug)]
pub struct Wish {
    /// What is to be done.
    pub deed: Deed,
    /// On which platform.
    pub platform: Platform,
    /// Whether a mail is wished.
    pub asks_for_mail: bool,
    /// How the call may be repeated.
    pub repeat: Repeat,
    /// The digest of the request as wished.
    pub request: Digest,
    /// The digest of the same request asking for no mail.
    pub request_without_mail: Digest,
    /// The digest of all that is asked for apart from mail and name.
    pub terms: Digest,
    /// The access window.
    pub window: AccessWindow,
    /// What the user said yes to.
    pub consent: Consent,
    /// What the platform says now.
    pub sight: Sight,
    /// Whether the platform is to be asked before anything is done to an invitation that the record holds.
    pub looks_up: bool,
    /// Now.
    pub now: Time,
}

/// Why something is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Nothing was sent for it before, or only what was refused.
    New,
    /// The window or other terms are replaced.
    Refresh,
    /// It was cancelled or expired.
    Reopen,
    /// It waits; the candidate is mailed now.
    Mail,
    /// An answer was lost; this asks again what came of it.
    Resolve,
    /// A new attempt.
    NewAttempt,
}

/// What the law says.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// Send it.
    Send {
        /// Whether it may ask for mail.
        with_mail: bool,
        /// Why.
        reason: Reason,
        /// Whether it makes a new invitation, whose mail is its own.
        is_new: bool,
    },
    /// Nothing is to be done: the record, or what was seen, answers.
    Known(Disposition),
    /// Nothing is done until somebody decides.
    Held(String),
    /// Nobody can say what came of an earlier request, and none may be sent.
    Uncertain(String),
    /// Another worker is sending it now.
    Busy,
    /// The record holds it: the platform is to be asked first.
    LookUp,
}

impl Verdict {
    fn send(with_mail: bool, reason: Reason) -> Self {
        Verdict::Send { with_mail, reason, is_new: false }
    }
}

/// What the record says after what was seen: the standing to judge and to write.
#[must_use]
pub fn seen(mut standing: Standing, sight: &Sight) -> Standing {
    match sight {
        Sight::NotAsked | Sight::NotListed => {}
        Sight::Seen(observed) => {
            let was_uncertain = standing.disposition == Some(Disposition::Uncertain);
            if was_uncertain || !standing.is_accepted {
                // Found: what came of the request is certain; whether a mail went out is not.
                standing.disposition = Some(Disposition::Invited);
                standing.failure = None;
            }
            standing.is_accepted = true;
            standing.status = observed.status;
            standing.platform_status.clone_from(&observed.platform_status);
            standing.invitation_id = observed.invitation_id.clone().or(standing.invitation_id);
            standing.invitation_code = observed.invitation_code.clone().or(standing.invitation_code);
            standing.test_url = observed.test_url.clone().or(standing.test_url);
        }
        // A look-up that finds nothing settles nothing: a slow first request may still arrive.
        Sight::Absent if standing.is_accepted && standing.disposition != Some(Disposition::Uncertain) => {
            standing.status = Status::Cancelled;
            standing.platform_status = None;
        }
        Sight::Absent => {}
    }
    standing
}

/// Judges a wish on what the record says; `None` when it says nothing.
#[must_use]
pub fn judge(record: Option<&Record>, wish: &Wish) -> Verdict {
    let Some(record) = record else { return judge_unknown(wish) };
    if record.standing.pending.is_some() && record.is_live {
        return Verdict::Busy;
    }
    let may_stand =
        record.standing.is_accepted || record.standing.pending.is_some() || record.standing.disposition == Some(Disposition::Uncertain);
    if wish.looks_up && may_stand && wish.sight == Sight::NotAsked {
        return Verdict::LookUp;
    }
    let standing = seen(record.standing.clone().with_loss(), &wish.sight);
    match wish.deed {
        Deed::Invite => judge_invite(&standing, wish),
        Deed::Register => judge_register(&standing, wish),
        Deed::Cancel => judge_cancel(&standing, wish),
        Deed::Reattempt => judge_reattempt(&standing, wish),
        Deed::LookUp => Verdict::send(false, Reason::New),
    }
}

fn judge_unknown(wish: &Wish) -> Verdict {
    match wish.deed {
        Deed::Reattempt => Verdict::send(wish.asks_for_mail, Reason::NewAttempt),
        _ => Verdict::send(wish.asks_for_mail, Reason::New),
    }
}

/// Whether the law lets this wish ask for mail.
fn may_mail(standing: &Standing, wish: &Wish) -> bool {
    wish.asks_for_mail && (!standing.is_mailed || wish.consent.mail_again)
}

/// Whether a plain second run sends again what failed so: nothing was accepted, and the reason lay not in the row.
fn is_passing(standing: &Standing) -> bool {
    let kind = standing.failure.as_ref().map(crate::record::Failure::kind);
    !matches!(kind, Some(Kind::InvalidInput | Kind::Refused | Kind::Rejected | Kind::Duplicate | Kind::Uncertain))
}

/// The status that somebody sees who looks now.
fn status_at(standing: &Standing, wish: &Wish) -> Status {
    let rules = bidden::lifecycle::Rules::of(wish.platform);
    bidden::lifecycle::state_at(rules, Some(standing.status), Some(&standing.window()), wish.now).unwrap_or(standing.status)
}

fn judge_invite(standing: &Standing, wish: &Wish) -> Verdict {
    match standing.disposition {
        Some(Disposition::Uncertain) => judge_uncertain(standing, wish),
        // A cancellation or a look-up that failed leaves the invitation as it was.
        _ if standing.is_accepted && (standing.failure.is_none() || standing.deed != Some(Deed::Invite)) => judge_standing(standing, wish),
        None => Verdict::send(may_mail(standing, wish), Reason::New),
        Some(_) if standing.failure.is_none() => Verdict::send(may_mail(standing, wish), Reason::New),
        Some(disposition) if is_passing(standing) || wish.consent.retry_failed => {
            if standing.is_accepted && disposition != Disposition::Duplicate {
                // What failed came after an acceptance: the invitation itself stands.
                return judge_standing(standing, wish);
            }
            Verdict::send(may_mail(standing, wish), Reason::New)
        }
        // What the user has changed since is another request.
        Some(_) if is_another_request(standing, wish) => Verdict::send(may_mail(standing, wish), Reason::New),
        Some(disposition) => Verdict::Known(disposition),
    }
}

fn is_another_request(standing: &Standing, wish: &Wish) -> bool {
    standing.request.is_some_and(|request| request != wish.request && request != wish.request_without_mail)
}

/// An answer was lost: the repeating sections of the references (iMocha 21a, TestInvite 3.4, Think Exam 8).
fn judge_uncertain(standing: &Standing, wish: &Wish) -> Verdict {
    if standing.deed == Some(Deed::Cancel) {
        // The invitation would undo a cancellation that perhaps arrived.
        return if wish.consent.reopen {
            Verdict::send(may_mail(standing, wish), Reason::Reopen)
        } else {
            Verdict::Uncertain("a cancellation of it got no answer; --reopen invites again".to_owned())
        };
    }
    let with_mail = match wish.repeat {
        Repeat::Freely | Repeat::WithoutMail => may_mail(standing, wish),
        // The same body again goes under the platform's own guard and counts as the one request.
        Repeat::Guarded => wish.asks_for_mail && (!standing.is_mailed || standing.mailing == Some(wish.request) || wish.consent.mail_again),
        Repeat::Never if wish.consent.resend_uncertain => may_mail(standing, wish),
        Repeat::Never => {
            let hint = "nobody can say what came of the request; look it up on the platform, or --resend-uncertain sends again";
            return Verdict::Uncertain(hint.to_owned());
        }
    };
    Verdict::send(with_mail, Reason::Resolve)
}

/// The platform accepted it once; where it stands now decides.
fn judge_standing(standing: &Standing, wish: &Wish) -> Verdict {
    match status_at(standing, wish) {
        Status::Complete | Status::TestLeft | Status::Terminated => Verdict::Known(Disposition::AlreadyAttempted),
        Status::InProgress => Verdict::Known(Disposition::InProgress),
        closed @ (Status::Cancelled | Status::Expired) => judge_closed(standing, closed, wish),
        Status::Pending | Status::Unknown => judge_waiting(standing, wish),
    }
}

fn judge_closed(standing: &Standing, status: Status, wish: &Wish) -> Verdict {
    if !wish.consent.reopen {
        return Verdict::Held(format!("the invitation is {status}; --reopen invites again"));
    }
    if wish.platform == Platform::TestInvite {
        return match status {
            // A create after a delete is a new invitation (TestInvite reference, R8).
            Status::Cancelled => Verdict::Send { with_mail: wish.asks_for_mail, reason: Reason::Reopen, is_new: true },
            _ => Verdict::Held("the invitation is expired; cancel it first, then --reopen invites again".to_owned()),
        };
    }
    Verdict::send(may_mail(standing, wish), Reason::Reopen)
}

fn judge_waiting(standing: &Standing, wish: &Wish) -> Verdict {
    let with_mail = may_mail(standing, wish);
    let is_same = standing.terms == Some(wish.terms);
    match wish.platform {
        Platform::Imocha if !is_same => Verdict::send(with_mail, Reason::Refresh),
        Platform::TestInvite if !is_same => {
            Verdict::Held("window or other terms differ from those the candidate was created with, and no call changes them yet".to_owned())
        }
        Platform::TestInvite if with_mail => {
            Verdict::Held("TestInvite has no call that mails a candidate who exists already (reference, section 4.5)".to_owned())
        }
        Platform::Imocha | Platform::ThinkExam if with_mail => Verdict::send(true, Reason::Mail),
        Platform::Imocha | Platform::ThinkExam | Platform::TestInvite => Verdict::Known(Disposition::Unchanged),
    }
}

fn judge_register(standing: &Standing, wish: &Wish) -> Verdict {
    match standing.disposition {
        _ if standing.is_registered => Verdict::Known(Disposition::Unchanged),
        Some(disposition)
            if standing.failure.is_some() && !is_passing(standing) && !wish.consent.retry_failed && !is_another_request(standing, wish) =>
        {
            Verdict::Known(disposition)
        }
        _ => Verdict::send(false, Reason::New),
    }
}

fn judge_cancel(standing: &Standing, wish: &Wish) -> Verdict {
    if standing.disposition == Some(Disposition::Uncertain) && standing.deed == Some(Deed::Cancel) && wish.repeat == Repeat::Never {
        return if wish.consent.resend_uncertain {
            Verdict::send(false, Reason::Resolve)
        } else {
            let hint = "nobody can say what came of the cancellation; look it up on the platform, or --resend-uncertain cancels again";
            Verdict::Uncertain(hint.to_owned())
        };
    }
    match standing.status {
        Status::Cancelled => Verdict::Known(Disposition::Cancelled),
        _ => Verdict::send(false, Reason::New),
    }
}

fn judge_reattempt(standing: &Standing, wish: &Wish) -> Verdict {
    if standing.disposition == Some(Disposition::Uncertain) && standing.deed == Some(Deed::Reattempt) {
        return Verdict::send(may_mail(standing, wish), Reason::Resolve);
    }
    match status_at(standing, wish) {
        Status::Complete | Status::TestLeft | Status::Terminated => {
            Verdict::Send { with_mail: wish.asks_for_mail, reason: Reason::NewAttempt, is_new: true }
        }
        Status::InProgress => Verdict::Known(Disposition::InProgress),
        closed @ (Status::Cancelled | Status::Expired) if !wish.consent.reopen => {
            Verdict::Held(format!("the invitation is {closed}; --reopen opens it again"))
        }
        Status::Cancelled | Status::Expired => Verdict::send(may_mail(standing, wish), Reason::Reopen),
        Status::Pending | Status::Unknown => {
            let with_mail = may_mail(standing, wish);
            match (standing.terms == Some(wish.terms), with_mail) {
                (true, false) => Verdict::Known(Disposition::Unchanged),
                (true, true) => Verdict::send(true, Reason::Mail),
                (false, with_mail) => Verdict::send(with_mail, Reason::Refresh),
            }
        }
    }
}
