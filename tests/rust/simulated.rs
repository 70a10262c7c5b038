//! A platform that may lose answers and finish requests late, and a client below which it stands: what the ledger's law is proved
//! against. Written from `docs/platforms/*.md` alone, without the engine.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use bidden::candidate::email_key;
use bidden::client::Cancel;
use bidden::http::Response;
use bidden::imocha::InviteState;
use bidden::operation::{AnswerSeen, Report};
use bidden::retry::{Delivery, Policy, Verdict};
use bidden::testinvite::Person;
use bidden::{AnyCall, AnyReply, BaseUrl, Error, Kind, Platform, Repeat, Status};
use bidden_ledger::{Digest, Sender};
use serde_json::{Value, json};

/// What becomes of one request that changes something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Answered.
    None,
    /// No connection.
    NotSent,
    /// Refused with a complete 4xx.
    Refused,
    /// Too fast.
    RateLimited,
    /// A complete 5xx, without effect.
    Unavailable,
    /// A complete 5xx, with effect.
    UnavailableAfter,
    /// The answer cannot be read, with effect.
    Garbled,
    /// Lost, without effect.
    LostBefore,
    /// Lost, with effect.
    LostAfter,
    /// Lost, and takes effect when somebody says so.
    Late,
}

/// One invitation as the platform keeps it.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub id: i64,
    /// Whose: the normalised address.
    pub person: String,
    /// Counts the invitations of the person from 0.
    pub generation: usize,
    pub status: Status,
    /// The end of its window, as it was sent.
    pub end: Option<i64>,
    unique: Option<String>,
    address: String,
}

/// A request that asked for mail and was not refused with a complete 4xx.
#[derive(Clone, Debug)]
struct Asked {
    person: String,
    /// The invitation that it was sent for.
    generation: usize,
    /// The whole request where the platform's own guard lets the same one count once.
    guarded: Option<Digest>,
    /// Whether the user had said yes to a second mail.
    is_again: bool,
}

/// The platform.
#[derive(Debug)]
pub struct World {
    platform: Platform,
    invitations: Vec<Invitation>,
    registered: HashSet<String>,
    late: VecDeque<AnyCall>,
    asked: Vec<Asked>,
    /// Whom somebody else than the ledger's last request has changed.
    touched: BTreeMap<String, bool>,
    /// What broke the law.
    pub violations: Vec<String>,
}

fn is_finished(status: Status) -> bool {
    matches!(status, Status::Complete | Status::TestLeft | Status::Terminated)
}

fn answer(status: u16, body: &Value) -> Response {
    http::Response::builder().status(status).header("content-type", "application/json").body(body.to_string().into_bytes()).unwrap()
}

/// Whom a call names, where it names somebody.
fn person_of(call: &AnyCall) -> Option<String> {
    call.addresses().first().map(|address| email_key(address))
}

impl World {
    pub fn new(platform: Platform) -> Self {
        World {
            platform,
            invitations: Vec::new(),
            registered: HashSet::new(),
            late: VecDeque::new(),
            asked: Vec::new(),
            touched: BTreeMap::new(),
            violations: Vec::new(),
        }
    }

    /// The newest invitation of a person, deleted ones apart (TestInvite).
    pub fn newest(&self, person: &str) -> Option<&Invitation> {
        let is_there = |invitation: &&Invitation| {
            invitation.person == person && !(self.platform == Platform::TestInvite && invitation.status == Status::Cancelled)
        };
        self.invitations.iter().rev().find(is_there)
    }

    fn newest_mut(&mut self, person: &str) -> Option<&mut Invitation> {
        let id = self.newest(person)?.id;
        self.invitations.iter_mut().find(|invitation| invitation.id == id)
    }

    /// The number of the next invitation of a person. TestInvite: a create is for a new one only after a delete, whatever a second
    /// create without a guard makes.
    fn next_generation(&self, person: &str) -> usize {
        let counts = |one: &&Invitation| one.person == person && (self.platform != Platform::TestInvite || one.status == Status::Cancelled);
        self.invitations.iter().filter(counts).count()
    }

    /// Whether something else than the ledger's answered requests decides what a person's invitation looks like.
    pub fn is_excused(&self, person: &str) -> bool {
        self.touched.contains_key(person) || self.late.iter().any(|call| self.whose(call).as_deref() == Some(person))
    }

    /// Whether somebody asked for a mail for the invitation that a person has, or would get.
    pub fn is_asked(&self, person: &str) -> bool {
        let generation = self.newest(person).map_or(self.next_generation(person), |invitation| invitation.generation);
        self.asked.iter().any(|asked| asked.person == person && asked.generation == generation)
    }

    /// How many requests for mail have left.
    pub fn requests_for_mail(&self) -> usize {
        self.asked.len()
    }

    fn whose(&self, call: &AnyCall) -> Option<String> {
        let id = match call {
            AnyCall::ImochaCancel(call) => call.test_invitation_id,
            AnyCall::ImochaReattempt(call) => call.test_invitation_id,
            AnyCall::TestInviteDeleteCandidate(call) => call.id.parse().unwrap_or(0),
            AnyCall::TestInviteUpdateCandidate(call) => call.id.parse().unwrap_or(0),
            call => return person_of(call),
        };
        self.invitations.iter().find(|invitation| invitation.id == id).map(|invitation| invitation.person.clone())
    }

    /// For which invitation a request is: counted from 0 for each person; one that would be made counts already.
    fn generation_of(&self, call: &AnyCall, person: &str) -> usize {
        let newest = self.newest(person);
        let next = self.next_generation(person);
        match (call, newest) {
            (_, None) => next,
            (AnyCall::ImochaReattempt(_), Some(newest)) if is_finished(newest.status) => next,
            (_, Some(newest)) => newest.generation,
        }
    }

    /// Takes down that a request left which asks for mail.
    fn left(&mut self, call: &AnyCall, generation: usize, is_again: bool, began: usize) {
        let Some(person) = self.whose(call).filter(|_| call.asks_for_mail()) else { return };
        let guarded = match call {
            AnyCall::TestInviteCreateCandidate(create) if create.repeat_is_guarded() => {
                let request = call.to_request(&base()).unwrap();
                Some(Digest(bidden::http::digest(&request)))
            }
            _ => None,
        };
        // The same body again under the platform's guard counts as the one request, which the user may have allowed.
        let is_repeat = guarded.is_some_and(|guarded| {
            self.asked.iter().any(|before| before.person == person && before.generation == generation && before.guarded == Some(guarded))
        });
        let asked = Asked { person, generation, guarded, is_again };
        // One that the user allowed while this was under way is none that this could have known of.
        let is_second = self.asked.iter().enumerate().any(|(index, before)| {
            (!before.is_again || index < began) && before.person == asked.person && before.generation == asked.generation
        });
        if is_second && !is_repeat && !is_again {
            self.violations.push(format!("a second request for mail: {} for {asked:?}", call.name()));
        }
        self.asked.push(asked);
    }

    /// Finishes a request that timed out.
    pub fn finish_late(&mut self, index: usize) {
        if self.late.is_empty() {
            return;
        }
        let index = index % self.late.len();
        if let Some(call) = self.late.remove(index) {
            self.touch(self.whose(&call));
            self.handle(&call);
        }
    }

    pub fn finish_all_late(&mut self) {
        while !self.late.is_empty() {
            self.finish_late(0);
        }
    }

    /// Takes down that something else than the ledger's last word decides what a person's invitation looks like.
    pub fn touch(&mut self, person: Option<String>) {
        person.map(|person| self.touched.insert(person, true));
    }

    /// What a candidate, a recruiter or time does.
    pub fn happens(&mut self, person: &str, event: bidden::Event) {
        use bidden::Event;
        let platform = self.platform;
        let Some(invitation) = self.newest_mut(person) else { return };
        let next = match (invitation.status, event) {
            (Status::Pending, Event::Cancel) => Status::Cancelled,
            (Status::Pending, Event::Start) => Status::InProgress,
            (Status::Pending, Event::Expire) if platform == Platform::Imocha => Status::Expired,
            (Status::InProgress, Event::Finish) => Status::Complete,
            (Status::InProgress, Event::Leave) => Status::TestLeft,
            _ => return,
        };
        invitation.status = next;
        self.touch(Some(person.to_owned()));
    }

    fn add(&mut self, address: &str, end: Option<i64>, unique: Option<String>) -> &mut Invitation {
        let person = email_key(address);
        let generation = self.next_generation(&person);
        let id = 1001 + i64::try_from(self.invitations.len()).unwrap();
        self.invitations.push(Invitation { id, person, generation, status: Status::Pending, end, unique, address: address.to_owned() });
        self.invitations.last_mut().unwrap()
    }

    /// Lets a request take effect.
    fn handle(&mut self, call: &AnyCall) -> Response {
        match call {
            AnyCall::ImochaInvite(call) => {
                // iMocha reference, section 7: an upsert by (default link, e-mail).
                let address = call.email.as_deref().unwrap();
                let end = call.end_date_time.map(bidden::Time::milliseconds);
                let invitation = match self.newest_mut(&email_key(address)) {
                    None => self.add(address, end, None),
                    Some(invitation) => {
                        if !is_finished(invitation.status) && invitation.status != Status::InProgress {
                            (invitation.status, invitation.end) = (Status::Pending, end);
                        }
                        invitation
                    }
                };
                answer(
                    200,
                    &json!({ "testInvitationId": invitation.id, "testUrl": url(invitation.id), "status": invitation.status.word() }),
                )
            }
            AnyCall::ImochaCancel(call) => match self.by_id(call.test_invitation_id) {
                None => answer(404, &json!({ "errors": ["unknown"] })),
                Some(invitation) if invitation.status == Status::Pending => {
                    invitation.status = Status::Cancelled;
                    answer(200, &json!({ "testInvitationId": invitation.id, "status": "cancelled" }))
                }
                Some(_) => answer(
                    400,
                    &json!({ "statusCode": 400, "message": "Testinvitation state in inprogress, complete, and expired can not be cancelled." }),
                ),
            },
            AnyCall::ImochaReattempt(call) => self.reattempt(call),
            AnyCall::ImochaRetrieveInvites(call) => {
                let is_listed = |status: Status| match call.state {
                    Some(InviteState::Cancelled) => status == Status::Cancelled,
                    Some(InviteState::Expired) => status == Status::Expired,
                    _ => is_finished(status),
                };
                let listed = self.invitations.iter().filter(|invitation| is_listed(invitation.status)).map(|invitation| {
                    json!({ "testInvitationId": invitation.id, "testId": call.test_id, "name": "A", "email": invitation.address,
                            "invitationtype": "api", "testStatus": invitation.status.word() })
                });
                answer(200, &json!({ "result": { "testAttempts": listed.collect::<Vec<_>>() }, "errors": null }))
            }
            AnyCall::ThinkExamBulkCandidateRegister(call) => {
                let elements: Vec<Value> = call
                    .candidates
                    .iter()
                    .map(|candidate| {
                        let is_new = self.registered.insert(email_key(&candidate.email));
                        let text = if is_new { "Registration Successfull." } else { "Login Successfull." };
                        json!({ "result": "success", "success": { "msg": text },
                                "data": { "studentId": 1, "enrollmentNo": "GW1", "profilePic": "" }, "laravelToken": "t" })
                    })
                    .collect();
                answer(200, &json!({ "responseArray": elements, "result": "Success" }))
            }
            AnyCall::ThinkExamAssignTest(call) => {
                // Think Exam reference, section 8.
                match self.newest_mut(&email_key(&call.email)) {
                    None => drop(self.add(&call.email, None, None).id),
                    Some(invitation) if invitation.status == Status::Cancelled => invitation.status = Status::Pending,
                    Some(_) => {}
                }
                let text = "Test is assigned and mail has been sent successfully";
                answer(200, &json!({ "result": "success", "success": { "code": "200", "msg": text } }))
            }
            AnyCall::ThinkExamDeassignTest(call) => match self.newest_mut(&email_key(&call.email)) {
                Some(invitation) if invitation.status == Status::Pending => {
                    invitation.status = Status::Cancelled;
                    let text = "Test successfully deassigned from the candidate";
                    answer(200, &json!({ "result": "success", "success": { "code": "200", "msg": text } }))
                }
                _ => answer(200, &json!({ "result": "error", "error": { "code": "3100", "msg": "Something went wrong" } })),
            },
            AnyCall::TestInviteCreateCandidate(call) => {
                // TestInvite reference, section 3.2, scope task: a deleted one does not count (R8).
                let unique = unique_of(call);
                let clashes = |other: &Invitation| other.status != Status::Cancelled && other.unique == unique;
                if unique.is_some() && self.invitations.iter().any(clashes) {
                    return answer(403, &json!({ "error": { "code": "duplicate-candidate", "message": "in use" } }));
                }
                let Person::Temporary(person) = &call.person else { unreachable!("the machine invites temporary candidates") };
                let address = person.email.clone().unwrap();
                let end = call.dates.and_then(|dates| dates.before).map(bidden::Time::milliseconds);
                let invitation = self.add(&address, end, unique);
                answer(200, &shown(invitation))
            }
            AnyCall::TestInviteDeleteCandidate(call) => match self.by_id(call.id.parse().unwrap()) {
                Some(invitation) if invitation.status == Status::Pending => {
                    invitation.status = Status::Cancelled;
                    answer(200, &json!({}))
                }
                Some(invitation) if invitation.status != Status::Cancelled => {
                    answer(403, &json!({ "error": { "code": "forbidden", "message": "took part" } }))
                }
                _ => answer(404, &json!({ "error": { "code": "not-found", "message": "unknown" } })),
            },
            AnyCall::TestInviteUpdateCandidate(call) => match self.by_id(call.id.parse().unwrap()) {
                Some(invitation) if invitation.status != Status::Cancelled => {
                    if let Some(end) = call.fields.active_before {
                        invitation.end = Some(end.milliseconds());
                    }
                    answer(200, &shown(invitation))
                }
                _ => answer(404, &json!({ "error": { "code": "not-found", "message": "unknown" } })),
            },
            AnyCall::TestInviteFetchCandidate(call) => match self.by_id(call.id.parse().unwrap()) {
                Some(invitation) if invitation.status != Status::Cancelled => answer(200, &shown(invitation)),
                _ => answer(404, &json!({ "error": { "code": "not-found", "message": "unknown" } })),
            },
            AnyCall::TestInviteListCandidates(call) => {
                let is_listed =
                    |one: &&Invitation| one.status != Status::Cancelled && call.email.as_ref().is_none_or(|email| *email == one.address);
                let listed: Vec<Value> = self.invitations.iter().filter(is_listed).map(shown).collect();
                let pagination =
                    json!({ "totalItems": listed.len(), "totalPages": 1, "currentPage": 1, "limit": 100, "next": null, "previous": null });
                answer(200, &json!({ "candidates": listed, "pagination": pagination }))
            }
            call => unreachable!("the machine does not send {}", call.name()),
        }
    }

    fn by_id(&mut self, id: i64) -> Option<&mut Invitation> {
        self.invitations.iter_mut().find(|invitation| invitation.id == id)
    }

    /// iMocha reference, sections 9 and 21.
    fn reattempt(&mut self, call: &bidden::imocha::Reattempt) -> Response {
        let Some(addressed) = self.by_id(call.test_invitation_id).cloned() else {
            return answer(404, &json!({ "errors": ["unknown"] }));
        };
        let acted_on = if is_finished(addressed.status) { self.newest(&addressed.person).unwrap().clone() } else { addressed };
        let end = call.end_date_time.map(bidden::Time::milliseconds);
        let id = match acted_on.status {
            Status::InProgress => {
                return answer(400, &json!({ "errors": ["Reattempt is not allowed, the invitation is in inprogress state"] }));
            }
            status if is_finished(status) => self.add(&acted_on.address, end, None).id,
            _ => {
                let invitation = self.by_id(acted_on.id).unwrap();
                (invitation.status, invitation.end) = (Status::Pending, end);
                invitation.id
            }
        };
        answer(200, &json!({ "testInvitationId": id, "testUrl": url(id), "callbackUrlRegistered": null, "redirectUrlRegistered": null }))
    }
}

trait Guard {
    fn repeat_is_guarded(&self) -> bool;
}

impl Guard for bidden::testinvite::CreateCandidate {
    fn repeat_is_guarded(&self) -> bool {
        unique_of(self).is_some()
    }
}

fn unique_of(call: &bidden::testinvite::CreateCandidate) -> Option<String> {
    match &call.person {
        Person::Temporary(person) => person.tracking.as_ref().map(|tracking| tracking.uniq_id.clone()),
        Person::Internal(person) => Some(person.id.clone()),
    }
}

fn url(id: i64) -> String {
    format!("https://test.example/IMInstructions?{id}")
}

fn shown(invitation: &Invitation) -> Value {
    json!({ "candidateId": invitation.id.to_string(), "kind": "temp", "taskId": "t", "loggedIn": invitation.status != Status::Pending,
            "email": invitation.address, "invitationCode": format!("C{}", invitation.id), "directAccessUrl": url(invitation.id) })
}

pub fn base() -> BaseUrl {
    BaseUrl::parse("http://127.0.0.1:9").unwrap()
}

/// Called around every call that is sent: the number of the call, and whether it was sent already.
pub type Hook<'a> = Box<dyn FnMut(usize, bool) + 'a>;

/// A client of the simulated platform, which repeats as core's client does.
pub struct Simulated<'a> {
    pub world: &'a RefCell<World>,
    pub base: BaseUrl,
    pub faults: RefCell<VecDeque<Fault>>,
    /// Whether reads fail.
    pub is_blind: bool,
    /// Whether the user said yes to a second mail.
    pub is_again: bool,
    /// How many requests for mail had left when it began.
    pub began: usize,
    pub calls: Cell<usize>,
    pub hook: RefCell<Hook<'a>>,
}

impl Sender for Simulated<'_> {
    fn platform(&self) -> Platform {
        self.world.borrow().platform
    }

    fn base_url(&self) -> &BaseUrl {
        &self.base
    }

    fn report(&self, call: &AnyCall, _: &Cancel) -> Report {
        let number = self.calls.replace(self.calls.get() + 1);
        (self.hook.borrow_mut())(number, false);
        let report = self.tries(call);
        (self.hook.borrow_mut())(number, true);
        report
    }
}

impl Simulated<'_> {
    /// As `client::Client::report_unless`, without waiting.
    fn tries(&self, call: &AnyCall) -> Report {
        let (mut lost_before, mut unanswered, mut answer, mut sent) = (false, false, None, 0);
        let mut current = call.clone();
        let policy = Policy::default();
        for attempt in 1.. {
            let (result, delivery) = self.try_once(&current, &mut answer);
            sent += u32::from(delivery != Delivery::NotSent);
            let error = match result {
                Ok(reply) => return Report { result: Ok(reply), lost_before, cancelled: false, sent, answer },
                Err(error) => error,
            };
            if lost_before && let Some(reply) = current.settled_by(&error) {
                return Report { result: Ok(reply), lost_before, cancelled: false, sent, answer };
            }
            let verdict = policy.judge(current.repeat(), attempt, &error, delivery, Duration::ZERO, 0.5);
            let is_lost = match delivery {
                Delivery::NotSent => false,
                Delivery::PerhapsSent => true,
                Delivery::Answered => matches!(error.kind(), Kind::Unavailable | Kind::MalformedReply),
            };
            lost_before |= is_lost;
            unanswered |= delivery == Delivery::PerhapsSent;
            if verdict == Verdict::GiveUp {
                let error = if attempt >= policy.tries && error.kind() == Kind::RateLimited {
                    error.with_kind(Kind::QuotaExhausted)
                } else {
                    error
                };
                let is_delicate = call.asks_for_mail() || call.repeat() == Repeat::Never;
                let is_refusal = matches!(error.kind(), Kind::Refused | Kind::Rejected | Kind::Duplicate | Kind::NotFound);
                let is_open = call.is_change() && !is_refusal && (unanswered || (lost_before && is_delicate));
                let error = if is_open { error.with_kind(Kind::Uncertain) } else { error };
                return Report { result: Err(error), lost_before, cancelled: false, sent, answer };
            }
            if is_lost && current.repeat() == Repeat::WithoutMail {
                current = current.without_mail();
            }
        }
        unreachable!("the policy gives up")
    }

    fn try_once(&self, call: &AnyCall, seen: &mut Option<AnswerSeen>) -> (Result<AnyReply, Error>, Delivery) {
        let fault = match call.is_change() {
            true => self.faults.borrow_mut().pop_front().unwrap_or(Fault::None),
            false if self.is_blind => Fault::Unavailable,
            false => Fault::None,
        };
        let mut world = self.world.borrow_mut();
        let world = &mut *world;
        let generation = world.whose(call).map_or(0, |person| world.generation_of(call, &person));
        let response = match fault {
            Fault::NotSent => return (Err(Error::new(Kind::Unavailable, "no connection")), Delivery::NotSent),
            Fault::LostBefore | Fault::LostAfter | Fault::Late => {
                world.left(call, generation, self.is_again, self.began);
                match fault {
                    Fault::LostAfter => drop(world.handle(call)),
                    Fault::Late => world.late.push_back(call.clone()),
                    _ => {}
                }
                return (Err(Error::new(Kind::TimedOut, "no answer")), Delivery::PerhapsSent);
            }
            // TestInvite: 403 would say that the candidate exists or took part, 404 that he is gone (TestInvite reference, section 3.4).
            Fault::Refused if world.platform == Platform::TestInvite => answer(401, &json!({ "error": { "code": "unauthorized" } })),
            Fault::Refused => answer(403, &json!({ "statusCode": 403, "message": "not allowed" })),
            Fault::RateLimited => answer(429, &json!({ "message": "too fast" })),
            Fault::Unavailable => answer(503, &json!({ "message": "busy" })),
            Fault::UnavailableAfter => {
                world.handle(call);
                answer(503, &json!({ "message": "busy" }))
            }
            Fault::Garbled => {
                world.handle(call);
                http::Response::builder().status(200).body(b"<html>".to_vec()).unwrap()
            }
            Fault::None => world.handle(call),
        };
        if !response.status().is_client_error() {
            world.left(call, generation, self.is_again, self.began);
        }
        *seen = Some(AnswerSeen { status: response.status().as_u16(), digest: Digest::of(response.body()).0 });
        (call.read_reply(&response), Delivery::Answered)
    }
}
