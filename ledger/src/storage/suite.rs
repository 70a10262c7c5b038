//! What every storage must do, as one suite that each of them passes.

use std::time::Duration;

use bidden::operation::{Disposition, TestId};
use bidden::{AccessWindow, BaseUrl, Error, Kind, Platform, Repeat, Time};

use super::{Claim, Found, Intended, Intent, Learned, Note, Settlement, Storage, Ticket};
use crate::law::{Consent, Reason, Sight, Verdict, Wish};
use crate::record::{Deed, Operation, Record, Standing};
use crate::{Digest, Keys, Place};

/// One kind of storage, empty at first.
trait World {
    /// Opens it as a worker with a mark.
    fn open(&self, mark: u32) -> Result<Box<dyn Storage>, Error>;

    /// Opens it to read only.
    fn open_to_read(&self) -> Result<Box<dyn Storage>, Error>;

    /// Makes it a ledger of another version, without tables when it is empty.
    fn stamp(&self, version: i64);

    /// Makes it somebody else's database.
    fn occupy(&self);
}

fn place(test: i64) -> Place {
    Place::new(Platform::Imocha, &BaseUrl::parse("https://apiv3.imocha.io").unwrap(), "default", &TestId::from(test))
}

fn email(name: &str) -> Keys {
    Keys::of_email(&format!("{name}@example.com"))
}

fn external(name: &str) -> Keys {
    Keys { email: None, external: Some(format!("external_id:{name}")) }
}

fn both(address: &str, id: &str) -> Keys {
    Keys { external: external(id).external, ..email(address) }
}

fn wish() -> Wish {
    Wish {
        deed: Deed::Invite,
        platform: Platform::Imocha,
        asks_for_mail: true,
        repeat: Repeat::WithoutMail,
        request: Digest::of(b"with mail"),
        request_without_mail: Digest::of(b"without mail"),
        terms: Digest::of(b"terms"),
        window: AccessWindow::default(),
        refresh: None,
        consent: Consent::default(),
        sight: Sight::NotAsked,
        seen_version: None,
        looks_up: false,
        now: Time::from_seconds(1_800_000_000),
    }
}

fn token(mark: u32, count: u32) -> i64 {
    (u64::from(mark) << 32 | u64::from(count)).cast_signed()
}

fn intent(place: i64, keys: Keys, token: i64) -> Intent {
    Intent { place, keys, wish: wish(), token, run: Some(Digest::of(b"run")) }
}

fn settlement(ticket: &Ticket, disposition: Disposition) -> Settlement {
    let mut standing = ticket.standing.clone();
    let pending = standing.pending.take().unwrap();
    standing.is_mailed |= pending.asks_for_mail;
    standing.is_accepted = true;
    standing.disposition = Some(disposition);
    standing.deed = Some(pending.deed);
    standing.terms = Some(Digest::of(b"terms"));
    Settlement {
        operation: ticket.operation,
        invitation: ticket.invitation,
        token: ticket.token,
        at: Time::from_seconds(1_800_000_001),
        sent: 1,
        http_status: Some(200),
        answer: Some(Digest::of(b"answer")),
        standing,
    }
}

fn go(storage: &mut dyn Storage, intent: &Intent) -> Ticket {
    match storage.write(&[], std::slice::from_ref(intent)).unwrap().pop() {
        Some(Intended::Go(ticket)) => *ticket,
        other => panic!("the intent was not written: {other:?}"),
    }
}

fn verdict(storage: &mut dyn Storage, intent: &Intent) -> Verdict {
    match storage.write(&[], std::slice::from_ref(intent)).unwrap().pop() {
        Some(Intended::Stay { verdict, .. }) => verdict,
        other => panic!("the intent was written: {other:?}"),
    }
}

fn found(storage: &mut dyn Storage, place: i64, keys: Keys) -> Option<Record> {
    match storage.find(&[(place, keys)]).unwrap().pop() {
        Some(Found::One(record)) => Some(*record),
        Some(Found::Nobody) => None,
        other => panic!("neither one nor nobody: {other:?}"),
    }
}

fn operations(storage: &mut dyn Storage, place: i64, keys: Keys) -> Vec<Operation> {
    let last = found(storage, place, keys).unwrap().operation;
    storage.operations(last).unwrap()
}

fn a_place_is_numbered_once_and_says_since_when(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let first = storage.place(&place(1)).unwrap();
    let other = storage.place(&place(2)).unwrap();
    assert_ne!(first, other);
    assert_eq!(storage.place(&place(1)).unwrap(), first);
    assert_eq!(storage.places().unwrap(), [(first, place(1)), (other, place(2))]);
    assert!(storage.since(first).unwrap().is_some());
    assert_eq!(storage.since(first + other + 1).unwrap(), None);
}

fn an_intent_and_its_outcome_are_in_the_record(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let place = storage.place(&place(1)).unwrap();
    assert_eq!(found(&mut *storage, place, email("ada")), None);
    let ticket = go(&mut *storage, &intent(place, email("ada"), token(1, 0)));
    assert_eq!((ticket.with_mail, ticket.reason, ticket.token), (true, Reason::New, token(1, 0)));
    let record = found(&mut *storage, place, email("ada")).unwrap();
    assert_eq!((record.id, record.operation, record.is_live), (ticket.invitation, ticket.operation, true));
    assert_eq!(record.standing, ticket.standing);
    assert_eq!(verdict(&mut *storage, &intent(place, email("ada"), token(1, 1))), Verdict::Busy);

    let settled = settlement(&ticket, Disposition::Invited);
    assert_eq!(storage.write(std::slice::from_ref(&settled), &[]).unwrap(), []);
    let after = found(&mut *storage, place, email("ada")).unwrap();
    assert_eq!((after.is_live, &after.standing), (false, &settled.standing));
    assert!(after.version > record.version);
    let operations = operations(&mut *storage, place, email("ada"));
    let expected = Operation {
        id: ticket.operation,
        previous: None,
        deed: Deed::Invite,
        intended_at: wish().now,
        request: Digest::of(b"with mail"),
        asks_for_mail: true,
        settled_at: Some(settled.at),
        sent: Some(1),
        http_status: Some(200),
        answer: Some(Digest::of(b"answer")),
        outcome: Some("invited".to_owned()),
        error_kind: None,
        email: Some("none".to_owned()),
        run: Some(Digest::of(b"run")),
    };
    assert_eq!(operations, [expected]);
}

fn outcomes_are_written_before_the_intents_that_come_with_them(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let place = storage.place(&place(1)).unwrap();
    let ticket = go(&mut *storage, &intent(place, email("ada"), token(1, 0)));
    let settled = settlement(&ticket, Disposition::Invited);
    let mut later = intent(place, email("ada"), token(1, 1));
    later.wish.terms = Digest::of(b"later");
    let intended = storage.write(&[settled], &[later]).unwrap();
    let [Intended::Go(second)] = &intended[..] else { panic!("{intended:?}") };
    assert_eq!((second.reason, second.with_mail, second.invitation), (Reason::Refresh, false, ticket.invitation));
    let chain = operations(&mut *storage, place, email("ada"));
    assert_eq!(chain.iter().map(|operation| operation.id).collect::<Vec<_>>(), [ticket.operation, second.operation]);
    assert_eq!(chain[1].request, Digest::of(b"without mail"));
    assert_eq!(chain[1].settled_at, None);
}

fn the_same_candidate_twice_in_a_batch_is_sent_once(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let place = storage.place(&place(1)).unwrap();
    let wanted = [email("ada"), both("alan", "7"), email("ada"), external("7"), email("alan"), email("grace"), both("grace", "7")];
    let intents: Vec<Intent> = wanted.into_iter().zip(0..).map(|(keys, count)| intent(place, keys, token(1, count))).collect();
    let answers: Vec<String> = storage
        .write(&[], &intents)
        .unwrap()
        .into_iter()
        .map(|intended| match intended {
            Intended::Go(_) => "go".to_owned(),
            Intended::Stay { verdict: Verdict::Busy, .. } => "busy".to_owned(),
            Intended::Stay { verdict: Verdict::Held(_), .. } => "held".to_owned(),
            Intended::Stay { verdict, .. } => format!("{verdict:?}"),
        })
        .collect();
    assert_eq!(answers, ["go", "go", "busy", "busy", "busy", "go", "held"]);
}

fn either_key_finds_the_candidate_and_a_new_key_is_added(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let (first, other) = (storage.place(&place(1)).unwrap(), storage.place(&place(2)).unwrap());
    let ticket = go(&mut *storage, &intent(first, email("ada"), token(1, 0)));
    storage.write(&[settlement(&ticket, Disposition::Invited)], &[]).unwrap();
    assert_eq!(found(&mut *storage, first, external("7")), None);
    let mut again = intent(first, both("ada", "7"), token(1, 1));
    again.wish.terms = Digest::of(b"later");
    assert_eq!(go(&mut *storage, &again).invitation, ticket.invitation);
    for keys in [external("7"), email("ada"), both("ada", "7")] {
        let record = found(&mut *storage, first, keys.clone()).unwrap();
        assert_eq!((record.id, record.email, record.external), (ticket.invitation, email("ada").email, external("7").external));
        assert_eq!(found(&mut *storage, other, keys), None, "the same person elsewhere is another invitation");
    }
}

fn a_new_key_is_added_where_nothing_is_sent_too(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let place = storage.place(&place(1)).unwrap();
    let without_mail = |keys, count| {
        let intent = intent(place, keys, token(1, count));
        Intent { wish: Wish { asks_for_mail: false, ..intent.wish }, ..intent }
    };
    for (count, keys) in [(0, email("ada")), (1, external("9"))] {
        let ticket = go(&mut *storage, &without_mail(keys, count));
        storage.write(&[settlement(&ticket, Disposition::Invited)], &[]).unwrap();
    }
    // The second of one batch meets what the first has taught.
    let batch = [without_mail(both("ada", "7"), 2), without_mail(both("ada", "8"), 3), without_mail(both("grace", "9"), 4)];
    let answers: Vec<&str> = storage
        .write(&[], &batch)
        .unwrap()
        .into_iter()
        .map(|answer| match answer {
            Intended::Stay { verdict: Verdict::Known(Disposition::Unchanged), .. } => "unchanged",
            Intended::Stay { verdict: Verdict::Held(_), .. } => "held",
            _ => "else",
        })
        .collect();
    assert_eq!(answers, ["unchanged", "held", "unchanged"]);
    let of = |storage: &mut dyn Storage, keys| found(storage, place, keys).map(|record| (record.email, record.external));
    assert_eq!(of(&mut *storage, external("7")), Some((email("ada").email, external("7").external)));
    assert_eq!(of(&mut *storage, email("grace")), Some((email("grace").email, external("9").external)));
    assert_eq!(of(&mut *storage, external("8")), None);
}

fn keys_of_two_candidates_are_held(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let place = storage.place(&place(1)).unwrap();
    go(&mut *storage, &intent(place, both("ada", "1"), token(1, 0)));
    go(&mut *storage, &intent(place, both("alan", "2"), token(1, 1)));
    for keys in [both("ada", "2"), both("ada", "3"), both("grace", "2")] {
        assert!(matches!(storage.find(&[(place, keys.clone())]).unwrap()[..], [Found::Conflict(_)]));
        assert!(matches!(verdict(&mut *storage, &intent(place, keys, token(1, 2))), Verdict::Held(_)));
    }
}

fn what_a_worker_left_behind_is_closed_as_uncertain_and_never_mailed_again(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let number = storage.place(&place(1)).unwrap();
    let lost = go(&mut *storage, &intent(number, email("ada"), token(1, 0)));
    drop(storage);
    let mut storage = world.open(2).unwrap();
    assert_eq!(storage.place(&place(1)).unwrap(), number);
    let record = found(&mut *storage, number, email("ada")).unwrap();
    assert!(record.standing.pending.is_some() && !record.is_live);
    let ticket = go(&mut *storage, &intent(number, email("ada"), token(2, 0)));
    assert_eq!((ticket.with_mail, ticket.reason, ticket.invitation), (false, Reason::Resolve, lost.invitation));
    assert!(ticket.standing.is_mailed);
    let chain = operations(&mut *storage, number, email("ada"));
    let outcomes: Vec<_> = chain.iter().map(|operation| (operation.outcome.as_deref(), operation.email.as_deref())).collect();
    assert_eq!(outcomes, [(Some("uncertain"), Some("uncertain")), (None, None)]);
    assert_eq!(chain[1].previous, Some(lost.operation));

    // The first comes back after all: his operation says what came of it, the invitation is no longer his.
    let late = settlement(&lost, Disposition::Invited);
    storage.write(&[late], &[]).unwrap();
    assert_eq!(operations(&mut *storage, number, email("ada"))[0].outcome.as_deref(), Some("invited"));
    let record = found(&mut *storage, number, email("ada")).unwrap();
    assert_eq!((record.is_live, record.standing), (true, ticket.standing));
}

fn a_note_is_written_on_the_version_it_was_judged_on_only(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let place = storage.place(&place(1)).unwrap();
    let ticket = go(&mut *storage, &intent(place, email("ada"), token(1, 0)));
    let judged = found(&mut *storage, place, email("ada")).unwrap();
    let standing = Standing { status: bidden::Status::Cancelled, ..judged.standing.clone().with_loss() };
    let note = |closes| Note {
        invitation: judged.id,
        version: judged.version,
        closes,
        at: Time::from_seconds(1_800_000_002),
        standing: standing.clone(),
        learned: Learned::LookUp,
    };
    storage.note(&[note(Some(ticket.operation))]).unwrap();
    let noted = found(&mut *storage, place, email("ada")).unwrap();
    assert_eq!((&noted.standing, noted.is_live), (&standing, false));
    let chain = operations(&mut *storage, place, email("ada"));
    assert_eq!(chain[0].outcome.as_deref(), Some("uncertain"));
    assert_eq!((chain[1].deed, chain[1].previous, chain[1].settled_at), (Deed::LookUp, Some(ticket.operation), Some(note(None).at)));
    storage.note(&[note(None)]).unwrap();
    assert_eq!(operations(&mut *storage, place, email("ada")).len(), 2, "the version is another by then");
    assert_eq!(found(&mut *storage, place, email("ada")).unwrap(), noted);
    let (key, body) = (Digest::of(b"key"), Digest::of(b"body"));
    let told = Learned::Callback { key, body, told: bidden::Status::Complete };
    storage.note(&[Note { version: noted.version, learned: told, ..note(None) }]).unwrap();
    let chain = operations(&mut *storage, place, email("ada"));
    assert_eq!((chain[2].deed, chain[2].request, chain[2].answer), (Deed::Callback, key, Some(body)));
    assert_eq!((chain[2].outcome.as_deref(), chain[2].previous), (Some("complete"), Some(chain[1].id)));
}

fn a_chunk_is_claimed_until_it_is_finished(world: &dyn World) {
    let (run, other) = (Digest::of(b"run"), Digest::of(b"other"));
    let mut storage = world.open(1).unwrap();
    assert_eq!(storage.claim(run, 0).unwrap(), Claim::Mine);
    assert_eq!(storage.claim(run, 0).unwrap(), Claim::Mine);
    storage.finish(run, 0).unwrap();
    storage.finish(run, 7).unwrap();
    assert_eq!(storage.claim(run, 0).unwrap(), Claim::Done);
    assert_eq!(storage.claim(run, 7).unwrap(), Claim::Done);
    assert_eq!(storage.claim(run, 1).unwrap(), Claim::Mine);
    assert_eq!(storage.claim(other, 0).unwrap(), Claim::Mine);
    drop(storage);
    let mut storage = world.open(2).unwrap();
    assert_eq!(storage.claim(run, 0).unwrap(), Claim::Done);
    assert_eq!(storage.claim(run, 1).unwrap(), Claim::Mine, "whoever had it is gone");
}

fn texts_are_kept_under_their_names(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    assert_eq!(storage.note_of("credential").unwrap(), None);
    storage.keep_note("credential", "first").unwrap();
    storage.keep_note("credential", "second \u{e9}").unwrap();
    drop(storage);
    assert_eq!(world.open(2).unwrap().note_of("credential").unwrap().as_deref(), Some("second \u{e9}"));
}

fn turns_follow_each_other_in_the_interval_of_the_rate(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    assert!(storage.take_turns("a", 10.0, 20).unwrap() < Duration::from_millis(50));
    let second = storage.take_turns("a", 10.0, 20).unwrap();
    assert!(second > Duration::from_millis(1000) && second <= Duration::from_secs(2), "{second:?}");
    let third = storage.take_turns("a", 10.0, 1).unwrap();
    assert!(third > Duration::from_secs(3) && third <= Duration::from_secs(4), "{third:?}");
}

fn a_persons_history_spans_all_places(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let places = [storage.place(&place(1)).unwrap(), storage.place(&place(2)).unwrap(), storage.place(&place(3)).unwrap()];
    let first = go(&mut *storage, &intent(places[0], email("ada"), token(1, 0)));
    storage.write(&[settlement(&first, Disposition::Invited)], &[]).unwrap();
    go(&mut *storage, &intent(places[2], email("ada"), token(1, 1)));
    go(&mut *storage, &intent(places[2], email("alan"), token(1, 2)));
    let history = storage.history(&email("ada").email.unwrap()).unwrap();
    assert_eq!(history.iter().map(|entry| entry.place.clone()).collect::<Vec<_>>(), [place(1), place(3)]);
    let outcomes: Vec<_> = history.iter().map(|entry| entry.operations[0].outcome.as_deref()).collect();
    assert_eq!(outcomes, [Some("invited"), None]);
    assert!(storage.history("nobody@example.com").unwrap().is_empty());
}

fn an_invitation_is_found_by_the_platforms_id_alone(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let places = [storage.place(&place(1)).unwrap(), storage.place(&place(2)).unwrap()];
    let ids = ["7", "70", "7", "a\"b\\ü", "%_"];
    for (row, id) in (0_u32..).zip(ids) {
        let ticket = go(&mut *storage, &intent(places[usize::from(row == 2)], email(&format!("n{row}")), token(1, row)));
        let mut settled = settlement(&ticket, Disposition::Invited);
        settled.standing.invitation_id = Some(id.to_owned());
        settled.standing.platform_status = Some("5".to_owned());
        storage.write(&[settled], &[]).unwrap();
    }
    let mut places_of = |id: &str| storage.of_invitation_id(id).unwrap().iter().map(|record| record.place).collect::<Vec<_>>();
    assert_eq!(places_of("7"), [places[0], places[1]]);
    assert_eq!((places_of("70"), places_of(ids[3]), places_of(ids[4])), (vec![places[0]], vec![places[0]], vec![places[0]]));
    assert_eq!((places_of("0"), places_of("5"), places_of("")), (vec![], vec![], vec![]));
}

fn every_invitation_is_shown_once_in_the_order_of_its_making(world: &dyn World) {
    let mut storage = world.open(1).unwrap();
    let (first, other) = (storage.place(&place(1)).unwrap(), storage.place(&place(2)).unwrap());
    let mut made = Vec::new();
    for count in 0..12_u32 {
        let intents: Vec<Intent> = (0..200)
            .map(|row| intent(if row % 10 == 0 { other } else { first }, email(&format!("r{count}n{row}")), token(1, count * 200 + row)))
            .collect();
        for intended in storage.write(&[], &intents).unwrap() {
            let Intended::Go(ticket) = intended else { panic!("{intended:?}") };
            made.push(ticket.invitation);
        }
    }
    made.sort_unstable();
    let mut show = |place: Option<i64>, most: usize| {
        let mut shown = Vec::new();
        let mut keep = |place: i64, record: Record| {
            assert_eq!(place, record.place);
            shown.push(record);
            Ok(shown.len() < most)
        };
        storage.each(place, &mut keep).unwrap();
        shown
    };
    assert_eq!(show(None, usize::MAX).iter().map(|record| record.id).collect::<Vec<_>>(), made);
    assert!(show(Some(other), usize::MAX).iter().all(|record| record.place == other));
    assert_eq!((show(Some(first), usize::MAX).len(), show(Some(other), usize::MAX).len()), (2160, 240));
    assert_eq!(show(None, 3).len(), 3);
    let stopped = storage.each(None, &mut |_, _| Err(Error::new(Kind::Internal, "enough")));
    assert_eq!(stopped.unwrap_err().kind(), Kind::Internal);
}

fn a_record_of_a_newer_version_is_refused(world: &dyn World) {
    drop(world.open(1).unwrap());
    world.stamp(99);
    for refused in [world.open(2), world.open_to_read()] {
        let error = refused.err().unwrap();
        assert_eq!(error.kind(), Kind::Storage);
        assert!(error.message().contains("newer version of bidden (ledger 99"), "{error}");
    }
}

fn a_record_of_an_older_version_is_brought_up_to_date(world: &dyn World) {
    world.stamp(0);
    let error = world.open_to_read().err().unwrap();
    assert!(error.message().contains("is of version 0"), "{error}");
    let mut storage = world.open(1).unwrap();
    let place = storage.place(&place(1)).unwrap();
    go(&mut *storage, &intent(place, email("ada"), token(1, 0)));
    let mut reader = world.open_to_read().unwrap();
    assert!(found(&mut *reader, place, email("ada")).unwrap().is_live);
}

fn somebody_elses_database_is_refused(world: &dyn World) {
    world.occupy();
    let error = world.open(1).err().unwrap();
    assert_eq!(error.kind(), Kind::Storage);
    assert!(error.message().contains("name another"), "{error}");
}

fn a_reader_changes_nothing(world: &dyn World) {
    assert!(world.open_to_read().err().unwrap().message().contains("there is no ledger"));
    let mut storage = world.open(1).unwrap();
    let number = storage.place(&place(1)).unwrap();
    go(&mut *storage, &intent(number, email("ada"), token(1, 0)));
    let mut reader = world.open_to_read().unwrap();
    assert!(found(&mut *reader, number, email("ada")).unwrap().is_live);
    let error = reader.write(&[], &[intent(number, email("alan"), token(9, 0))]).unwrap_err();
    assert_eq!(error.kind(), Kind::Storage);
    assert!(error.message().contains("read-only"), "{error}");
    let nowhere = reader.place(&place(2)).unwrap();
    assert_eq!(found(&mut *reader, nowhere, email("ada")), None);
    assert_eq!(storage.places().unwrap().len(), 1);
    assert_eq!(found(&mut *storage, number, email("alan")), None);
    drop((storage, reader));
    let mut reader = world.open_to_read().unwrap();
    assert!(!found(&mut *reader, number, email("ada")).unwrap().is_live, "the worker is gone");
}

macro_rules! suite {
    ($($name:ident)*) => {
        mod sqlite {
            $(
                #[test]
                fn $name() {
                    super::$name(&super::files::World::new());
                }
            )*
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(
                #[test]
                fn $name() {
                    if let Some(world) = super::databases::World::new() {
                        super::$name(&world);
                    }
                }
            )*
        }
    };
}

suite! {
    a_place_is_numbered_once_and_says_since_when
    an_intent_and_its_outcome_are_in_the_record
    outcomes_are_written_before_the_intents_that_come_with_them
    the_same_candidate_twice_in_a_batch_is_sent_once
    either_key_finds_the_candidate_and_a_new_key_is_added
    a_new_key_is_added_where_nothing_is_sent_too
    keys_of_two_candidates_are_held
    what_a_worker_left_behind_is_closed_as_uncertain_and_never_mailed_again
    a_note_is_written_on_the_version_it_was_judged_on_only
    a_chunk_is_claimed_until_it_is_finished
    texts_are_kept_under_their_names
    turns_follow_each_other_in_the_interval_of_the_rate
    a_persons_history_spans_all_places
    an_invitation_is_found_by_the_platforms_id_alone
    every_invitation_is_shown_once_in_the_order_of_its_making
    a_record_of_a_newer_version_is_refused
    a_record_of_an_older_version_is_brought_up_to_date
    somebody_elses_database_is_refused
    a_reader_changes_nothing
}

mod files {
    use bidden::Error;
    use rusqlite::Connection;

    use crate::storage::{Sqlite, Storage};

    pub(super) struct World {
        folder: tempfile::TempDir,
    }

    impl World {
        pub(super) fn new() -> Self {
            World { folder: tempfile::tempdir().unwrap() }
        }

        fn path(&self) -> std::path::PathBuf {
            self.folder.path().join("ledger.db")
        }
    }

    impl super::World for World {
        fn open(&self, mark: u32) -> Result<Box<dyn Storage>, Error> {
            Ok(Box::new(Sqlite::open(&self.path(), mark)?))
        }

        fn open_to_read(&self) -> Result<Box<dyn Storage>, Error> {
            Ok(Box::new(Sqlite::open_to_read(&self.path())?))
        }

        fn stamp(&self, version: i64) {
            let statements = format!("PRAGMA application_id = 0x6269646c; PRAGMA user_version = {version};");
            Connection::open(self.path()).unwrap().execute_batch(&statements).unwrap();
        }

        fn occupy(&self) {
            Connection::open(self.path()).unwrap().execute_batch("CREATE TABLE invitation (id INTEGER)").unwrap();
        }
    }
}

#[cfg(feature = "postgres")]
#[path = "../../../tests/rust/postgres_server.rs"]
mod server;

#[cfg(feature = "postgres")]
mod databases {
    use std::time::{Duration, Instant};

    use bidden::{Error, Kind};
    use postgres::{Client, NoTls};

    use super::server;
    use super::{
        Claim, Disposition, Found, Intended, Reason, Verdict, email, found, go, intent, operations, place, settlement, token, verdict,
    };
    use crate::Digest;
    use crate::storage::{Intent, Postgres, Server, Storage};

    pub(super) struct World {
        url: String,
    }

    impl World {
        pub(super) fn new() -> Option<Self> {
            server::Server::shared().map(|server| World { url: server.database() })
        }

        fn open_for(&self, mark: u32, lease: Duration) -> Postgres {
            Postgres::open(Server::parse(&self.url).unwrap(), mark, lease, false).unwrap()
        }

        fn client(&self) -> Client {
            Client::connect(&self.url, NoTls).unwrap()
        }
    }

    const LEASE: Duration = Duration::from_secs(60);

    impl super::World for World {
        fn open(&self, mark: u32) -> Result<Box<dyn Storage>, Error> {
            Ok(Box::new(Postgres::open(Server::parse(&self.url)?, mark, LEASE, false)?))
        }

        fn open_to_read(&self) -> Result<Box<dyn Storage>, Error> {
            Ok(Box::new(Postgres::open(Server::parse(&self.url)?, 0, LEASE, true)?))
        }

        fn stamp(&self, version: i64) {
            let statements = format!(
                "CREATE TABLE IF NOT EXISTS bidden_version (version integer NOT NULL); DELETE FROM bidden_version;
                 INSERT INTO bidden_version VALUES ({version})"
            );
            self.client().batch_execute(&statements).unwrap();
        }

        fn occupy(&self) {
            self.client().batch_execute("CREATE TABLE bidden_invitation (id integer)").unwrap();
        }
    }

    #[test]
    fn of_two_workers_one_gets_each_row() {
        let Some(world) = World::new() else { return };
        let number = world.open_for(1, LEASE).place(&place(1)).unwrap();
        let go_of = |mark: u32| {
            let mut storage = world.open_for(mark, LEASE);
            let mut tickets = Vec::new();
            for batch in 0..30_u32 {
                let intents: Vec<Intent> = (0..50)
                    // Each worker comes from another side.
                    .map(|row| if mark == 1 { row } else { 49 - row })
                    .map(|row| intent(number, email(&format!("b{batch}r{row}")), token(mark, batch * 50 + row)))
                    .collect();
                let settled: Vec<_> = storage.write(&[], &intents).unwrap();
                let of_batch: Vec<_> = settled
                    .into_iter()
                    .filter_map(|intended| match intended {
                        Intended::Go(ticket) => Some(*ticket),
                        Intended::Stay { verdict, .. } => {
                            assert!(matches!(verdict, Verdict::Busy | Verdict::Known(Disposition::Unchanged)), "{verdict:?}");
                            None
                        }
                    })
                    .collect();
                let outcomes: Vec<_> = of_batch.iter().map(|ticket| settlement(ticket, Disposition::Invited)).collect();
                storage.write(&outcomes, &[]).unwrap();
                tickets.extend(of_batch.into_iter().map(|ticket| ticket.invitation));
            }
            tickets
        };
        let (first, second) = std::thread::scope(|scope| {
            let (first, second) = (scope.spawn(|| go_of(1)), scope.spawn(|| go_of(2)));
            (first.join().unwrap(), second.join().unwrap())
        });
        let mut all: Vec<i64> = first.iter().chain(&second).copied().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!((all.len(), first.len() + second.len()), (1500, 1500));
        let operations: i64 = world.client().query_one("SELECT count(*) FROM bidden_operation", &[]).unwrap().get(0);
        assert_eq!(operations, 1500);
    }

    #[test]
    fn what_a_worker_began_is_his_until_his_lease_runs_out() {
        let Some(world) = World::new() else { return };
        let lease = Duration::from_millis(1500);
        let mut first = world.open_for(1, lease);
        let mut second = world.open_for(2, LEASE);
        let number = first.place(&place(1)).unwrap();
        let run = Digest::of(b"run");
        let lost = go(&mut first, &intent(number, email("ada"), token(1, 0)));
        assert_eq!(first.claim(run, 0).unwrap(), Claim::Mine);
        let began = Instant::now();
        while began.elapsed() < lease * 2 {
            first.renew().unwrap();
            assert_eq!(verdict(&mut second, &intent(number, email("ada"), token(2, 0))), Verdict::Busy);
            assert_eq!(second.claim(run, 0).unwrap(), Claim::Others);
            std::thread::sleep(Duration::from_millis(200));
        }
        std::thread::sleep(lease);
        let ticket = go(&mut second, &intent(number, email("ada"), token(2, 1)));
        assert_eq!((ticket.with_mail, ticket.reason, ticket.invitation), (false, Reason::Resolve, lost.invitation));
        assert_eq!(second.claim(run, 0).unwrap(), Claim::Mine);
        // The first wakes up: neither the row nor the chunk is his.
        first.write(&[settlement(&lost, Disposition::Invited)], &[]).unwrap();
        assert_eq!(verdict(&mut first, &intent(number, email("ada"), token(1, 1))), Verdict::Busy);
        assert_eq!(first.claim(run, 0).unwrap(), Claim::Others);
        first.finish(run, 0).unwrap();
        assert_eq!(second.claim(run, 0).unwrap(), Claim::Done);
    }

    #[test]
    fn a_commit_whose_answer_was_lost_is_answered_again() {
        let Some(world) = World::new() else { return };
        let mut storage = world.open_for(1, LEASE);
        let number = storage.place(&place(1)).unwrap();
        let wanted = intent(number, email("ada"), token(1, 0));
        let (first, second) = (go(&mut storage, &wanted), go(&mut storage, &wanted));
        assert_eq!((first.operation, first.invitation, first.with_mail), (second.operation, second.invitation, second.with_mail));
        assert_eq!(first.standing, second.standing);
        assert_eq!(operations(&mut storage, number, email("ada")).len(), 1);
        let settled = settlement(&first, Disposition::Invited);
        storage.write(std::slice::from_ref(&settled), &[]).unwrap();
        let once = found(&mut storage, number, email("ada"));
        storage.write(&[settled], &[]).unwrap();
        assert_eq!(found(&mut storage, number, email("ada")), once);
    }

    #[test]
    fn a_cut_connection_is_made_again() {
        let Some(world) = World::new() else { return };
        let mut storage = world.open_for(1, LEASE);
        let number = storage.place(&place(1)).unwrap();
        let mut rogue = world.client();
        for count in 0..5 {
            let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                       WHERE application_name = 'bidden' AND datname = current_database()";
            assert_eq!(rogue.query_one(cut, &[]).unwrap().get::<_, i64>(0), 1);
            let ticket = go(&mut storage, &intent(number, email(&format!("n{count}")), token(1, count)));
            assert_eq!(ticket.reason, Reason::New);
        }
    }

    #[test]
    fn what_another_program_locks_is_said_plainly() {
        let Some(world) = World::new() else { return };
        let mut storage = world.open_for(1, Duration::from_secs(4));
        let number = storage.place(&place(1)).unwrap();
        let mut rogue = world.client();
        let mut transaction = rogue.transaction().unwrap();
        transaction.batch_execute("LOCK TABLE bidden_invitation").unwrap();
        let error = storage.write(&[], &[intent(number, email("ada"), token(1, 0))]).unwrap_err();
        assert_eq!(error.kind(), Kind::Storage);
        assert!(error.message().contains("is locked by another program"), "{error}");
        transaction.rollback().unwrap();
        assert!(matches!(storage.find(&[(number, email("ada"))]).unwrap()[..], [Found::Nobody]));
    }

    #[test]
    fn many_workers_open_a_new_ledger_at_once() {
        let Some(world) = World::new() else { return };
        let barrier = std::sync::Barrier::new(8);
        let numbers: Vec<i64> = std::thread::scope(|scope| {
            let open = |mark: u32| {
                let (world, barrier) = (&world, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    world.open_for(mark, LEASE).place(&place(1)).unwrap()
                })
            };
            let openers: Vec<_> = (1..=8).map(open).collect();
            openers.into_iter().map(|opener| opener.join().unwrap()).collect()
        });
        assert!(numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
    }

    #[test]
    fn no_error_holds_the_password_or_the_user() {
        let Some(world) = World::new() else { return };
        let open = |url: &str| match Server::parse(url).and_then(|server| Postgres::open(server, 1, LEASE, false)) {
            Ok(_) => panic!("{url} was opened"),
            Err(error) => error,
        };
        let address = world.url.split_once('?').unwrap().0;
        let missing = open(&format!("{address}_missing?sslmode=disable"));
        assert_eq!(missing.kind(), Kind::Storage);
        assert!(missing.message().contains("no such database") && missing.message().contains("127.0.0.1"), "{missing}");
        let unreachable = open("postgres://bidden:open-sesame@127.0.0.1:1/ledger");
        assert!(unreachable.message().contains("postgres://127.0.0.1:1/ledger cannot be reached"), "{unreachable}");
        let mut errors = vec![missing, unreachable];
        for url in [
            "postgres://bidden:open-sesame@host?sesame=1/x",
            "postgres://bidden:open-sesame@host:door/x",
            "postgres://a:%FFopen-sesame@host/x?sslmode=yes",
        ] {
            let error = open(url);
            assert_eq!(error.kind(), Kind::Configuration, "{url}");
            errors.push(error);
        }
        for error in errors {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("sesame") && !shown.contains("bidden:"), "{shown}");
        }
    }

    #[test]
    fn a_required_certificate_is_verified() {
        let Some(server) = server::Server::shared() else { return };
        let Some(certificate) = server.certificate() else { return };
        let url = server.database();
        let address = url.split_once('?').unwrap().0;
        let open = |query: &str| Server::parse(&format!("{address}?{query}")).and_then(|server| Postgres::open(server, 1, LEASE, false));
        let trusted = format!("sslmode=require&sslrootcert={}", certificate.display());
        for (query, is_encrypted) in [("sslmode=disable", false), ("sslmode=prefer", false), (&*trusted, true)] {
            let storage = open(query).unwrap();
            let mut client = Client::connect(&url, NoTls).unwrap();
            let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                             WHERE ssl AND application_name = 'bidden' AND datname = current_database()";
            let count: i64 = client.query_one(encrypted, &[]).unwrap().get(0);
            assert_eq!(count > 0, is_encrypted, "{query}");
            drop(storage);
        }
        for query in ["sslmode=require", "sslmode=verify-full"] {
            let error = open(query).err().unwrap();
            assert!(error.message().contains("TLS"), "{error}");
        }
        assert_eq!(open("sslmode=require&sslrootcert=/nowhere").err().unwrap().kind(), Kind::Configuration);
    }
}
