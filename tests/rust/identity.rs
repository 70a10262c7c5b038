//! Who is who: what the ledger takes for the same invitation, over a real sandbox.

use std::sync::Arc;

use bidden::candidate::Field;
use bidden::client::{Client, ClientOptions, Credential};
use bidden::operation::{Disposition, InviteOptions, Outcome, TestId};
use bidden::sign::{Recipe, Signer};
use bidden::testinvite::Scope;
use bidden::{AccessWindow, BaseUrl, Candidate, Kind, Platform, Secret, Time};
use bidden_ledger::{Keys, Ledger};
use bidden_sandbox::{Options, Sandbox};
use serde_json::Value;

fn credential(platform: Platform) -> Credential {
    match platform {
        Platform::Imocha => Credential::ImochaKey(Secret::new("sandbox-key")),
        Platform::TestInvite => Credential::TestInviteToken(Secret::new("sandbox-token")),
        Platform::ThinkExam => Credential::ThinkExamSigner(Arc::new(Signer::recipe(
            Secret::new("sandbox-ak"),
            Secret::new("sandbox-secret"),
            Recipe::default(),
        ))),
    }
}

fn client(platform: Platform, url: &str) -> Client {
    Client::new(BaseUrl::parse(url).unwrap(), credential(platform), ClientOptions::default()).unwrap()
}

fn with_mail(platform: Platform) -> InviteOptions {
    match platform {
        Platform::TestInvite => InviteOptions { email_template: Some("welcome".to_owned()), ..InviteOptions::default() },
        _ => InviteOptions { send_email: true, ..InviteOptions::default() },
    }
}

fn person(email: &str, external_id: Option<&str>) -> Candidate {
    let candidate = Candidate::new(email).unwrap().name("Ada Lovelace").unwrap();
    external_id.into_iter().fold(candidate, |candidate, id| candidate.with(Field::ExternalId, id).unwrap())
}

fn get(url: &str, path: &str) -> Value {
    serde_json::from_str(&ureq::get(format!("{url}{path}")).call().unwrap().body_mut().read_to_string().unwrap()).unwrap()
}

/// How many mails invite; who is told of completions does not count.
fn mails(sandbox: &Sandbox) -> usize {
    let outbox = get(sandbox.url(), "/_sandbox/outbox");
    outbox["messages"].as_array().unwrap().iter().filter(|message| message["kind"] == "invitation").count()
}

struct World {
    platform: Platform,
    sandbox: Sandbox,
    ledger: Ledger,
}

impl World {
    fn new(platform: Platform) -> Self {
        World { platform, sandbox: Sandbox::start(Options::in_memory()).unwrap(), ledger: Ledger::in_memory().unwrap() }
    }

    fn get(&self, path: &str) -> Value {
        get(self.sandbox.url(), path)
    }

    fn mails(&self) -> usize {
        mails(&self.sandbox)
    }

    fn invitations(&self) -> usize {
        self.get("/_sandbox/invitations")["invitations"].as_array().unwrap().len()
    }

    fn invite(&self, candidate: &Candidate) -> Outcome {
        self.invite_with(candidate, &with_mail(self.platform))
    }

    fn invite_with(&self, candidate: &Candidate, options: &InviteOptions) -> Outcome {
        self.ledger.invite(&client(self.platform, self.sandbox.url()), TestId::from(41), candidate, options).unwrap()
    }
}

fn is_new(outcome: &Outcome) -> bool {
    matches!(outcome.disposition, Disposition::Invited | Disposition::Created)
}

#[test]
fn a_rotated_credential_invites_nobody_again() {
    let world = World::new(Platform::ThinkExam);
    let ada = person("ada@example.com", None);
    assert!(is_new(&world.invite(&ada)));
    let other = Credential::ThinkExamSigner(Arc::new(Signer::recipe(Secret::new("rotated"), Secret::new("too"), Recipe::default())));
    let rotated = Client::new(BaseUrl::parse(world.sandbox.url()).unwrap(), other, ClientOptions::default()).unwrap();
    let again = world.ledger.invite(&rotated, TestId::from(41), &ada, &with_mail(world.platform)).unwrap();
    assert_eq!((again.disposition, world.mails()), (Disposition::Unchanged, 1));
}

#[test]
fn an_external_id_that_comes_later_is_another_key_of_the_same_candidate() {
    for platform in Platform::ALL {
        let world = World::new(platform);
        assert!(is_new(&world.invite(&person("ada@example.com", None))), "{platform}");
        let with_id = world.invite(&person("ADA@Example.com ", Some("E-1")));
        assert_eq!(with_id.disposition, Disposition::Unchanged, "{platform}");
        let history = world.ledger.history("ada@example.com").unwrap();
        let added = history.iter().any(|entry| entry.record.external.as_deref() == Some("external_id:E-1"));
        assert!(added, "{platform}: the key is added though nothing was sent");
        assert_eq!(world.invite(&person("ada@example.com", Some("E-2"))).disposition, Disposition::Held, "{platform}");
        assert_eq!(world.mails(), 1, "{platform}");
    }
}

#[test]
fn keys_that_contradict_one_another_are_held_with_the_reason() {
    for platform in Platform::ALL {
        let world = World::new(platform);
        assert!(is_new(&world.invite(&person("ada@example.com", Some("E-1")))), "{platform}");
        assert!(is_new(&world.invite(&person("alan@example.com", Some("E-2")))), "{platform}");
        for (email, external_id, reason) in [
            ("ada@example.com", "E-3", "another external id"),
            ("grace@example.com", "E-1", "another e-mail address"),
            ("ada@example.com", "E-2", "one candidate"),
        ] {
            let held = world.invite(&person(email, Some(external_id)));
            assert_eq!(held.disposition, Disposition::Held, "{platform} {email} {external_id}");
            let message = held.error.unwrap().to_string();
            assert!(message.contains(reason), "{platform} {email} {external_id}: {message}");
            assert!(!message.contains("@"), "{message}");
        }
        assert_eq!(world.mails(), 2, "{platform}");
    }
}

#[test]
fn another_address_account_or_test_is_another_place() {
    for platform in Platform::ALL {
        let world = World::new(platform);
        let ada = person("ada@example.com", None);
        let options = with_mail(platform);
        let here = client(platform, world.sandbox.url());
        let second = Sandbox::start(Options::in_memory()).unwrap();
        let there = client(platform, second.url());
        let account = world.ledger.account("second");
        for round in ["first", "second"] {
            let outcomes = [
                world.ledger.invite(&here, TestId::from(41), &ada, &options).unwrap(),
                world.ledger.invite(&there, TestId::from(41), &ada, &options).unwrap(),
                world.ledger.invite(&here, TestId::from(42), &ada, &options).unwrap(),
            ];
            for outcome in outcomes {
                assert_eq!(is_new(&outcome), round == "first", "{platform} {round}: {outcome:?}");
            }
        }
        assert_eq!((world.mails(), mails(&second)), (2, 1), "{platform}");
        // Another account's record says nothing; TestInvite's own guard does.
        let outcome = account.invite(&here, TestId::from(43), &ada, &options).unwrap();
        assert!(is_new(&outcome), "{platform}");
        let outcome = account.invite(&here, TestId::from(43), &ada, &options).unwrap();
        assert_eq!(outcome.disposition, Disposition::Unchanged, "{platform}");
    }
}

#[test]
fn within_a_group_or_labels_the_same_person_is_another_candidate() {
    let world = World::new(Platform::TestInvite);
    let ada = person("ada@example.com", None);
    let within = |scope, group: &str, labels: &[&str]| InviteOptions {
        unique_within: Some(scope),
        group: Some(group.to_owned()).filter(|group| !group.is_empty()),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        ..with_mail(Platform::TestInvite)
    };
    let places = [
        within(Scope::Group, "A", &[]),
        within(Scope::Group, "B", &[]),
        within(Scope::Labels, "", &["spring"]),
        within(Scope::Labels, "", &["autumn", "late"]),
    ];
    let first: Vec<Outcome> = places.iter().map(|options| world.invite_with(&ada, options)).collect();
    assert!(first.iter().all(is_new), "{first:?}");
    for (options, first) in places.iter().zip(&first) {
        let again = world.invite_with(&ada, options);
        assert_eq!((again.disposition, &again.invitation_id), (Disposition::Unchanged, &first.invitation_id));
    }
    // The order of labels does not matter.
    let turned = world.invite_with(&ada, &within(Scope::Labels, "", &["late", "autumn"]));
    assert_ne!(turned.disposition, Disposition::Created);
    assert_eq!((world.invitations(), world.mails()), (4, 4));
}

/// The candidate of another group, who has the same address, is not taken for the one that is gone.
#[test]
fn a_deleted_candidate_is_not_mistaken_for_one_of_another_group() {
    let world = World::new(Platform::TestInvite);
    let ada = person("ada@example.com", None);
    let group = |name: &str| InviteOptions { unique_within: Some(Scope::Group), group: Some(name.to_owned()), ..InviteOptions::default() };
    let gone = world.invite_with(&ada, &group("A")).invitation_id.unwrap();
    assert!(is_new(&world.invite_with(&ada, &group("B"))));
    let url = format!("{}/_sandbox/attempts/{gone}/cancel", world.sandbox.url());
    ureq::post(url).header("content-type", "application/json").send("{}").unwrap();
    let held = world.invite_with(&ada, &group("A"));
    assert_eq!((held.disposition, held.invitation_id), (Disposition::Held, Some(gone)));
    assert_eq!(world.invite_with(&ada, &group("B")).disposition, Disposition::Unchanged);
}

/// The list of candidates is filtered by the address with its letter case (TestInvite reference, section 4.1).
#[test]
fn an_address_in_another_letter_case_finds_the_same_candidate() {
    let world = World::new(Platform::TestInvite);
    assert!(is_new(&world.invite(&person("Ada@example.com", None))));
    assert_eq!(world.invite(&person("ada@example.com", None)).disposition, Disposition::Unchanged);
    let cancelled = world.ledger.cancel(&client(Platform::TestInvite, world.sandbox.url()), TestId::from(41), "ada@example.com").unwrap();
    assert_eq!(cancelled.disposition, Disposition::Cancelled);
    let left =
        world.get("/_sandbox/invitations")["invitations"].as_array().unwrap().iter().filter(|one| one["status"] == "Pending").count();
    assert_eq!(left, 0);
}

/// One who is named by the platform's id is the candidate whom the record knows with it.
#[test]
fn an_attempt_allowed_by_its_id_is_not_mailed_again_by_the_address() {
    let world = World::new(Platform::Imocha);
    let id = world.invite(&person("ada@example.com", None)).invitation_id.unwrap();
    for event in ["start", "finish"] {
        let url = format!("{}/_sandbox/attempts/{id}/{event}", world.sandbox.url());
        ureq::post(url).header("content-type", "application/json").send("{}").unwrap();
    }
    let here = client(Platform::Imocha, world.sandbox.url());
    let place = world.ledger.place_of(&here, &TestId::from(41), None);
    let invitations = world.ledger.invitations(&here, &place).unwrap();
    let window = AccessWindow { start: Some(Time::from_seconds(4_000_000_000)), end: Some(Time::from_seconds(4_100_000_000)) };
    let options = InviteOptions { window, time_zone_id: Some(1200), ..with_mail(Platform::Imocha) };
    let allowed = invitations.reattempt(&Keys::default(), Some(&id), &options).unwrap();
    assert_eq!(allowed.disposition, Disposition::Invited);
    let again = invitations.reattempt(&Keys::of_email("ada@example.com"), None, &options).unwrap();
    assert_eq!((again.disposition, again.invitation_id), (Disposition::Unchanged, allowed.invitation_id));
    assert_eq!(world.mails(), 2, "one for each attempt");
}

#[test]
fn a_user_of_the_organization_is_invited_once() {
    let world = World::new(Platform::TestInvite);
    let user = |id: &str| Candidate::without_email().with(Field::UserId, id).unwrap();
    assert_eq!(Keys::of(&user("u-1001")).external.as_deref(), Some("user_id:u-1001"));
    assert!(is_new(&world.invite(&user("u-1001"))));
    assert_eq!(world.invite(&user("u-1001")).disposition, Disposition::Unchanged);
    assert!(is_new(&world.invite(&user("u-1002"))));
    assert_eq!(world.invitations(), 2);
}

#[test]
fn a_candidate_without_an_address_is_known_by_another_key() {
    let world = World::new(Platform::TestInvite);
    let with = |field, text: &str| Candidate::without_email().name("Ada").unwrap().with(field, text).unwrap();
    for candidate in [with(Field::ExternalId, "E-1"), with(Field::UniqId, "U-1")] {
        assert!(is_new(&world.invite_with(&candidate, &InviteOptions::default())));
        assert_eq!(world.invite_with(&candidate, &InviteOptions::default()).disposition, Disposition::Unchanged);
    }
    assert_eq!(world.invitations(), 2);
    let nobody = Candidate::without_email().name("Ada").unwrap();
    let here = client(Platform::TestInvite, world.sandbox.url());
    let refused = match world.ledger.invite(&here, TestId::from(41), &nobody, &InviteOptions::default()) {
        Ok(outcome) => outcome.error.unwrap(),
        Err(error) => error,
    };
    assert_eq!(refused.kind(), Kind::InvalidInput);
    assert_eq!(world.invitations(), 2);
}
