//! The law as tables: what the record says, on which platform, and what is wished, to what may be done. The rules stand in the
//! repeating sections of the references (iMocha 21a, TestInvite 3.4, Think Exam 8) and at the head of `law.rs`.

use bidden::operation::{Disposition, Email, Outcome};
use bidden::{AccessWindow, BaseUrl, Error, Kind, Platform, Repeat, Status, Time};
use bidden_ledger::law::{Observed, Reason, Refreshing, Sight, Verdict, Wish, judge, seen};
use bidden_ledger::record::{Deed, Ending, Failure, Pending, Record, Standing};
use bidden_ledger::{Consent, Digest};

/// The version of every record here.
const VERSION: i64 = 7;

fn now() -> Time {
    Time::from_seconds(1_800_000_000)
}

fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// How a platform's calls may be repeated.
fn repeat_of(platform: Platform, deed: Deed, mail: bool) -> Repeat {
    match (platform, deed, mail) {
        (Platform::Imocha, Deed::Cancel, _) => Repeat::Never,
        (_, Deed::Cancel | Deed::Register | Deed::LookUp, _) => Repeat::Freely,
        (Platform::TestInvite, ..) => Repeat::Guarded,
        (.., true) => Repeat::WithoutMail,
        (.., false) => Repeat::Freely,
    }
}

fn wish(platform: Platform, deed: Deed, mail: bool) -> Wish {
    Wish {
        deed,
        platform,
        asks_for_mail: mail,
        repeat: repeat_of(platform, deed, mail),
        request: digest(if mail { "with mail" } else { "without" }),
        request_without_mail: digest("without"),
        terms: digest("terms"),
        window: AccessWindow::default(),
        refresh: None,
        consent: Consent::default(),
        sight: Sight::NotAsked,
        seen_version: None,
        looks_up: false,
        now: now(),
    }
}

fn every_consent() -> impl Iterator<Item = Consent> {
    (0..16).map(|bits| Consent {
        reopen: bits & 1 != 0,
        mail_again: bits & 2 != 0,
        resend_uncertain: bits & 4 != 0,
        retry_failed: bits & 8 != 0,
    })
}

fn record(standing: &Standing) -> Record {
    Record {
        id: 1,
        place: 1,
        email: Some("ada".to_owned()),
        external: None,
        version: VERSION,
        operation: 3,
        is_live: false,
        standing: standing.clone(),
    }
}

fn judged(standing: &Standing, wish: &Wish) -> Verdict {
    judge(Some(&record(standing)), wish, None)
}

fn pending(deed: Deed, mail: bool, is_new: bool) -> Pending {
    Pending {
        deed,
        asks_for_mail: mail,
        request: digest(if mail { "with mail" } else { "without" }),
        request_without_mail: digest("without"),
        terms: digest("terms"),
        start: None,
        end: None,
        is_new,
        beside_window: None,
        is_refresh: false,
    }
}

/// An accepted invitation.
fn accepted(status: Status, was_mailed: bool) -> Standing {
    Standing {
        disposition: Some(Disposition::Invited),
        deed: Some(Deed::Invite),
        is_accepted: true,
        is_mailed: was_mailed,
        mailing: was_mailed.then(|| digest("with mail")),
        email: if was_mailed { Email::Asked } else { Email::None },
        status,
        invitation_id: Some("1001".to_owned()),
        terms: Some(digest("terms")),
        ..Standing::default()
    }
}

/// A request whose outcome nobody wrote.
fn lost(before: Standing, deed: Deed, mail: bool, is_new: bool) -> Standing {
    before.with_intent(pending(deed, mail, is_new)).with_loss()
}

/// The first request for an invitation, which asked for mail and got no answer.
fn first_lost() -> Standing {
    lost(Standing::default(), Deed::Invite, true, false)
}

fn failed(before: Standing, kind: Kind) -> Standing {
    Standing {
        disposition: Some(Disposition::of_error(kind)),
        deed: Some(Deed::Invite),
        failure: Some(Failure::of(&Error::new(kind, "no"))),
        ..before
    }
}

fn observed(id: &str, status: Status) -> Sight {
    Sight::Seen(Box::new(Observed {
        status,
        platform_status: None,
        invitation_id: Some(id.to_owned()),
        invitation_code: None,
        test_url: None,
    }))
}

fn settled(before: Standing, pending: Pending, outcome: &Outcome, may_have_taken_effect: bool) -> Standing {
    let ending = Ending { outcome, may_have_taken_effect, window: AccessWindow::default(), terms: Some(pending.terms), run: None };
    before.with_intent(pending).with_outcome(&ending)
}

fn sends(verdict: &Verdict) -> Option<(bool, Reason)> {
    if let Verdict::Send { with_mail, reason, .. } = verdict { Some((*with_mail, *reason)) } else { None }
}

fn says(verdict: &Verdict, word: &str) -> bool {
    matches!(verdict, Verdict::Held(why) | Verdict::Uncertain(why) if why.contains(word))
}

/// At most one request that asks for mail, unless `--mail-again`; only a new attempt and a create after a delete are new
/// invitations. Every kind of standing, deed, platform, consent, repeat class and sight.
#[test]
fn no_cell_asks_for_a_second_mail() {
    let mut standings = vec![first_lost(), failed(first_lost(), Kind::Rejected), failed(first_lost(), Kind::Unavailable)];
    for status in Status::ALL {
        let base = || accepted(status, true);
        let reattempted = || lost(base(), Deed::Reattempt, true, true);
        standings.extend([
            base(),
            lost(base(), Deed::Invite, true, false),
            lost(base(), Deed::Invite, false, false),
            lost(base(), Deed::Invite, true, true),
            reattempted(),
            lost(base(), Deed::Cancel, false, false),
            lost(reattempted(), Deed::Cancel, false, false),
            lost(reattempted(), Deed::Invite, false, false),
            failed(base(), Kind::Rejected),
            failed(base(), Kind::Unavailable),
        ]);
    }
    let sights = [
        Sight::NotAsked,
        Sight::NotListed,
        Sight::Absent,
        observed("1001", Status::Pending),
        observed("1001", Status::Complete),
        observed("1001", Status::Cancelled),
        observed("1002", Status::Pending),
    ];
    let mut asked = 0;
    for standing in &standings {
        for platform in Platform::ALL {
            for deed in [Deed::Invite, Deed::Reattempt] {
                let is_create = standing.lost.as_deref().is_some_and(|lost| lost.deed == Deed::Invite && lost.is_new);
                if is_create && (platform, deed) != (Platform::TestInvite, Deed::Invite) {
                    // Only TestInvite creates after a delete, and it allows no other attempt.
                    continue;
                }
                for consent in every_consent() {
                    for repeat in [Repeat::Freely, Repeat::WithoutMail, Repeat::Guarded, Repeat::Never] {
                        for sight in &sights {
                            // The mail is another one, so that the platform's guard makes nothing one request.
                            let wish = Wish {
                                consent,
                                repeat,
                                sight: sight.clone(),
                                seen_version: Some(VERSION),
                                request: digest("another mail"),
                                ..wish(platform, deed, true)
                            };
                            let verdict = judged(standing, &wish);
                            let Verdict::Send { with_mail: true, is_new, .. } = verdict else { continue };
                            asked += 1;
                            let after = seen(standing.clone(), sight);
                            let was_new_asked = after.lost.as_deref().is_some_and(|lost| lost.is_new && lost.asks_for_mail);
                            let may_ask = consent.mail_again || !after.is_mailed || (is_new && !was_new_asked);
                            assert!(may_ask, "{platform} {deed:?} {repeat:?} {consent:?} {sight:?} on {standing:?}: {verdict:?}");
                        }
                    }
                }
            }
        }
    }
    assert!(asked > 1000, "the table has cells that ask for mail: {asked}");
}

#[test]
fn nobody_sends_beside_a_live_intent() {
    let standing = Standing::default().with_intent(pending(Deed::Invite, true, false));
    let live = Record { is_live: true, ..record(&standing) };
    for platform in Platform::ALL {
        for deed in Deed::ALL {
            for consent in every_consent() {
                assert_eq!(judge(Some(&live), &Wish { consent, ..wish(platform, deed, true) }, None), Verdict::Busy);
            }
        }
    }
}

/// The repeating sections: iMocha 21a, TestInvite 3.4, Think Exam 8.
#[test]
fn a_lost_invitation_is_asked_for_again_as_its_section_says() {
    let on = |platform, mail| sends(&judged(&first_lost(), &wish(platform, Deed::Invite, mail)));
    for platform in [Platform::Imocha, Platform::ThinkExam] {
        assert_eq!(on(platform, true), Some((false, Reason::Resolve)), "{platform}: never again with mail");
        assert_eq!(on(platform, false), Some((false, Reason::Resolve)), "{platform}");
    }
    // The same body under the platform's own guard counts as the one request.
    assert_eq!(on(Platform::TestInvite, true), Some((true, Reason::Resolve)));
    assert_eq!(on(Platform::TestInvite, false), Some((false, Reason::Resolve)));
}

/// TestInvite reference, section 3.4: repeated with the same body, or not at all.
#[test]
fn another_body_is_no_guarded_repeat() {
    let other = Wish { request: digest("b"), request_without_mail: digest("a"), ..wish(Platform::TestInvite, Deed::Invite, true) };
    assert!(matches!(judged(&first_lost(), &other), Verdict::Uncertain(_)));
    let consent = Consent { resend_uncertain: true, ..Consent::default() };
    assert_eq!(sends(&judged(&first_lost(), &Wish { consent, ..other })), Some((false, Reason::Resolve)));
    // The same but for its mail goes without one.
    let template = Wish { request: digest("another template"), ..wish(Platform::TestInvite, Deed::Invite, true) };
    assert_eq!(sends(&judged(&first_lost(), &template)), Some((false, Reason::Resolve)));
}

/// It goes again without mail, and with mail only together with `--mail-again`.
#[test]
fn what_nothing_guards_stays_uncertain_until_somebody_decides() {
    for consent in every_consent() {
        let verdict = judged(&first_lost(), &Wish { repeat: Repeat::Never, consent, ..wish(Platform::TestInvite, Deed::Invite, true) });
        if consent.resend_uncertain {
            assert_eq!(sends(&verdict), Some((consent.mail_again, Reason::Resolve)), "{consent:?}");
        } else {
            assert!(matches!(verdict, Verdict::Uncertain(_)), "{consent:?}: {verdict:?}");
        }
    }
}

/// A refresh or reopen of an invitation already mailed goes without mail.
#[test]
fn an_accepted_invitation_is_judged_by_where_it_stands() {
    use Disposition::{AlreadyAttempted, InProgress, Unchanged};
    let on = |platform, status, was_mailed, is_same, mail, reopen| {
        let terms = if is_same { digest("terms") } else { digest("later window") };
        let consent = Consent { reopen, ..Consent::default() };
        judged(&accepted(status, was_mailed), &Wish { terms, consent, ..wish(platform, Deed::Invite, mail) })
    };
    for platform in Platform::ALL {
        for (was_mailed, mail, is_same) in (0..8).map(|bits| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0)) {
            let case = format!("{platform}, was mailed {was_mailed}, mail {mail}, same terms {is_same}");
            for status in [Status::Complete, Status::TestLeft, Status::Terminated] {
                assert_eq!(on(platform, status, was_mailed, is_same, mail, true), Verdict::Known(AlreadyAttempted), "{case}");
            }
            assert_eq!(on(platform, Status::InProgress, was_mailed, is_same, mail, true), Verdict::Known(InProgress), "{case}");
            for status in [Status::Cancelled, Status::Expired] {
                let verdict = on(platform, status, was_mailed, is_same, mail, false);
                assert!(says(&verdict, "--reopen"), "{case}, {status}: {verdict:?}");
            }
            for status in [Status::Pending, Status::Unknown] {
                let verdict = on(platform, status, was_mailed, is_same, mail, false);
                let first_mail = mail && !was_mailed;
                let expected = match platform {
                    Platform::Imocha if !is_same => Some((first_mail, Reason::Refresh)),
                    // No call mails or changes a candidate who exists (TestInvite reference, section 4.5).
                    Platform::TestInvite => None,
                    _ => first_mail.then_some((true, Reason::Mail)),
                };
                assert_eq!(sends(&verdict), expected, "{case}");
                let is_held = platform == Platform::TestInvite && (first_mail || !is_same);
                assert_eq!(matches!(verdict, Verdict::Held(_)), is_held, "{case}");
                assert_eq!(verdict == Verdict::Known(Unchanged), !is_held && expected.is_none(), "{case}");
            }
        }
    }
    // A create after a delete is a new invitation (TestInvite reference, R8); an expired candidate is still there.
    assert_eq!(
        on(Platform::TestInvite, Status::Cancelled, true, true, true, true),
        Verdict::Send { with_mail: true, reason: Reason::Reopen, is_new: true }
    );
    assert!(matches!(on(Platform::TestInvite, Status::Expired, true, true, true, true), Verdict::Held(_)));
    for platform in [Platform::Imocha, Platform::ThinkExam] {
        assert_eq!(sends(&on(platform, Status::Cancelled, true, true, true, true)), Some((false, Reason::Reopen)));
    }
}

/// TestInvite reference, section 4.3: the window of a candidate who is there is replaced, and nothing else.
// Helpers of a test fail as the test does.
#[allow(clippy::unwrap_used)]
fn refreshing(mail: bool, window: (Option<i64>, Option<i64>)) -> Wish {
    let refresh =
        Refreshing { beside_window: digest("beside"), base: BaseUrl::parse("http://127.0.0.1:8787").unwrap(), test: "task-1".into() };
    Wish {
        terms: digest("later window"),
        window: AccessWindow { start: window.0.map(Time::from_seconds), end: window.1.map(Time::from_seconds) },
        refresh: Some(Box::new(refresh)),
        ..wish(Platform::TestInvite, Deed::Invite, mail)
    }
}

/// A candidate who was created until a moment, a month after now.
fn created(was_mailed: bool) -> Standing {
    Standing { end: Some(1_802_592_000_000), beside_window: Some(digest("beside")), ..accepted(Status::Pending, was_mailed) }
}

const LATER: (Option<i64>, Option<i64>) = (None, Some(1_900_000_000));

#[test]
fn a_later_window_of_a_testinvite_candidate_is_a_refresh_without_mail() {
    let refresh = Some((false, Reason::Refresh));
    assert_eq!(sends(&judged(&created(false), &refreshing(false, LATER))), refresh);
    assert_eq!(sends(&judged(&created(true), &refreshing(true, LATER))), refresh, "a mail was asked for before");
    assert_eq!(sends(&judged(&created(false), &refreshing(false, (Some(1_850_000_000), LATER.1)))), refresh, "a start is added");
    // No call mails a candidate who is there (section 4.5).
    assert!(says(&judged(&created(false), &refreshing(true, LATER)), "mails a candidate who exists"));
    // No form of the call takes a side away.
    assert!(says(&judged(&created(false), &refreshing(false, (None, None))), "terms"));
    // Anything else that differs is held, and so is a candidate whose terms nobody knows.
    let other = Standing { beside_window: Some(digest("other group")), ..created(false) };
    assert!(says(&judged(&other, &refreshing(false, LATER)), "terms"));
    let unknown = Standing { beside_window: None, ..created(false) };
    assert!(says(&judged(&unknown, &refreshing(false, LATER)), "terms"));
    let nameless = Standing { invitation_id: None, ..created(false) };
    assert!(says(&judged(&nameless, &refreshing(false, LATER)), "id"));
    let running = Standing { status: Status::InProgress, ..created(false) };
    assert_eq!(judged(&running, &refreshing(false, LATER)), Verdict::Known(Disposition::InProgress));
}

#[test]
fn an_expired_testinvite_candidate_is_opened_again_by_a_later_window_only_with_consent() {
    let expired = Standing { end: Some(1_790_000_000_000), ..created(true) };
    let wish = refreshing(true, LATER);
    assert!(says(&judged(&expired, &wish), "--reopen"));
    let consent = Consent { reopen: true, ..Consent::default() };
    assert_eq!(sends(&judged(&expired, &Wish { consent, ..wish })), Some((false, Reason::Reopen)));
}

#[test]
fn a_lost_change_of_the_window_is_repeated_and_no_list_settles_it() {
    let lost = Pending {
        terms: digest("later window"),
        end: LATER.1.map(|seconds| seconds * 1000),
        beside_window: Some(digest("beside")),
        is_refresh: true,
        ..pending(Deed::Invite, false, false)
    };
    let standing = created(true).with_intent(lost).with_loss();
    let wish = refreshing(true, LATER);
    let refresh = Some((false, Reason::Refresh));
    assert_eq!(sends(&judged(&standing, &wish)), refresh);
    let own = standing.invitation_id.clone().unwrap();
    let waiting = seen(standing.clone(), &observed(&own, Status::Pending));
    assert_eq!(sends(&judged(&waiting, &wish)), refresh, "that the candidate is there says nothing of the window");
    let running = seen(standing.clone(), &observed(&own, Status::InProgress));
    assert_eq!(judged(&running, &wish), Verdict::Known(Disposition::InProgress));
    let gone = seen(standing, &Sight::Absent);
    assert!(says(&judged(&gone, &wish), "--reopen"), "who is gone has no window");
}

/// iMocha reference, section 21: expiry is what somebody sees who looks. Think Exam has no access window (section 8).
#[test]
fn a_window_that_is_over_is_expired_for_whoever_looks() {
    let standing = Standing { end: Some(now().milliseconds() - 1), ..accepted(Status::Pending, true) };
    let verdict = judged(&standing, &wish(Platform::Imocha, Deed::Invite, true));
    assert!(says(&verdict, "expired"), "{verdict:?}");
    assert_eq!(judged(&standing, &wish(Platform::ThinkExam, Deed::Invite, true)), Verdict::Known(Disposition::Unchanged));
}

#[test]
fn what_failed_goes_again_only_where_the_reason_lay_not_in_the_row() {
    for kind in bidden::error::KINDS.iter().map(|row| row.kind).filter(|kind| *kind != Kind::Uncertain) {
        let standing = Standing { request: Some(digest("with mail")), ..failed(Standing::default(), kind) };
        let is_of_row = matches!(kind, Kind::InvalidInput | Kind::Refused | Kind::Rejected | Kind::Duplicate);
        let sent = Some((true, Reason::New));
        for platform in Platform::ALL {
            let wish = wish(platform, Deed::Invite, true);
            let plain = judged(&standing, &wish);
            assert_eq!(sends(&plain), if is_of_row { None } else { sent }, "{platform} {kind:?}");
            assert_eq!(plain == Verdict::Known(Disposition::of_error(kind)), is_of_row, "{platform} {kind:?}");
            let retry_failed = Consent { retry_failed: true, ..Consent::default() };
            assert_eq!(sends(&judged(&standing, &Wish { consent: retry_failed, ..wish.clone() })), sent, "{platform} {kind:?}");
            let changed = Wish { request: digest("changed"), request_without_mail: digest("changed too"), ..wish };
            assert_eq!(sends(&judged(&standing, &changed)), sent, "{platform} {kind:?}: a changed row is another request");
        }
    }
}

/// What was refused were other terms; those that hold are unchanged.
#[test]
fn a_refused_refresh_leaves_the_old_terms_standing() {
    let refused = Outcome::of_error(Error::new(Kind::Rejected, "no").with_status(400));
    let later = digest("later");
    let refresh = Pending { terms: later, request: later, request_without_mail: later, ..pending(Deed::Invite, false, false) };
    let standing = settled(accepted(Status::Pending, true), refresh, &refused, false);
    assert_eq!(judged(&standing, &wish(Platform::Imocha, Deed::Invite, true)), Verdict::Known(Disposition::Unchanged));
    let again = Wish { terms: later, request: later, request_without_mail: later, ..wish(Platform::Imocha, Deed::Invite, false) };
    assert_eq!(judged(&standing, &again), Verdict::Known(Disposition::Refused));
}

/// iMocha reference, section 21a: reattempt with mail as invite with mail.
#[test]
fn a_lost_reattempt_is_settled_by_the_new_attempt_alone() {
    let standing = lost(accepted(Status::Complete, true), Deed::Reattempt, true, true);
    let with = |sight| {
        let reattempt = wish(Platform::Imocha, Deed::Reattempt, true);
        judged(&standing, &Wish { sight, seen_version: Some(VERSION), looks_up: true, ..reattempt })
    };
    let resolve = Verdict::Send { with_mail: false, reason: Reason::Resolve, is_new: true };
    assert_eq!(with(Sight::NotListed), resolve);
    // The old attempt is finished as it was: that says nothing of the new one.
    assert_eq!(with(observed("1001", Status::Complete)), resolve);
    // The new one has come and gone.
    assert_eq!(with(observed("1002", Status::Complete)), Verdict::Known(Disposition::AlreadyAttempted));
    assert!(matches!(with(observed("1002", Status::Cancelled)), Verdict::Held(_)));
    // Answered with the old attempt, an invitation leaves the new one as unknown as before.
    let old = Outcome { status: Status::Complete, invitation_id: Some("1001".to_owned()), ..Outcome::of(Disposition::AlreadyAttempted) };
    let after = settled(standing.clone(), pending(Deed::Invite, false, false), &old, true);
    assert_eq!(judged(&after, &wish(Platform::Imocha, Deed::Reattempt, true)), resolve);
}

#[test]
fn a_new_attempt_that_was_lost_without_mail_may_still_be_mailed_once() {
    let standing = lost(accepted(Status::Complete, true), Deed::Reattempt, false, true);
    assert_eq!(sends(&judged(&standing, &wish(Platform::Imocha, Deed::Reattempt, true))), Some((true, Reason::Resolve)));
    // Not by an invitation, which may meet the old one.
    assert_eq!(sends(&judged(&standing, &wish(Platform::Imocha, Deed::Invite, true))), Some((false, Reason::Resolve)));
    let child = Outcome {
        status: Status::Pending,
        email: Email::Asked,
        invitation_id: Some("1002".to_owned()),
        ..Outcome::of(Disposition::Invited)
    };
    let after = settled(standing, pending(Deed::Reattempt, true, true), &child, true);
    assert_eq!((after.is_mailed, after.email, after.lost), (true, Email::Asked, None));
}

/// iMocha reference, section 21a: not asked for again where the ledger holds a cancellation made since.
#[test]
fn a_lost_cancellation_is_not_undone() {
    let standing = lost(accepted(Status::Pending, true), Deed::Cancel, false, false);
    for platform in Platform::ALL {
        let with = |sight| judged(&standing, &Wish { sight, seen_version: Some(VERSION), ..wish(platform, Deed::Invite, true) });
        for sight in [Sight::NotListed, Sight::Absent, observed("1001", Status::Pending)] {
            let verdict = with(sight);
            assert!(says(&verdict, "cancellation"), "{platform}: {verdict:?}");
        }
        assert!(matches!(with(observed("1001", Status::Cancelled)), Verdict::Held(_)), "{platform}");
        // A running attempt cannot be cancelled any more.
        assert_eq!(with(observed("1001", Status::InProgress)), Verdict::Known(Disposition::InProgress), "{platform}");
        // iMocha's is looked up, the others' repeated.
        let cancel = judged(&standing, &wish(platform, Deed::Cancel, false));
        assert_eq!(sends(&cancel).is_some(), platform != Platform::Imocha, "{platform}: {cancel:?}");
    }
    // Nor is it forgotten beside a lost invitation.
    let uncertain = Outcome::of_error(Error::new(Kind::Uncertain, "lost"));
    let both = settled(first_lost(), pending(Deed::Cancel, false, false), &uncertain, true);
    assert!(says(&judged(&both, &wish(Platform::ThinkExam, Deed::Invite, true)), "cancellation"));
}

#[test]
fn a_complete_5xx_to_a_cancellation_leaves_it_open() {
    let busy = Outcome::of_error(Error::new(Kind::Unavailable, "busy").with_status(503));
    let sent = settled(accepted(Status::Pending, true), pending(Deed::Cancel, false, false), &busy, true);
    assert!(sent.is_cancellation_open());
    let not_sent = settled(accepted(Status::Pending, true), pending(Deed::Cancel, false, false), &busy, false);
    assert_eq!(judged(&not_sent, &wish(Platform::ThinkExam, Deed::Invite, true)), Verdict::Known(Disposition::Unchanged));
}

/// The one whose id is known is withdrawn, not one that was perhaps made after a delete.
#[test]
fn a_cancellation_does_not_settle_a_create_that_was_lost() {
    let standing = lost(accepted(Status::Cancelled, true), Deed::Invite, true, true);
    let cancel = judged(&standing, &wish(Platform::TestInvite, Deed::Cancel, false));
    assert!(sends(&cancel).is_some(), "not known as cancelled: {cancel:?}");
    let gone = Outcome { status: Status::Cancelled, ..Outcome::of(Disposition::Cancelled) };
    let after = settled(standing, pending(Deed::Cancel, false, false), &gone, true);
    assert_eq!((after.disposition, after.lost.is_some()), (Some(Disposition::Uncertain), true));
    assert!(!after.is_cancellation_open());
}

/// One that finds the invitation settles it; one that finds nothing settles nothing.
#[test]
fn a_look_up_settles_what_it_finds() {
    let found = seen(first_lost(), &observed("1001", Status::Pending));
    assert_eq!((found.disposition, found.email, found.is_mailed), (Some(Disposition::Invited), Email::Uncertain, true));
    // It was made on the terms of the lost request.
    assert_eq!(judged(&found, &wish(Platform::TestInvite, Deed::Invite, true)), Verdict::Known(Disposition::Unchanged));
    for sight in [Sight::NotAsked, Sight::NotListed, Sight::Absent] {
        assert_eq!(seen(first_lost(), &sight), first_lost(), "{sight:?}");
    }
    // What the platform refused is not made ours by being there.
    let duplicate = failed(Standing::default(), Kind::Duplicate);
    assert_eq!(seen(duplicate.clone(), &observed("1001", Status::Pending)), duplicate);
    // Deleted by somebody.
    assert_eq!(seen(accepted(Status::Pending, true), &Sight::Absent).status, Status::Cancelled);
    // Another in its place, on terms that nobody knows.
    let other = seen(accepted(Status::Pending, true), &observed("1002", Status::Pending));
    assert!(says(&judged(&other, &wish(Platform::TestInvite, Deed::Invite, true)), "terms"));
}

#[test]
fn what_was_seen_before_the_record_moved_is_asked_for_again() {
    let reopen = Consent { reopen: true, ..Consent::default() };
    let seen_at = |version| Wish {
        sight: Sight::Absent,
        seen_version: Some(version),
        looks_up: true,
        consent: reopen,
        ..wish(Platform::TestInvite, Deed::Invite, true)
    };
    assert_eq!(judged(&accepted(Status::Pending, true), &seen_at(VERSION - 1)), Verdict::LookUp);
    assert!(sends(&judged(&accepted(Status::Pending, true), &seen_at(VERSION))).is_some());
}

/// Think Exam reference, section 8: registering is a login the second time, and says nothing of the assignment.
#[test]
fn a_registration_neither_repeats_nor_hides_what_became_of_the_assignment() {
    let register = wish(Platform::ThinkExam, Deed::Register, false);
    let registered = Standing { is_registered: true, ..first_lost() };
    let known = judged(&registered, &register);
    assert!(matches!(known, Verdict::Known(disposition) if disposition.exit_code() == 0), "{known:?}");
    let login = Outcome::of(Disposition::LoggedIn);
    let after = settled(first_lost(), pending(Deed::Register, false, false), &login, true);
    assert_eq!((after.disposition, after.is_registered), (Some(Disposition::Uncertain), true));
    assert_eq!(lost(first_lost(), Deed::Register, false, false).disposition, Some(Disposition::Uncertain));
    let interrupted = lost(Standing::default(), Deed::Register, false, false);
    assert_eq!(interrupted.disposition, Some(Disposition::Failed));
    assert!(sends(&judged(&interrupted, &register)).is_some());
}

/// Any other outcome counts, Think Exam's `result:"error"` with HTTP 200 included (Think Exam reference, section 2.1).
#[test]
fn only_a_complete_4xx_asked_for_nothing() {
    let rejected = Outcome::of_error(Error::new(Kind::Rejected, "no"));
    let refused = settled(Standing::default(), pending(Deed::Invite, true, false), &rejected, false);
    assert_eq!((refused.is_mailed, refused.email), (false, Email::None));
    let counted = settled(Standing::default(), pending(Deed::Invite, true, false), &rejected, true);
    assert_eq!((counted.is_mailed, counted.email), (true, Email::Uncertain));
    let retry_failed = Consent { retry_failed: true, ..Consent::default() };
    for (standing, may_ask) in [(refused, true), (counted, false)] {
        let verdict = judged(&standing, &Wish { consent: retry_failed, ..wish(Platform::ThinkExam, Deed::Invite, true) });
        assert_eq!(sends(&verdict).map(|(mail, _)| mail), Some(may_ask));
    }
}

#[test]
fn a_cancelled_run_leaves_what_was_known() {
    let before = lost(accepted(Status::Pending, true), Deed::Invite, false, false);
    let after = settled(before.clone(), pending(Deed::Invite, false, false), &Outcome::of(Disposition::NotSent), false);
    assert_eq!(after, before);
}
