//! Test links: section 14. A link is its own machine for every address (section 8, published); the default link is one of them.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::fixtures::{InvitationType, LinkStatus, ScheduleType};
use super::{Test, fixtures, no_test};
use crate::engine::{Change, Invitation, Link, Outcome, Sequence, Store, Turn, World};
use crate::imocha::{
    CreateTestLink, CreatedTestLink, FetchTestLink, FetchedTestLink, InvitationSchedule, ListTestLinks, NO_TEST_LINK, ProctoringMode,
    ProctoringSettings, ScheduleDetails, TestLink, TestLinks, refusal,
};
use crate::{AccessWindow, AnyReply, Time};

/// `GET /v3/tests/{testId}/testlinks`.
pub(in crate::engine) fn list_test_links<S: Store>(store: &S, call: &ListTestLinks, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(test) = Test::of(turn.world, call.test_id) else { return Ok(Err(no_test())) };
    let mut links: Vec<Link> = declared(test, turn.world).collect();
    links.extend(store.test_links(&call.test_id.to_string())?);
    links.sort_unstable_by_key(|link| link.id);
    Ok(Ok(TestLinks { test_links: links.iter().map(shown).collect(), extra: serde_json::Map::new() }.into()))
}

/// `GET /v3/tests/{testId}/testlinks/{testLinkId}`.
pub(in crate::engine) fn fetch_test_link<S: Store>(store: &S, call: &FetchTestLink, turn: &Turn<'_>) -> Result<Outcome, S::Error> {
    let Some(test) = Test::of(turn.world, call.test_id) else { return Ok(Err(no_test())) };
    Ok(match link(store, test, call.test_link_id, turn.world)? {
        Some(link) => Ok(FetchedTestLink(shown(&link)).into()),
        None => Err(refusal(404, &[NO_TEST_LINK])),
    })
}

/// `POST /v3/tests/{testId}/testlinks`. What the call leaves out is the account's (section 14: new links are valid for a number of
/// days, 7 by default).
pub(in crate::engine) fn create_test_link<S: Store>(store: &S, call: CreateTestLink, turn: &mut Turn<'_>) -> Result<Outcome, S::Error> {
    if Test::of(turn.world, call.test_id).is_none() {
        return Ok(Err(no_test()));
    }
    let switches = &turn.world.dialect.imocha;
    let schedule = call.invitation_schedule.unwrap_or_default();
    let details = schedule.schedule_details.unwrap_or_default();
    let word = |given: Option<String>, is: &str| given.as_deref() == Some(is);
    let schedule_type = match schedule.schedule_type.as_deref() {
        Some("timebound") => ScheduleType::TimeBound,
        Some("slotwise") => ScheduleType::SlotWise,
        _ => ScheduleType::ValidityInDays,
    };
    let mode = call.proctoring_settings.and_then(|settings| settings.proctoring_mode).unwrap_or_default();
    let proctoring_mode = ProctoringMode::WORDS.iter().find(|(known, _)| *known == mode).map(|(_, mode)| *mode);
    let link = Link {
        test_id: call.test_id.to_string(),
        name: call.test_link_name,
        is_api_link: false,
        status: if word(call.test_link_status, "inactive") { LinkStatus::Inactive } else { LinkStatus::Active },
        invitation_type: if word(call.invitation_type, "open") { InvitationType::Open } else { InvitationType::Email },
        proctoring_mode: proctoring_mode.unwrap_or(ProctoringMode::Disabled),
        schedule_type,
        days: days(details.invitation_validity_in_days.filter(|days| *days > 0).unwrap_or(switches.default_link_days)),
        window: AccessWindow { start: details.start_date_time, end: details.end_date_time },
        time_zone_id: details.time_zone_id.unwrap_or(switches.default_link_zone),
        stakeholder_emails: match call.stakeholder_emails {
            Some(text) => super::invite::addresses(&text),
            None => vec![switches.test_owner.clone()],
        },
        id: next_id(store, turn)?,
    };
    turn.changes.push(Change::Linked(link.clone()));
    Ok(Ok(AnyReply::from(CreatedTestLink(shown(&link)))))
}

/// The default link of a test; the first invite makes it. What that call says belongs to its own invitation (choice 41).
pub(super) fn default_link<S: Store>(store: &S, test: Test<'_>, turn: &mut Turn<'_>) -> Result<Link, S::Error> {
    if let Some(link) = known_default_link(store, test, turn.world)? {
        return Ok(link);
    }
    let switches = &turn.world.dialect.imocha;
    let link = Link {
        test_id: test.id.to_string(),
        name: "API".to_owned(),
        is_api_link: true,
        status: LinkStatus::Active,
        invitation_type: InvitationType::Email,
        proctoring_mode: ProctoringMode::Disabled,
        schedule_type: ScheduleType::ValidityInDays,
        days: days(switches.default_link_days),
        window: AccessWindow::default(),
        time_zone_id: switches.default_link_zone,
        stakeholder_emails: vec![switches.test_owner.clone()],
        id: next_id(store, turn)?,
    };
    turn.changes.push(Change::Linked(link.clone()));
    Ok(link)
}

fn known_default_link<S: Store>(store: &S, test: Test<'_>, world: &World) -> Result<Option<Link>, S::Error> {
    match test.declared.and_then(|test| test.links.iter().find(|link| link.is_api_link)) {
        Some(link) => Ok(Some(of_fixture(test.id, link, world))),
        None => store.link(&test.id.to_string()),
    }
}

/// Whether an invitation is one of its test's default link.
pub(super) fn is_by_default_link<S: Store>(store: &S, world: &World, invitation: &Invitation) -> Result<bool, S::Error> {
    let link = known_default_link(store, Test::of_invitation(world, invitation), world)?;
    Ok(link.is_some_and(|link| Some(link.id) == invitation.link_id))
}

/// The link of an id, if it is the test's.
pub(super) fn link<S: Store>(store: &S, test: Test<'_>, id: i64, world: &World) -> Result<Option<Link>, S::Error> {
    match test.declared.and_then(|test| test.links.iter().find(|link| link.test_link_id == id)) {
        Some(link) => Ok(Some(of_fixture(test.id, link, world))),
        None => store.test_link(&test.id.to_string(), id),
    }
}

/// A side of the window that the call does not name is the link's: from now, and the link's days from the start, or the window of
/// its schedule (choices 8 and 17).
pub(super) fn fresh_window(asked: AccessWindow, link: &Link, turn: &Turn<'_>) -> AccessWindow {
    let now = Time::from_seconds(turn.now.seconds());
    if link.schedule_type != ScheduleType::ValidityInDays {
        return AccessWindow { start: asked.start.or(link.window.start).or(Some(now)), end: asked.end.or(link.window.end) };
    }
    let start = asked.start.unwrap_or(now);
    let end = asked.end.unwrap_or_else(|| start.max(now).after(Duration::from_secs(u64::from(link.days) * 86_400)));
    AccessWindow { start: Some(start), end: Some(end) }
}

fn declared<'a>(test: Test<'a>, world: &'a World) -> impl Iterator<Item = Link> + 'a {
    test.declared.into_iter().flat_map(|test| &test.links).map(move |link| of_fixture(test.id, link, world))
}

fn of_fixture(test_id: i64, link: &fixtures::Link, world: &World) -> Link {
    let switches = &world.dialect.imocha;
    Link {
        id: link.test_link_id,
        test_id: test_id.to_string(),
        name: link.name.clone().unwrap_or_else(|| format!("Link {}", link.test_link_id)),
        is_api_link: link.is_api_link,
        status: link.status,
        invitation_type: link.invitation_type,
        proctoring_mode: link.proctoring_mode.unwrap_or(ProctoringMode::Disabled),
        schedule_type: link.schedule_type,
        days: days(link.validity_in_days.unwrap_or(switches.default_link_days)),
        window: AccessWindow { start: link.start_date_time, end: link.end_date_time },
        time_zone_id: link.time_zone_id.unwrap_or(switches.default_link_zone),
        stakeholder_emails: link.stakeholder_emails.clone().unwrap_or_else(|| vec![switches.test_owner.clone()]),
    }
}

/// The next id that no declared link has.
fn next_id<S: Store>(store: &S, turn: &mut Turn<'_>) -> Result<i64, S::Error> {
    loop {
        let id = turn.count(store, Sequence::ImochaLink)?;
        let tests = &turn.world.fixtures.imocha.tests;
        if !tests.iter().any(|test| test.links.iter().any(|link| link.test_link_id == id)) {
            return Ok(id);
        }
    }
}

fn days(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A link as the platform shows it.
fn shown(link: &Link) -> TestLink {
    let extra = serde_json::Map::new;
    let is_in_days = link.schedule_type == ScheduleType::ValidityInDays;
    // Eight hexadecimal digits, as in the sample; they follow from the id.
    let key = Sha256::digest(link.id.to_be_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    TestLink {
        test_link_id: Some(link.id),
        test_id: link.test_id.parse().ok(),
        test_link_name: Some(link.name.clone()),
        test_link: Some(key),
        test_link_status: Some(if link.status == LinkStatus::Active { "active" } else { "inactive" }.to_owned()),
        invitation_type: Some(if link.invitation_type == InvitationType::Open { "open" } else { "email" }.to_owned()),
        is_api_link: Some(link.is_api_link),
        proctoring_settings: Some(ProctoringSettings { proctoring_mode: Some(link.proctoring_mode.word().to_owned()), extra: extra() }),
        stakeholder_emails: Some(link.stakeholder_emails.join(",")),
        invitation_schedule: Some(InvitationSchedule {
            schedule_type: Some(link.schedule_type.word().to_owned()),
            schedule_details: Some(ScheduleDetails {
                start_date_time: link.window.start.filter(|_| !is_in_days),
                end_date_time: link.window.end.filter(|_| !is_in_days),
                invitation_validity_in_days: is_in_days.then_some(i64::from(link.days)),
                time_zone_id: Some(link.time_zone_id),
                extra: extra(),
            }),
            extra: extra(),
        }),
        extra: extra(),
    }
}
