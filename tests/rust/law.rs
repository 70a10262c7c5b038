//! The law over the real ledger and a platform that may do anything: lost answers, crashes, second workers, somebody else's
//! cancellations, requests that arrive late. After every step at most one request for mail has left per invitation.

mod simulated;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

use bidden::candidate::email_key;
use bidden::operation::{Disposition, Email, InviteOptions, Outcome, TestId};
use bidden::{AccessWindow, Candidate, Event, Platform, Status, Time};
use bidden_ledger::{Consent, Keys, Ledger};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use simulated::{Fault, Simulated, World, base};

/// What a worker does to one person.
#[derive(Clone, Debug)]
struct Act {
    person: usize,
    deed: Deed,
    consent: Consent,
    faults: Vec<Fault>,
    is_blind: bool,
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Invite { mail: bool, window: u8 },
    Cancel,
    Reattempt { mail: bool, window: u8 },
}

/// What happens in the middle of an act.
#[derive(Clone, Debug)]
enum Interruption {
    /// The process ends.
    Crash,
    /// Another thread of the same process.
    SecondWorker(Act),
    /// Another process, after the lease of the first ran out: it is woken when the other is done.
    TakenOver(Act),
    /// Somebody else.
    Somebody(usize, Event),
    /// A request that timed out takes effect.
    Late(usize),
}

#[derive(Clone, Debug)]
enum Step {
    Act(Act),
    /// At this call of the act, before it is sent or after.
    Interrupted(Act, usize, bool, Interruption),
    Somebody(usize, Event),
    Late(usize),
    Reopen,
}

/// The payload with which a process ends.
struct Crash;

struct Machine {
    platform: Platform,
    is_tracked: bool,
    world: RefCell<World>,
    ledger: RefCell<Option<Ledger>>,
    folder: tempfile::TempDir,
    /// A crash takes back what was written since the act began: as if the intent were written with the outcome.
    writes_intent_late: bool,
    faults: RefCell<Vec<String>>,
}

const ADDRESSES: [&str; 2] = ["Ada@people.example", "alan@people.example"];

fn window(number: u8) -> AccessWindow {
    let start = Time::from_seconds(4_000_000_000);
    AccessWindow { start: Some(start), end: Some(Time::from_seconds(4_100_000_000 + i64::from(number) * 1000)) }
}

impl Machine {
    fn new(platform: Platform, is_tracked: bool, writes_intent_late: bool) -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let machine = Machine {
            platform,
            is_tracked,
            world: RefCell::new(World::new(platform)),
            ledger: RefCell::new(None),
            folder,
            writes_intent_late,
            faults: RefCell::default(),
        };
        machine.open();
        machine
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    fn open(&self) {
        *self.ledger.borrow_mut() = None;
        *self.ledger.borrow_mut() = Some(Ledger::open(self.path()).unwrap());
    }

    fn options(&self, mail: bool, number: u8) -> InviteOptions {
        let window = if self.platform == Platform::ThinkExam { AccessWindow::default() } else { window(number) };
        let options = InviteOptions { window, ..InviteOptions::default() };
        match self.platform {
            Platform::TestInvite => {
                InviteOptions { email_template: mail.then(|| "welcome".to_owned()), no_tracking: !self.is_tracked, ..options }
            }
            Platform::Imocha => InviteOptions { send_email: mail, time_zone_id: Some(1720), ..options },
            Platform::ThinkExam => InviteOptions { send_email: mail, ..options },
        }
    }

    /// Runs an act as the process does, which an interruption may end.
    fn run(&self, act: &Act, interruption: Option<(usize, bool, Interruption)>) {
        let snapshot = self.writes_intent_late.then(|| self.copy_out());
        let ledger = self.ledger.borrow().clone().unwrap();
        let result = catch_unwind(AssertUnwindSafe(|| self.perform(&ledger, act, interruption)));
        drop(ledger);
        if let Err(payload) = result {
            if !payload.is::<Crash>() {
                resume_unwind(payload);
            }
            *self.ledger.borrow_mut() = None;
            if let Some(snapshot) = snapshot {
                self.copy_back(&snapshot);
            }
            self.open();
        }
    }

    const FILES: [&str; 2] = ["ledger.db", "ledger.db-wal"];

    fn copy_out(&self) -> Vec<Option<Vec<u8>>> {
        Self::FILES.iter().map(|name| std::fs::read(self.folder.path().join(name)).ok()).collect()
    }

    fn copy_back(&self, snapshot: &[Option<Vec<u8>>]) {
        let _ = std::fs::remove_file(self.folder.path().join("ledger.db-shm"));
        for (name, bytes) in Self::FILES.iter().zip(snapshot) {
            let path = self.folder.path().join(name);
            match bytes {
                Some(bytes) => std::fs::write(path, bytes).unwrap(),
                None => drop(std::fs::remove_file(path)),
            }
        }
    }

    fn perform(&self, ledger: &Ledger, act: &Act, interruption: Option<(usize, bool, Interruption)>) -> Outcome {
        let is_interrupted = Cell::new(false);
        let mut waiting = interruption;
        let hook = |number: usize, is_sent: bool| {
            if waiting.as_ref().is_some_and(|(at, after, _)| *at == number && *after == is_sent)
                && let Some((_, _, interruption)) = waiting.take()
            {
                is_interrupted.set(true);
                self.interrupt(ledger, act, interruption);
            }
        };
        let sender = Simulated {
            world: &self.world,
            base: base(),
            faults: RefCell::new(VecDeque::from(act.faults.clone())),
            is_blind: act.is_blind,
            is_again: act.consent.mail_again,
            began: self.world.borrow().requests_for_mail(),
            calls: Cell::new(0),
            hook: RefCell::new(Box::new(hook)),
        };
        let address = ADDRESSES[act.person];
        let candidate = Candidate::new(address).unwrap().name("Ada Lovelace").unwrap();
        let test = TestId::from(292_930);
        let place = ledger.place_of(&sender, &test, None);
        let invitations = ledger.invitations(&sender, &place).unwrap().with_consent(act.consent);
        let keys = Keys::of_email(address);
        let outcome = match act.deed {
            Deed::Invite { mail, window } => invitations.invite(&candidate, &self.options(mail, window)).unwrap(),
            Deed::Cancel => invitations.cancel(&keys, None).unwrap(),
            Deed::Reattempt { mail, window } => invitations.reattempt(&keys, None, &self.options(mail, window)).unwrap(),
        };
        if !is_interrupted.get() {
            self.check_truth(act, &outcome);
        }
        outcome
    }

    fn interrupt(&self, ledger: &Ledger, interrupted: &Act, interruption: Interruption) {
        match interruption {
            Interruption::Crash => resume_unwind(Box::new(Crash)),
            Interruption::SecondWorker(act) => drop(self.perform(ledger, &act, None)),
            Interruption::TakenOver(act) => {
                // The lease of a SQLite ledger is its lock file: without it the next opener takes the first for gone.
                std::fs::remove_file(self.folder.path().join("ledger.db.lock")).unwrap();
                let next = Ledger::open(self.path()).unwrap();
                self.perform(&next, &act, None);
                *self.ledger.borrow_mut() = Some(next);
                // What the first sends now is like a request that was late: the other has answered for the row.
                self.world.borrow_mut().touch(Some(email_key(ADDRESSES[interrupted.person])));
            }
            Interruption::Somebody(person, event) => self.world.borrow_mut().happens(&email_key(ADDRESSES[person]), event),
            Interruption::Late(index) => self.world.borrow_mut().finish_late(index),
        }
    }

    fn step(&self, step: &Step) {
        match step {
            Step::Act(act) => self.run(act, None),
            Step::Interrupted(act, at, after, interruption) => self.run(act, Some((*at, *after, interruption.clone()))),
            Step::Somebody(person, event) => self.world.borrow_mut().happens(&email_key(ADDRESSES[*person]), *event),
            Step::Late(index) => self.world.borrow_mut().finish_late(*index),
            Step::Reopen => self.open(),
        }
    }

    /// What the ledger says when it is done is so, as far as anybody can know.
    fn check_truth(&self, act: &Act, outcome: &Outcome) {
        let world = self.world.borrow();
        let person = email_key(ADDRESSES[act.person]);
        let newest = world.newest(&person);
        let status = newest.map(|invitation| invitation.status);
        let fault = |what: &str| self.faults.borrow_mut().push(format!("{what}: {act:?} came to {outcome:?}, the platform has {newest:?}"));
        use Disposition::{AlreadyAttempted, Cancelled, Created, InProgress, Invited, Refreshed, Reopened, Unchanged};
        let says_invited = matches!(outcome.disposition, Invited | Created | Refreshed | Reopened | Unchanged);
        let is_known = says_invited || matches!(outcome.disposition, InProgress | AlreadyAttempted);
        if is_known && outcome.email == Email::None && says_invited && world.is_asked(&person) {
            fault("a mail was asked for");
        }
        if matches!(outcome.email, Email::Asked | Email::Scheduled) && is_known && !world.is_asked(&person) && !world.is_excused(&person) {
            fault("no mail was asked for");
        }
        if world.is_excused(&person) && self.platform == Platform::ThinkExam {
            return;
        }
        if world.is_excused(&person) && self.platform == Platform::Imocha && says_invited && status == Some(Status::Complete) {
            // A list says so at the next look.
            return;
        }
        if says_invited && !world.is_excused(&person) && !matches!(status, Some(Status::Pending | Status::InProgress)) {
            fault("nobody is invited");
        }
        if let (true, Deed::Invite { window: number, .. } | Deed::Reattempt { window: number, .. }) = (says_invited, act.deed)
            && self.platform != Platform::ThinkExam
            && !world.is_excused(&person)
            && newest.is_some_and(|invitation| {
                invitation.status == Status::Pending && invitation.end != window(number).end.map(Time::milliseconds)
            })
        {
            fault("another window");
        }
        if outcome.disposition == Cancelled && !world.is_excused(&person) && status == Some(Status::Pending) {
            fault("somebody is invited");
        }
        if outcome.disposition == AlreadyAttempted
            && !world.is_excused(&person)
            && status != Some(Status::Complete)
            && status != Some(Status::TestLeft)
        {
            fault("nobody has attempted");
        }
    }

    /// When everything works again, every row comes to an end that is known.
    fn settle(&self) {
        self.world.borrow_mut().finish_all_late();
        self.open();
        for (person, _) in ADDRESSES.iter().enumerate() {
            let consent = Consent { reopen: true, resend_uncertain: true, retry_failed: true, mail_again: false };
            let act = |deed| Act { person, deed, consent, faults: Vec::new(), is_blind: false };
            let ledger = self.ledger.borrow().clone().unwrap();
            let invite = || self.perform(&ledger, &act(Deed::Invite { mail: true, window: 0 }), None);
            let mut outcome = invite();
            if outcome.disposition == Disposition::Uncertain {
                self.perform(&ledger, &act(Deed::Cancel), None);
                outcome = invite();
            }
            let is_settled = match outcome.disposition {
                Disposition::Held => {
                    let is_unknown = outcome.error.as_ref().is_some_and(|error| error.message().contains("does not know"));
                    self.platform == Platform::TestInvite && (!self.is_tracked || is_unknown || self.has_other_terms(person))
                }
                Disposition::AlreadyAttempted => true,
                disposition => disposition.exit_code() == 0,
            };
            if !is_settled {
                let newest = self.world.borrow().newest(&email_key(ADDRESSES[person])).cloned();
                let history: Vec<_> = ledger
                    .history(ADDRESSES[person])
                    .unwrap()
                    .into_iter()
                    .flat_map(|entry| entry.operations)
                    .map(|operation| (operation.deed.slug(), operation.asks_for_mail, operation.outcome, operation.error_kind))
                    .collect();
                self.faults.borrow_mut().push(format!("not settled: {outcome:?}, the platform has {newest:?}, the record {history:?}"));
            }
        }
    }

    fn has_other_terms(&self, person: usize) -> bool {
        let world = self.world.borrow();
        // A mail cannot be asked for afterwards (TestInvite reference, section 4.5).
        world.newest(&email_key(ADDRESSES[person])).is_some_and(|invitation| {
            invitation.end != window(0).end.map(Time::milliseconds)
                || !world.is_asked(&invitation.person)
                || world.is_excused(&invitation.person)
        })
    }

    fn verdict(&self) -> Result<(), TestCaseError> {
        if let Some(violation) = self.world.borrow().violations.first() {
            return Err(TestCaseError::fail(format!("the law: {violation}")));
        }
        match self.faults.borrow().first() {
            Some(fault) => Err(TestCaseError::fail(format!("the truth: {fault}"))),
            None => Ok(()),
        }
    }
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::LostAfter),
        2 => Just(Fault::LostBefore),
        3 => Just(Fault::Late),
        1 => Just(Fault::None),
        1 => Just(Fault::NotSent),
        1 => Just(Fault::Refused),
        1 => Just(Fault::RateLimited),
        1 => Just(Fault::Unavailable),
        1 => Just(Fault::UnavailableAfter),
        1 => Just(Fault::Garbled),
    ]
}

/// What becomes of the tries of one act: mostly nothing, now and then the same five times, so that the client gives up.
fn faults() -> impl Strategy<Value = Vec<Fault>> {
    prop_oneof![
        3 => Just(Vec::new()),
        2 => proptest::collection::vec(fault(), 1..6),
        2 => fault().prop_map(|fault| vec![fault; 5]),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let mail = || proptest::bool::weighted(0.7);
    let window = || prop_oneof![4 => Just(0_u8), 1 => Just(1_u8)];
    let deed = prop_oneof![
        5 => (mail(), window()).prop_map(|(mail, window)| Deed::Invite { mail, window }),
        1 => Just(Deed::Cancel),
        2 => (mail(), window()).prop_map(|(mail, window)| Deed::Reattempt { mail, window }),
    ];
    let yes = |weight| proptest::bool::weighted(weight);
    let consent = (yes(0.4), yes(0.05), yes(0.4), yes(0.4)).prop_map(|(reopen, mail_again, resend_uncertain, retry_failed)| Consent {
        reopen,
        mail_again,
        resend_uncertain,
        retry_failed,
    });
    (prop_oneof![5 => Just(0_usize), 1 => Just(1)], deed, consent, faults(), yes(0.1))
        .prop_map(|(person, deed, consent, faults, is_blind)| Act { person, deed, consent, faults, is_blind })
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![3 => Just(Event::Cancel), 2 => Just(Event::Start), 2 => Just(Event::Finish), 1 => Just(Event::Leave), 1 => Just(Event::Expire)]
}

fn step() -> impl Strategy<Value = Step> {
    let interruption = prop_oneof![
        4 => Just(Interruption::Crash),
        2 => act().prop_map(Interruption::SecondWorker),
        3 => act().prop_map(Interruption::TakenOver),
        1 => event().prop_map(|event| Interruption::Somebody(0, event)),
        1 => (0_usize..4).prop_map(Interruption::Late),
    ];
    prop_oneof![
        4 => act().prop_map(Step::Act),
        4 => (act(), 0_usize..4, any::<bool>(), interruption).prop_map(|(act, at, after, what)| Step::Interrupted(act, at, after, what)),
        3 => event().prop_map(|event| Step::Somebody(0, event)),
        1 => (0_usize..4).prop_map(Step::Late),
        1 => Just(Step::Reopen),
    ]
}

fn runner(cases: u32) -> TestRunner {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(cases);
    TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 3000, ..Config::default() })
}

/// Any steps, then calm: the law after every step, the truth after every act that ran through.
fn play(platform: Platform, is_tracked: bool, writes_intent_late: bool, steps: &[Step]) -> Result<(), TestCaseError> {
    let machine = Machine::new(platform, is_tracked, writes_intent_late);
    for step in steps {
        machine.step(step);
        machine.verdict()?;
    }
    machine.settle();
    machine.verdict()
}

fn prove(platform: Platform, is_tracked: bool) {
    let steps = proptest::collection::vec(step(), 1..12);
    let result = runner(64).run(&steps, |steps| play(platform, is_tracked, false, &steps));
    if let Err(error) = result {
        panic!("{platform}: {error}");
    }
}

#[test]
fn imocha_is_never_asked_for_a_second_mail() {
    prove(Platform::Imocha, true);
}

#[test]
fn think_exam_is_never_asked_for_a_second_mail() {
    prove(Platform::ThinkExam, true);
}

#[test]
fn testinvite_is_never_asked_for_a_second_mail() {
    prove(Platform::TestInvite, true);
}

#[test]
fn testinvite_is_never_asked_for_a_second_mail_without_its_guard() {
    prove(Platform::TestInvite, false);
}

/// What the proof has found once stays mended.
#[test]
fn a_lost_candidate_is_not_said_to_have_the_window_of_a_later_request() {
    let consent = Consent { reopen: true, resend_uncertain: true, ..Consent::default() };
    let act = |deed, faults: &[Fault]| Act { person: 0, deed, consent, faults: faults.to_vec(), is_blind: false };
    let invite = |window| Deed::Invite { mail: false, window };
    let lost_cancel = || Step::Act(act(Deed::Cancel, &[Fault::LostBefore; 5]));
    for faults in [&[][..], &[Fault::LostAfter], &[Fault::LostBefore], &[Fault::UnavailableAfter]] {
        let crashed = || Step::Interrupted(act(invite(0), &[]), 1, false, Interruption::Crash);
        let later = || Step::Act(act(invite(1), faults));
        play(Platform::TestInvite, true, false, &[crashed(), later(), later()]).unwrap();
        play(Platform::TestInvite, true, false, &[crashed(), lost_cancel(), later(), later()]).unwrap();
        let first = || Step::Act(act(invite(0), &[]));
        play(Platform::TestInvite, true, false, &[first(), lost_cancel(), later(), later()]).unwrap();
    }
}

/// A create after a delete that got no answer, while the candidate of before is there after all: he keeps his window.
#[test]
fn a_candidate_who_was_not_deleted_is_not_said_to_have_the_window_of_his_successor() {
    let act = |deed, reopen, faults: &[Fault]| {
        let consent = Consent { reopen, ..Consent::default() };
        Step::Act(Act { person: 0, deed, consent, faults: faults.to_vec(), is_blind: false })
    };
    let invite = |mail, window| Deed::Invite { mail, window };
    let steps = [
        act(invite(false, 1), false, &[]),
        act(Deed::Cancel, false, &[Fault::Unavailable, Fault::Refused]),
        act(invite(true, 0), true, &[Fault::LostAfter, Fault::LostAfter, Fault::LostAfter, Fault::LostAfter, Fault::NotSent]),
        act(invite(false, 0), false, &[]),
    ];
    play(Platform::TestInvite, true, false, &steps).unwrap();
}

/// A change of the window that got no answer is open until it is repeated, whatever failed since.
#[test]
fn a_lost_change_of_the_window_is_not_forgotten_by_a_cancellation_that_never_left() {
    let act = |deed, faults: &[Fault]| Act { person: 0, deed, consent: Consent::default(), faults: faults.to_vec(), is_blind: false };
    let change = act(Deed::Invite { mail: false, window: 1 }, &[Fault::UnavailableAfter; 5]);
    let steps = [
        Step::Act(act(Deed::Invite { mail: true, window: 0 }, &[])),
        Step::Interrupted(act(Deed::Cancel, &[Fault::NotSent; 5]), 0, false, Interruption::SecondWorker(change)),
        Step::Act(act(Deed::Invite { mail: false, window: 0 }, &[])),
    ];
    play(Platform::TestInvite, true, false, &steps).unwrap();
}

/// Without a guard a late create makes a second candidate of the same address: one who is gone is not the last of them.
#[test]
fn a_mailed_namesake_keeps_a_deleted_candidate_from_being_mailed_again() {
    let act = |mail, resend_uncertain, faults: &[Fault]| {
        let consent = Consent { resend_uncertain, ..Consent::default() };
        Step::Act(Act { person: 0, deed: Deed::Invite { mail, window: 0 }, consent, faults: faults.to_vec(), is_blind: false })
    };
    let steps = [
        act(false, false, &[Fault::Late]),
        act(true, true, &[Fault::LostAfter]),
        Step::Late(0),
        act(false, true, &[]),
        Step::Somebody(0, Event::Cancel),
    ];
    play(Platform::TestInvite, false, false, &steps).unwrap();
}

/// Two workers send the same body under the platform's guard, one of them with the user's consent to a second mail: it counts once.
#[test]
fn a_guarded_repeat_of_a_mail_that_was_consented_to_is_no_other_one() {
    let act = |window, consent, faults: &[Fault]| Act {
        person: 0,
        deed: Deed::Invite { mail: true, window },
        consent,
        faults: faults.to_vec(),
        is_blind: false,
    };
    let consent = Consent { mail_again: true, resend_uncertain: true, ..Consent::default() };
    let next = Interruption::TakenOver(act(0, consent, &[Fault::LostBefore; 5]));
    let steps = [
        Step::Act(act(1, Consent::default(), &[Fault::Unavailable; 5])),
        Step::Interrupted(act(0, Consent::default(), &[]), 0, false, next),
    ];
    play(Platform::TestInvite, true, false, &steps).unwrap();
}

/// The proof would notice: an intent that is written with the outcome only is caught.
#[test]
fn an_intent_written_after_the_request_breaks_the_law() {
    for platform in Platform::ALL {
        let invite = || act().prop_map(|act| Act { person: 0, deed: Deed::Invite { mail: true, window: 0 }, faults: Vec::new(), ..act });
        let crash = (invite(), 0_usize..2).prop_map(|(act, at)| Step::Interrupted(act, at, true, Interruption::Crash));
        let others = proptest::collection::vec(prop_oneof![1 => step(), 2 => invite().prop_map(Step::Act)], 1..6);
        let steps = (crash, others).prop_map(|(crash, others)| [vec![crash], others].concat());
        let result = runner(64).run(&steps, |steps| {
            let machine = Machine::new(platform, platform != Platform::TestInvite, true);
            steps.iter().for_each(|step| machine.step(step));
            let violations = machine.world.borrow().violations.clone();
            violations.first().map_or(Ok(()), |violation| Err(TestCaseError::fail(violation.clone())))
        });
        assert!(matches!(result, Err(TestError::Fail(..))), "{platform}: nobody noticed");
    }
}
