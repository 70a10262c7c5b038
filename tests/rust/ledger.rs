//! The ledger over a real sandbox: what the record makes of a second wish.

use std::sync::Arc;

use bidden::client::{Client, ClientOptions, Credential};
use bidden::operation::{Disposition, Email, InviteOptions, TestId};
use bidden::sign::{Recipe, Signer};
use bidden::{AccessWindow, BaseUrl, Candidate, Platform, Secret, Time};
use bidden_ledger::{Consent, Ledger};
use bidden_sandbox::{Options, Sandbox};
use serde_json::Value;

fn get(url: &str, path: &str) -> Value {
    serde_json::from_str(&ureq::get(format!("{url}{path}")).call().unwrap().body_mut().read_to_string().unwrap()).unwrap()
}

fn post(url: &str, path: &str) {
    ureq::post(format!("{url}{path}")).header("content-type", "application/json").send("{}").unwrap();
}

struct World {
    sandbox: Sandbox,
    ledger: Ledger,
    client: Client,
    test: TestId,
}

fn credential(platform: Platform, of: &str) -> Credential {
    let secret = |name: &str| Secret::new(format!("{of}-{name}"));
    match platform {
        Platform::Imocha => Credential::ImochaKey(secret("key")),
        Platform::TestInvite => Credential::TestInviteToken(secret("token")),
        Platform::ThinkExam => Credential::ThinkExamSigner(Arc::new(Signer::recipe(secret("ak"), secret("secret"), Recipe::default()))),
    }
}

fn world(platform: Platform) -> World {
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let base = BaseUrl::parse(sandbox.url()).unwrap();
    let client = Client::new(base, credential(platform, "sandbox"), ClientOptions::default()).unwrap();
    World { ledger: Ledger::in_memory().unwrap(), client, test: TestId::from(292_930), sandbox }
}

fn with_mail(platform: Platform) -> InviteOptions {
    match platform {
        Platform::TestInvite => InviteOptions { email_template: Some("welcome".to_owned()), ..InviteOptions::default() },
        _ => InviteOptions { send_email: true, ..InviteOptions::default() },
    }
}

impl World {
    fn invite(&self, options: &InviteOptions) -> bidden::operation::Outcome {
        let ada = Candidate::new("ada@example.com").unwrap().name("Ada Lovelace").unwrap();
        self.ledger.invite(&self.client, self.test.clone(), &ada, options).unwrap()
    }

    fn mails(&self) -> usize {
        get(self.sandbox.url(), "/_sandbox/outbox")["messages"].as_array().unwrap().len()
    }

    fn requests(&self, part: &str) -> usize {
        let requests = get(self.sandbox.url(), "/_sandbox/requests");
        requests["requests"].as_array().unwrap().iter().filter(|request| request["path"].as_str().unwrap().contains(part)).count()
    }
}

#[test]
fn a_second_wish_of_the_same_sends_nothing() {
    for platform in Platform::ALL {
        let world = world(platform);
        let first = world.invite(&with_mail(platform));
        assert_eq!(first.email, Email::Asked, "{platform}");
        let second = world.invite(&with_mail(platform));
        assert_eq!((second.disposition, second.email), (Disposition::Unchanged, Email::Asked), "{platform}");
        assert_eq!(second.invitation_id, first.invitation_id, "{platform}");
        assert_eq!(world.mails(), 1, "{platform}");
    }
}

#[test]
fn without_a_record_everybody_is_new_and_nobody_but_this_machine_is_reached() {
    for platform in Platform::ALL {
        let world = World { ledger: Ledger::without_record().unwrap(), ..world(platform) };
        assert!(!world.ledger.is_there());
        let first = world.invite(&with_mail(platform));
        assert_eq!((first.email, first.error), (Email::Asked, None), "{platform}");
        let second = world.invite(&with_mail(platform)).disposition;
        let expected = if platform == Platform::TestInvite { Disposition::Duplicate } else { Disposition::Invited };
        assert_eq!(second, expected, "{platform}: the platform alone says what a second one is");
        assert!(world.ledger.history("ada@example.com").unwrap().is_empty());

        let elsewhere = BaseUrl::parse("https://platform.example").unwrap();
        let client = Client::new(elsewhere, credential(platform, "tenant"), ClientOptions::default()).unwrap();
        let ada = Candidate::new("ada@example.com").unwrap().name("Ada Lovelace").unwrap();
        let error = world.ledger.invite(&client, world.test.clone(), &ada, &InviteOptions::default()).unwrap_err();
        assert!(error.to_string().contains("without a record"), "{platform}: {error}");
    }
}

#[test]
fn a_later_window_refreshes_without_a_second_mail() {
    let world = world(Platform::Imocha);
    let window = |end: &str| AccessWindow { start: None, end: Some(Time::parse(end).unwrap()) };
    let options = |end| InviteOptions { window: window(end), ..with_mail(Platform::Imocha) };
    assert_eq!(world.invite(&options("2099-01-01T00:00:00Z")).disposition, Disposition::Invited);
    let later = world.invite(&options("2099-02-01T00:00:00Z"));
    assert_eq!((later.disposition, later.email), (Disposition::Refreshed, Email::Asked));
    assert_eq!(world.mails(), 1);
    assert_eq!(world.requests("/invite"), 2);
    assert_eq!(world.invite(&options("2099-02-01T00:00:00Z")).disposition, Disposition::Unchanged);
}

#[test]
fn what_somebody_cancelled_on_the_platform_is_held_until_it_may_be_reopened() {
    for platform in [Platform::Imocha, Platform::TestInvite] {
        let world = world(platform);
        let id = world.invite(&with_mail(platform)).invitation_id.unwrap();
        post(world.sandbox.url(), &format!("/_sandbox/attempts/{id}/cancel"));
        let held = world.invite(&with_mail(platform));
        assert_eq!(held.disposition, Disposition::Held, "{platform}");
        assert!(held.error.unwrap().to_string().contains("--reopen"), "{platform}");
        let place = world.ledger.place_of(&world.client, &world.test, None);
        let consent = Consent { reopen: true, ..Consent::default() };
        let invitations = world.ledger.invitations(&world.client, &place).unwrap().with_consent(consent);
        let ada = Candidate::new("ada@example.com").unwrap().name("Ada Lovelace").unwrap();
        let reopened = invitations.invite(&ada, &with_mail(platform)).unwrap();
        // A create after a delete is a new invitation and mails again; iMocha revives the old one, which was mailed.
        let (disposition, mails) = if platform == Platform::Imocha { (Disposition::Reopened, 1) } else { (Disposition::Created, 2) };
        let cancellations = if platform == Platform::Imocha { 1 } else { 0 };
        assert_eq!((reopened.disposition, world.mails() - cancellations), (disposition, mails), "{platform}");
    }
}

#[test]
fn one_person_is_cancelled_and_allowed_another_attempt() {
    let world = world(Platform::Imocha);
    let id = world.invite(&with_mail(Platform::Imocha)).invitation_id.unwrap();
    for event in ["start", "finish"] {
        post(world.sandbox.url(), &format!("/_sandbox/attempts/{id}/{event}"));
    }
    assert_eq!(world.invite(&with_mail(Platform::Imocha)).disposition, Disposition::AlreadyAttempted);
    let window =
        AccessWindow { start: Some(Time::parse("2098-01-01T00:00:00Z").unwrap()), end: Some(Time::parse("2099-01-01T00:00:00Z").unwrap()) };
    let options = InviteOptions { window, time_zone_id: Some(1200), ..with_mail(Platform::Imocha) };
    let again = world.ledger.reattempt(&world.client, world.test.clone(), "ada@example.com", &options).unwrap();
    assert_eq!((again.disposition, again.email), (Disposition::Invited, Email::Asked));
    assert_ne!(again.invitation_id.as_deref(), Some(id.as_str()));
    let once_more = world.ledger.reattempt(&world.client, world.test.clone(), "ada@example.com", &options).unwrap();
    assert_eq!(once_more.disposition, Disposition::Unchanged);
    let cancelled = world.ledger.cancel(&world.client, world.test.clone(), "Ada@Example.com").unwrap();
    assert_eq!(cancelled.disposition, Disposition::Cancelled);
    let history = world.ledger.history("ada@example.com").unwrap();
    let deeds: Vec<_> =
        history[0].operations.iter().map(|operation| (operation.deed.slug(), operation.outcome.as_deref().unwrap())).collect();
    assert_eq!(deeds, [("invite", "invited"), ("look-up", "invited"), ("reattempt", "invited"), ("cancel", "cancelled")]);
}
