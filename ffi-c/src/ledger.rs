//! The durable record of invitations, and the one path for one person: intent durable, sent, outcome durable.

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::time::SystemTime;

use ::bidden_ledger::{Consent, Invitations, Keys, Ledger, Place};
use bidden::candidate::Candidate;
use bidden::client::{Cancel, Client};
use bidden::operation::{InviteOptions, Outcome, TestId};
use bidden::{Error, Time};

use crate::boundary::{Or, boundary};
use crate::candidate::bidden_candidate;
use crate::client::{bidden_cancel, bidden_client};
use crate::error::bidden_error;
use crate::memory::{self, Output, present};
use crate::numbers::flag;
use crate::outcome::bidden_outcome;
use crate::string::bidden_string;
use crate::typed::Neutral;

/// A durable record of every invitation: *per invitation at most one request that asks the platform for mail ever leaves*, whatever
/// crashes. *Shared*: any number of threads may send through it at once; of several processes one has the file at a time.
pub struct bidden_ledger(Ledger);

impl bidden_ledger {
    /// What it holds.
    pub fn inner(&self) -> &Ledger {
        &self.0
    }
}

/// What is to be done for one candidate: the options of `bidden invite`, in the same words. Zero it, set `size`, then what is
/// needed; everything is read before the function returns. Without any option nobody is mailed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct bidden_operation {
    /// `sizeof (bidden_operation)`.
    pub size: usize,
    /// The test; TestInvite calls it task. Required, but not for registering.
    pub test: *const c_char,
    /// The person. For cancelling and another attempt an address or an external id is enough, and may be left out where
    /// `invitation_id` is given.
    pub candidate: *const bidden_candidate,
    /// Cancelling and another attempt: the platform's id of the invitation; NULL for what the ledger or a look-up says.
    pub invitation_id: *const c_char,
    /// Ends the waits: what is in flight is finished, nothing new is sent. NULL for none.
    pub cancel: *const bidden_cancel,
    /// `BIDDEN_FLAG_…`: whether the platform mails the candidate. Absent is no.
    pub send_email: i32,
    /// iMocha, `BIDDEN_FLAG_…`: whether the instruction page is skipped.
    pub hide_instruction: i32,
    /// Think Exam, `BIDDEN_FLAG_…`: whether the candidate needs no password.
    pub skip_password: i32,
    /// TestInvite, `BIDDEN_FLAG_…`: whether nothing is sent that guards against a second candidate.
    pub no_tracking: i32,
    /// TestInvite: the saved template that is mailed; NULL for none.
    pub email_template: *const c_char,
    /// TestInvite: when it is mailed; `BIDDEN_TIME_ABSENT` for at once.
    pub send_at_seconds: i64,
    /// iMocha: comma-separated addresses told of completion, or `disable`; NULL for the account's own.
    pub stakeholder_emails: *const c_char,
    /// Since when the test may be started; `BIDDEN_TIME_ABSENT` for at once.
    pub start_seconds: i64,
    /// Until when; `BIDDEN_TIME_ABSENT` for the platform's own.
    pub end_seconds: i64,
    /// iMocha: the number of a time zone; 0 for none.
    pub time_zone_id: i64,
    /// Where the platform reports to; NULL for none.
    pub callback_url: *const c_char,
    /// TestInvite: `basic` or `detailed`; NULL for none.
    pub callback_resource: *const c_char,
    /// iMocha: where the candidate is led afterwards; NULL for none.
    pub redirect_url: *const c_char,
    /// iMocha: `disabled`, `image` or `video`; NULL for the test's own.
    pub proctoring: *const c_char,
    /// TestInvite: the language of the interface; NULL for the task's.
    pub language: *const c_char,
    /// TestInvite: an array of ids of programs.
    pub program_ids: *const *const c_char,
    /// How many.
    pub program_id_count: usize,
    /// TestInvite: where the candidate must be unique: `task`, `group`, `labels` or `programs`; NULL for the task.
    pub unique_within: *const c_char,
    /// TestInvite: what the candidate pays, as digits such as `19.90`; NULL for nothing.
    pub price_amount: *const c_char,
    /// Its currency, such as `EUR`. Required with an amount.
    pub price_currency: *const c_char,
    /// Consent, `BIDDEN_FLAG_…`: a cancelled or expired invitation may be opened again.
    pub reopen: i32,
    /// Consent, `BIDDEN_FLAG_…`: a mail may be asked for although one was before.
    pub mail_again: i32,
    /// Consent, `BIDDEN_FLAG_…`: what nobody can say what came of may be sent again, without mail.
    pub resend_uncertain: i32,
    /// Always 0.
    pub reserved: i32,
}

/// A [`bidden_operation`] as core wants it.
pub struct Given<'a> {
    pub client: &'a Client,
    pub test: TestId,
    candidate: Option<&'a bidden_candidate>,
    invitation: Option<&'a str>,
    pub options: String,
    consent: Consent,
    pub cancel: Cancel,
}

impl Given<'_> {
    /// Reads it.
    pub fn read<'a>(client: Option<&'a bidden_client>, operation: *const bidden_operation) -> Result<Given<'a>, Error> {
        let client = &present(client, "client")?.0;
        let given = memory::read_growing(operation)?;
        memory::reserved(given.reserved)?;
        let mut options = Neutral::default();
        options.flag("send_email", given.send_email)?;
        options.flag("hide_instruction", given.hide_instruction)?;
        options.flag("skip_password", given.skip_password)?;
        options.flag("no_tracking", given.no_tracking)?;
        options.text("email_template", given.email_template)?;
        options.time("send_at", given.send_at_seconds)?;
        options.text("stakeholder_emails", given.stakeholder_emails)?;
        options.time("start", given.start_seconds)?;
        options.time("end", given.end_seconds)?;
        options.number("time_zone_id", given.time_zone_id);
        options.text("callback_url", given.callback_url)?;
        options.text("callback_resource", given.callback_resource)?;
        options.text("redirect_url", given.redirect_url)?;
        options.text("proctoring", given.proctoring)?;
        options.text("language", given.language)?;
        options.texts("program_ids", given.program_ids, given.program_id_count)?;
        options.text("unique_within", given.unique_within)?;
        let mut price = Neutral::default();
        price.text("amount", given.price_amount)?;
        price.text("currency", given.price_currency)?;
        options.nested("price", price)?;
        let yes = |number, argument| Ok::<_, Error>(flag(number, argument)?.unwrap_or_default());
        Ok(Given {
            client,
            test: TestId::from(memory::optional_text(given.test, "test")?.unwrap_or_default()),
            candidate: memory::lent(given.candidate, "candidate")?,
            invitation: memory::optional_text(given.invitation_id, "invitation_id")?,
            options: options.finish(std::ptr::null())?,
            consent: Consent {
                reopen: yes(given.reopen, "reopen")?,
                mail_again: yes(given.mail_again, "mail_again")?,
                resend_uncertain: yes(given.resend_uncertain, "resend_uncertain")?,
                ..Consent::default()
            },
            cancel: memory::lent(given.cancel, "cancel")?.map_or_else(Cancel::default, |cancel| cancel.0.clone()),
        })
    }

    /// The candidate and the options, for what needs the whole person.
    pub fn person(&self) -> Result<(Candidate, InviteOptions), Error> {
        let candidate = present(self.candidate, "candidate")?;
        let now = Time::from(SystemTime::now());
        InviteOptions::with_candidate(&self.options, &candidate.row(), self.client.platform(), now)
    }

    /// By what the candidate is known, for what needs no more.
    fn keys(&self) -> Keys {
        self.candidate.map(|candidate| Keys::of_row(&candidate.row())).unwrap_or_default()
    }

    /// What goes through the ledger at a place, as the operation says.
    pub fn invitations(&self, ledger: &Ledger, place: &Place) -> Result<Invitations<&Client>, Error> {
        Ok(ledger.one(self.client, place, self.consent)?.with_cancel(self.cancel.clone()))
    }
}

fn put(outcome: Output<'_, Option<Box<bidden_outcome>>>, came: Outcome) -> Result<(), Error> {
    outcome.put(Some(Box::new(bidden_outcome(came.tried()?))));
    Ok(())
}

/// Opens a ledger in a file, which is made when it is missing, readable by its owner only. It has a thread of its own. Free it
/// with `bidden_ledger_free`.
///
/// `storage`: the file cannot be opened or written, is in use by another process, or was written by a newer version.
/// `configuration`: an address of PostgreSQL, which libbidden does not know.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_open(
    location: *const c_char,
    ledger: Option<&mut MaybeUninit<Option<Box<bidden_ledger>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let ledger = Output::new(ledger, "ledger")?;
        ledger.put(Some(Box::new(bidden_ledger(Ledger::open(memory::text(location, "location")?)?))));
        Ok(())
    })
}

/// The same ledger for another account, a name of the caller's that is never made from a key; `bidden_ledger_open` opens it for
/// `default`. An invitation of one account is none of another's. Free it with `bidden_ledger_free`; the file is open until the
/// last one is freed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_account(
    ledger: Option<&bidden_ledger>,
    name: *const c_char,
    other: Option<&mut MaybeUninit<Option<Box<bidden_ledger>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let other = Output::new(other, "other")?;
        other.put(Some(Box::new(bidden_ledger(present(ledger, "ledger")?.0.account(memory::text(name, "name")?)))));
        Ok(())
    })
}

/// Where the record is kept. Absent for NULL. Free it with `bidden_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_location(ledger: Option<&bidden_ledger>) -> bidden_string {
    boundary(Or(bidden_string::default()), || ledger.map(|ledger| ledger.0.location()).into())
}

/// Closes a ledger. What a function that has returned wrote is on the disk already. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_free(ledger: Option<Box<bidden_ledger>>) {
    boundary(Or(()), || drop(ledger))
}

/// Invites a candidate, at most once with a mail, however often it is called; what the platform refused goes again. On Think
/// Exam a candidate whom the ledger does not know is registered first. Blocks. What the platform says, and what the ledger
/// holds back, is the outcome; free it with `bidden_outcome_free`.
///
/// `storage`; `invalid-input` and `configuration`, when they keep the invitation from being tried.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_invite(
    ledger: Option<&bidden_ledger>,
    client: Option<&bidden_client>,
    operation: *const bidden_operation,
    outcome: Option<&mut MaybeUninit<Option<Box<bidden_outcome>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let outcome = Output::new(outcome, "outcome")?;
        let ledger = &present(ledger, "ledger")?.0;
        let given = Given::read(client, operation)?;
        let (candidate, options) = given.person()?;
        let place = ledger.place_of(given.client, &given.test, Some((&candidate, &options)));
        put(outcome, given.invitations(ledger, &place)?.invite(&candidate, &options)?)
    })
}

/// Withdraws the invitation of a candidate: iMocha cancels it, Think Exam takes the test back, TestInvite deletes the candidate.
/// Of the members `test`, `candidate`, `invitation_id`, `cancel` and the consents count. Blocks. Free the outcome with
/// `bidden_outcome_free`.
///
/// `storage`; `invalid-input` and `configuration`, when they keep it from being tried.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_cancel(
    ledger: Option<&bidden_ledger>,
    client: Option<&bidden_client>,
    operation: *const bidden_operation,
    outcome: Option<&mut MaybeUninit<Option<Box<bidden_outcome>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let outcome = Output::new(outcome, "outcome")?;
        let ledger = &present(ledger, "ledger")?.0;
        let given = Given::read(client, operation)?;
        let place = ledger.place_of(given.client, &given.test, None);
        put(outcome, given.invitations(ledger, &place)?.cancel(&given.keys(), given.invitation)?)
    })
}

/// Allows a candidate another attempt (iMocha), which is a new invitation. `start_seconds`, `end_seconds` and `time_zone_id` are
/// required. Blocks. Free the outcome with `bidden_outcome_free`.
///
/// `storage`; `invalid-input` and `configuration`, when they keep it from being tried.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_reattempt(
    ledger: Option<&bidden_ledger>,
    client: Option<&bidden_client>,
    operation: *const bidden_operation,
    outcome: Option<&mut MaybeUninit<Option<Box<bidden_outcome>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let outcome = Output::new(outcome, "outcome")?;
        let ledger = &present(ledger, "ledger")?.0;
        let given = Given::read(client, operation)?;
        let options = InviteOptions::from_json(&given.options)?;
        let place = ledger.place_of(given.client, &given.test, None);
        put(outcome, given.invitations(ledger, &place)?.reattempt(&given.keys(), given.invitation, &options)?)
    })
}

/// Registers a candidate (Think Exam), unless the ledger knows that he is. Of the members `candidate` and `cancel` count.
/// Blocks. Free the outcome with `bidden_outcome_free`.
///
/// `storage`; `invalid-input` and `configuration`, when they keep it from being tried.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_register(
    ledger: Option<&bidden_ledger>,
    client: Option<&bidden_client>,
    operation: *const bidden_operation,
    outcome: Option<&mut MaybeUninit<Option<Box<bidden_outcome>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let outcome = Output::new(outcome, "outcome")?;
        let ledger = &present(ledger, "ledger")?.0;
        let given = Given::read(client, operation)?;
        let (candidate, options) = given.person()?;
        let place = ledger.place_of(given.client, &TestId::from(""), None);
        put(outcome, given.invitations(ledger, &place)?.register_one(&candidate, &options)?)
    })
}

/// Every invitation of an address with all its operations, as a JSON array: the proof of what was asked for, when, and what came
/// of it. It holds personal data and links, no secrets. Free it with `bidden_string_free`.
///
/// `storage`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_ledger_history_json(
    ledger: Option<&bidden_ledger>,
    email: *const c_char,
    json: Option<&mut MaybeUninit<bidden_string>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let json = Output::new(json, "json")?;
        let history = present(ledger, "ledger")?.0.history_json(memory::text(email, "email")?)?;
        json.put(history.as_str().into());
        Ok(())
    })
}
