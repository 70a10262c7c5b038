//! The law, pure: what the record says of an invitation and what is wished, in; what may be done, out.
//!
//! **Per invitation at most one request that asks the platform for mail ever leaves**, unless the user says `--mail-again`. It is
//! checked on requests sent, not on mails seen. A request answered completely with a 4xx asked for nothing and does not count.

use bidden::operation::{Disposition, Email, Refresh, TestId};
use bidden::{AccessWindow, BaseUrl, Kind, Platform, Repeat, Status, Time};
use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::record::{Deed, Pending, Record, Standing};

/// What the user said yes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
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

impl Consent {
    /// What either of two says yes to.
    #[must_use]
    pub fn or(self, other: Consent) -> Self {
        Consent {
            reopen: self.reopen || other.reopen,
            mail_again: self.mail_again || other.mail_again,
            resend_uncertain: self.resend_uncertain || other.resend_uncertain,
            retry_failed: self.retry_failed || other.retry_failed,
        }
    }

    /// Whether nothing was said yes to.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Consent::default()
    }
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
    /// How the window of one who is there is replaced; `None` where no call of its own does that.
    pub refresh: Option<Box<Refreshing>>,
    /// What the user said yes to.
    pub consent: Consent,
    /// What the platform says now.
    pub sight: Sight,
    /// The version of the record when the platform was asked: what it said says nothing of a record that has moved since.
    pub seen_version: Option<i64>,
    /// Whether the platform is to be asked before anything is done to an invitation that the record holds.
    pub looks_up: bool,
    /// Now.
    pub now: Time,
}

/// How the window of a TestInvite candidate who is there is replaced: by *update candidate* (reference, section 4.3), which mails
/// nobody and changes nothing else.
#[derive(Clone, PartialEq, Debug)]
pub struct Refreshing {
    /// The digest of all that is asked for apart from mail, name and window.
    pub beside_window: Digest,
    /// Where the call goes.
    pub base: BaseUrl,
    /// The task.
    pub test: TestId,
}

impl Wish {
    /// The digest of the request that replaces the window; `None` where there is no such call, or nobody knows the candidate's id.
    #[must_use]
    pub fn refresh_request(&self, standing: &Standing) -> Option<Digest> {
        let refresh = self.refresh.as_ref()?;
        let call = Refresh::new(&refresh.test, standing.invitation_id.as_deref()?, self.window).call();
        call.to_request(&refresh.base).ok().map(|request| Digest(bidden::http::digest(&request)))
    }
}

/// Whether what the law lets go replaces the window of a candidate who is there.
#[must_use]
pub fn is_refresh(wish: &Wish, reason: Reason, is_new: bool) -> bool {
    wish.refresh.is_some() && !is_new && matches!(reason, Reason::Refresh | Reason::Reopen)
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
        Sight::Seen(observed) => settle_by_sight(&mut standing, observed),
        // A candidate who is gone has no window: a change of it that was lost cannot bring him back.
        Sight::Absent if is_refresh_lost(&standing) => {
            (standing.lost, standing.failure) = (None, None);
            standing.disposition = Some(Disposition::Invited);
            (standing.status, standing.platform_status) = (Status::Cancelled, None);
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

fn is_refresh_lost(standing: &Standing) -> bool {
    standing.lost.as_deref().is_some_and(|lost| lost.is_refresh)
}

fn settle_by_sight(standing: &mut Standing, observed: &Observed) {
    let is_other = observed.invitation_id.is_some() && observed.invitation_id != standing.invitation_id;
    let is_waiting = matches!(observed.status, Status::Pending | Status::Unknown);
    let is_refresh_lost = is_refresh_lost(standing);
    if is_refresh_lost && (is_other || !is_waiting) {
        // Nobody knows within which window it was taken up, and it matters no longer.
        (standing.lost, standing.failure, standing.terms) = (None, None, None);
        standing.disposition = Some(Disposition::Invited);
    }
    // The candidate of before is there: a create that was to take his place is refused, or was never there.
    let is_superseded = |lost: &Pending| lost.deed == Deed::Invite && lost.is_new && !is_other && standing.invitation_id.is_some();
    if standing.lost.as_deref().is_some_and(is_superseded) {
        standing.lost = None;
        if !standing.is_cancellation_open() {
            standing.failure = None;
            standing.disposition = Some(Disposition::Invited);
        }
    }
    // The old attempt says nothing of a new one that is lost, and a cancellation that is lost may still arrive.
    let hides_attempt = |lost: &Pending| lost.makes_attempt() && !is_other;
    // A list shows no window: that the candidate is there says nothing of a change of it.
    let is_open = standing.lost.as_deref().is_some_and(|lost| hides_attempt(lost) || lost.is_refresh)
        || (standing.is_cancellation_open() && is_waiting);
    if !is_open {
        if let Some(lost) = standing.lost.take() {
            // Found: what came of the request is certain; whether a mail went out is not.
            (standing.start, standing.end, standing.terms) = (lost.start, lost.end, Some(lost.terms));
            standing.beside_window = lost.beside_window;
            if lost.is_new && is_other {
                standing.is_mailed = lost.asks_for_mail;
                standing.email = if lost.asks_for_mail { Email::Uncertain } else { Email::None };
                (standing.invitation_code, standing.test_url) = (None, None);
            }
            standing.disposition = Some(Disposition::Invited);
            standing.failure = None;
        } else if is_other && standing.invitation_id.is_some() && standing.is_accepted {
            // Another one in its place: nobody knows on which terms.
            standing.terms = None;
        } else if standing.disposition == Some(Disposition::Uncertain) || (!standing.is_accepted && is_passing(standing)) {
            standing.disposition = Some(Disposition::Invited);
            standing.failure = None;
        } else if !standing.is_accepted {
            // What the platform refused is not this record's, whoever made it.
            return;
        }
    }
    standing.is_accepted = true;
    standing.status = observed.status;
    standing.platform_status.clone_from(&observed.platform_status);
    standing.invitation_id = observed.invitation_id.clone().or_else(|| standing.invitation_id.take());
    standing.invitation_code = observed.invitation_code.clone().or_else(|| standing.invitation_code.take());
    standing.test_url = observed.test_url.clone().or_else(|| standing.test_url.take());
}

/// What somebody can do about an invitation of which nobody knows what came.
#[must_use]
pub(crate) fn way_out(standing: &Standing, wish: &Wish) -> String {
    let verdict = match wish.deed {
        Deed::Cancel => judge_cancel(standing, wish),
        Deed::Reattempt => judge_reattempt(standing, wish),
        _ => judge_invite(standing, wish),
    };
    match verdict {
        Verdict::Send { with_mail: true, .. } => "the same again goes under the platform's guard against a second one".to_owned(),
        // What is not known is said already; what can be done stands behind it.
        Verdict::Held(why) | Verdict::Uncertain(why) => match why.split_once("; ") {
            Some((_, way_out)) => way_out.to_owned(),
            None => why,
        },
        _ if wish.deed == Deed::Cancel => "the same again does no harm".to_owned(),
        _ => "the same again asks for no mail".to_owned(),
    }
}

/// Judges a wish on what the record says; `None` when it says nothing. `run` is the plan that it belongs to: one that is continued has
/// its consent to another mail used up where it has asked for one.
#[must_use]
pub fn judge(record: Option<&Record>, wish: &Wish, run: Option<Digest>) -> Verdict {
    let Some(record) = record else { return judge_unknown(wish) };
    if record.standing.pending.is_some() && record.is_live {
        return Verdict::Busy;
    }
    let may_stand = record.standing.is_accepted
        || record.standing.pending.is_some()
        || record.standing.lost.is_some()
        || record.standing.disposition == Some(Disposition::Uncertain);
    if wish.looks_up && may_stand && (wish.sight == Sight::NotAsked || wish.seen_version != Some(record.version)) {
        return Verdict::LookUp;
    }
    let before = record.standing.clone().with_loss();
    let used_up = before.is_mailed_by(run) && wish.consent.mail_again;
    let without = used_up.then(|| Wish { consent: Consent { mail_again: false, ..wish.consent }, ..wish.clone() });
    let wish = without.as_ref().unwrap_or(wish);
    let was_lost = before.lost.as_deref().is_some_and(Pending::makes_attempt);
    let standing = seen(before, &wish.sight);
    match wish.deed {
        // What the lost request was for has come and gone: another attempt is for somebody to decide.
        Deed::Reattempt if was_lost && standing.lost.is_none() && is_over(standing.status) => Verdict::Known(Disposition::AlreadyAttempted),
        Deed::Invite => judge_invite(&standing, wish),
        Deed::Register => judge_register(&standing, wish),
        Deed::Cancel => judge_cancel(&standing, wish),
        Deed::Reattempt => judge_reattempt(&standing, wish),
        Deed::LookUp | Deed::Callback => Verdict::send(false, Reason::New),
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

fn is_over(status: Status) -> bool {
    matches!(status, Status::Complete | Status::TestLeft | Status::Terminated)
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
    // What the user has changed since is another request.
    let may_try = is_passing(standing) || wish.consent.retry_failed || is_another_request(standing, wish);
    match standing.disposition {
        Some(Disposition::Uncertain) => judge_uncertain(standing, wish),
        // A cancellation or a look-up that failed leaves the invitation as it was.
        _ if standing.is_accepted && (standing.failure.is_none() || standing.deed != Some(Deed::Invite)) => judge_standing(standing, wish),
        Some(_) if standing.failure.is_some() && may_try && standing.lost.is_some() => judge_uncertain(standing, wish),
        // What was refused were other terms than these, which hold.
        Some(_) if standing.is_accepted && standing.lost.is_none() && standing.terms == Some(wish.terms) && !may_mail(standing, wish) => {
            judge_standing(standing, wish)
        }
        Some(disposition) if standing.failure.is_some() && !may_try => Verdict::Known(disposition),
        // What failed came after an acceptance: the invitation itself stands.
        Some(_) if standing.is_accepted => judge_standing(standing, wish),
        _ => Verdict::send(may_mail(standing, wish), Reason::New),
    }
}

fn is_another_request(standing: &Standing, wish: &Wish) -> bool {
    let is_refresh = |request| Some(request) == wish.refresh_request(standing);
    standing.request.is_some_and(|request| request != wish.request && request != wish.request_without_mail && !is_refresh(request))
}

/// An answer was lost: the repeating sections of the references (iMocha 21a, TestInvite 3.4, Think Exam 8).
fn judge_uncertain(standing: &Standing, wish: &Wish) -> Verdict {
    if standing.is_cancellation_open() {
        // The invitation would undo a cancellation that perhaps arrived; without a guard it would make a second candidate.
        let is_blind = wish.platform == Platform::TestInvite && wish.repeat == Repeat::Never;
        return if is_blind {
            Verdict::Uncertain("a cancellation of it got no answer; cancel it again first".to_owned())
        } else if wish.consent.reopen {
            let is_new = wish.platform == Platform::TestInvite;
            Verdict::Send { with_mail: may_mail(standing, wish), reason: Reason::Reopen, is_new }
        } else {
            Verdict::Uncertain("a cancellation of it got no answer; --reopen invites again".to_owned())
        };
    }
    if is_refresh_lost(standing) {
        // PATCH is repeated (TestInvite reference, section 3.4).
        let hint = "a change of its window got no answer; repeat that one as it was";
        return refreshed(standing, wish, Reason::Refresh).unwrap_or_else(|| Verdict::Uncertain(hint.to_owned()));
    }
    let lost = standing.lost.as_deref().filter(|lost| lost.deed == Deed::Invite);
    let is_new = lost.is_some_and(|lost| lost.is_new);
    // The mail of the invitation before a delete was another one's.
    let was_asked = lost.filter(|lost| lost.is_new).map_or(standing.is_mailed, |lost| lost.asks_for_mail);
    let may_mail = wish.asks_for_mail && (!was_asked || wish.consent.mail_again);
    let is_same = lost.is_none_or(|lost| lost.request_without_mail == wish.request_without_mail);
    let with_mail = match wish.repeat {
        Repeat::Freely | Repeat::WithoutMail => may_mail,
        // The same body again goes under the platform's own guard and counts as the one request.
        Repeat::Guarded if is_same => may_mail || (wish.asks_for_mail && standing.mailing == Some(wish.request)),
        Repeat::Guarded | Repeat::Never if wish.consent.resend_uncertain => may_mail,
        // Another body may bear another unique id: only the same one is known to be guarded.
        Repeat::Guarded => {
            let hint =
                "nobody can say what came of an earlier, other request; repeat that one as it was, or --resend-uncertain sends this one";
            return Verdict::Uncertain(hint.to_owned());
        }
        Repeat::Never => {
            let hint = "nobody can say what came of the request; look it up on the platform, or --resend-uncertain sends again";
            return Verdict::Uncertain(hint.to_owned());
        }
    };
    Verdict::Send { with_mail, reason: Reason::Resolve, is_new }
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
            // A later window opens it again, without mail.
            _ => refreshed(standing, wish, Reason::Reopen)
                .filter(|_| standing.terms != Some(wish.terms) && !may_mail(standing, wish))
                .unwrap_or_else(|| Verdict::Held("the invitation is expired; cancel it first, then --reopen invites again".to_owned())),
        };
    }
    Verdict::send(may_mail(standing, wish), Reason::Reopen)
}

fn judge_waiting(standing: &Standing, wish: &Wish) -> Verdict {
    let with_mail = may_mail(standing, wish);
    let is_same = standing.terms == Some(wish.terms);
    match wish.platform {
        // One that is lost may have replaced the terms.
        Platform::Imocha if !is_same || standing.lost.is_some() => Verdict::send(with_mail, Reason::Refresh),
        Platform::TestInvite if with_mail => {
            Verdict::Held("TestInvite has no call that mails a candidate who exists already (reference, section 4.5)".to_owned())
        }
        Platform::TestInvite if !is_same || is_refresh_lost(standing) => {
            refreshed(standing, wish, Reason::Refresh).unwrap_or_else(|| Verdict::Held(other_terms(standing).to_owned()))
        }
        Platform::Imocha | Platform::ThinkExam if with_mail => Verdict::send(true, Reason::Mail),
        Platform::Imocha | Platform::ThinkExam | Platform::TestInvite => Verdict::Known(Disposition::Unchanged),
    }
}

/// Replaces the window of a TestInvite candidate who is there, where nothing else differs from the terms that the record knows, and
/// no side of the window is to be taken away: the call has no form for that (reference, section 4.3).
fn refreshed(standing: &Standing, wish: &Wish, reason: Reason) -> Option<Verdict> {
    let refresh = wish.refresh.as_ref()?;
    let is_beside_same = standing.terms.is_some() && standing.beside_window == Some(refresh.beside_window);
    let takes_away = standing.start.is_some() && wish.window.start.is_none() || standing.end.is_some() && wish.window.end.is_none();
    let is_other_lost = standing.lost.as_deref().is_some_and(|lost| !lost.is_refresh);
    if !is_beside_same || takes_away || is_other_lost {
        return None;
    }
    Some(match standing.invitation_id {
        Some(_) => Verdict::send(false, reason),
        None => Verdict::Held("neither the record nor the platform tells the candidate's id, so the window cannot be replaced".to_owned()),
    })
}

/// Why a candidate of TestInvite who is there already is not invited as wished.
#[must_use]
pub(crate) fn other_terms(standing: &Standing) -> &'static str {
    match standing.terms {
        None => "the candidate is there, on terms that the record does not know",
        Some(_) => "terms other than a later or earlier window differ from those the candidate was created with, and no call changes them",
    }
}

fn judge_register(standing: &Standing, wish: &Wish) -> Verdict {
    let is_last = standing.deed == Some(Deed::Register);
    match standing.disposition {
        _ if standing.is_registered => Verdict::Known(Disposition::Unchanged),
        Some(disposition)
            if is_last
                && standing.failure.is_some()
                && !is_passing(standing)
                && !wish.consent.retry_failed
                && !is_another_request(standing, wish) =>
        {
            Verdict::Known(disposition)
        }
        _ => Verdict::send(false, Reason::New),
    }
}

fn judge_cancel(standing: &Standing, wish: &Wish) -> Verdict {
    if standing.is_cancellation_open() && wish.repeat == Repeat::Never {
        return if wish.consent.resend_uncertain {
            Verdict::send(false, Reason::Resolve)
        } else {
            let hint = "nobody can say what came of the cancellation; look it up on the platform, or --resend-uncertain cancels again";
            Verdict::Uncertain(hint.to_owned())
        };
    }
    match standing.status {
        // An invitation that is lost may have opened it again.
        Status::Cancelled if standing.disposition != Some(Disposition::Uncertain) && standing.lost.is_none() => {
            Verdict::Known(Disposition::Cancelled)
        }
        _ => Verdict::send(false, Reason::New),
    }
}

fn judge_reattempt(standing: &Standing, wish: &Wish) -> Verdict {
    if standing.is_cancellation_open() && !wish.consent.reopen {
        return Verdict::Uncertain("a cancellation of it got no answer; --reopen opens it again".to_owned());
    }
    if let Some(lost) = standing.lost.as_deref().filter(|lost| lost.deed == Deed::Reattempt) {
        let was_asked = if lost.is_new { lost.asks_for_mail } else { standing.is_mailed };
        let with_mail = wish.asks_for_mail && (!was_asked || wish.consent.mail_again);
        return Verdict::Send { with_mail, reason: Reason::Resolve, is_new: lost.is_new };
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
            match (standing.terms == Some(wish.terms) && standing.lost.is_none(), with_mail) {
                (true, false) => Verdict::Known(Disposition::Unchanged),
                (true, true) => Verdict::send(true, Reason::Mail),
                (false, with_mail) => Verdict::send(with_mail, Reason::Refresh),
            }
        }
    }
}
