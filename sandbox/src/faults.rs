//! Faults on purpose: calls whose answer is lost, late, cut or a refusal, drawn by a seed so that a run in the same order
//! repeats.
//!
//! They concern the platforms' calls, judged after the credential (a call without one is refused as always), and the
//! platforms' callbacks, judged when they are made. Nothing here is kept in the database; what survives a restart is a
//! request that was put off already, and what was decided of a callback.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use bidden::http::Response;
use bidden::{AnyCall, CALLS, CallRow, Platform, Time, engine};
use serde::{Deserialize, Serialize};

/// By the sandbox's clock; longer than any client waits, and than any repeat of a run comes.
pub(crate) const LATE: Duration = Duration::from_secs(600);

/// How long a slow answer takes unless told otherwise.
const SLOW: Duration = Duration::from_secs(5);

/// How long each byte of a dripping answer takes unless told otherwise.
const DRIP: Duration = Duration::from_millis(100);

/// The calls that name many candidates.
const BATCHES: [&str; 2] = ["think_exam.bulk_candidate_register", "think_exam.assign_test_multi_candidates"];

/// No answer is slower.
const SLOWEST_MILLISECONDS: u64 = 600_000;

/// What a body of `POST /_sandbox/faults` looks like.
pub(crate) const EXPECTED: &str =
    r#"{"preset":"lost-after-commit","call":"imocha.invite","count":1}, or with "probability":0.2,"seed":7 instead of "count""#;

/// The presets as one table: variant, name, what it does. The documentation (`docs/faults.md`) is made from it.
macro_rules! presets {
    ($($(#[doc = $about:literal])+ $variant:ident = $slug:literal;)*) => {
        /// A way in which a platform's call or a callback goes wrong.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Preset {
            $($(#[doc = $about])+ $variant,)*
        }

        impl Preset {
            /// All of them: first those of calls, then those of callbacks.
            pub const ALL: [Preset; [$($slug),*].len()] = [$(Preset::$variant),*];

            /// The name on the control plane and the command line.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self {
                    $(Preset::$variant => $slug,)*
                }
            }

            /// What it does.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Preset::$variant => concat!($($about),+),)*
                }
            }
        }
    };
}

presets! {
    /// The call takes effect; the connection ends without an answer.
    LostAfterCommit = "lost-after-commit";
    /// Nothing takes effect; the connection ends without an answer.
    LostBeforeCommit = "lost-before-commit";
    /// The connection ends without an answer; the call takes effect ten minutes later by the sandbox's clock.
    LateCommit = "late-commit";
    /// The call takes effect at once; its answer takes five seconds of real time, or as long as `milliseconds` says.
    Slow = "slow";
    /// The call takes effect; its answer's body arrives a byte at a time, one each tenth of a second or as `milliseconds` says.
    SlowDrip = "slow-drip";
    /// 429 with `Retry-After: 1` in the platform's shape; nothing takes effect.
    RateLimited = "rate-limited";
    /// 429 that speaks of a quota where the platform's shape has a text of its own; nothing takes effect.
    QuotaMidBatch = "quota-mid-batch";
    /// The first half of a batch takes effect, the odd one included; the connection ends without an answer. Think Exam's bulk calls only.
    HalfBatch = "half-batch";
    /// The call takes effect; half of the answer's body arrives, then the connection ends.
    CutMidAnswer = "cut-mid-answer";
    /// 503 in the platform's shape. One half of the calls takes effect, the other does not, as the seed draws it: a client cannot tell which.
    Error5xx = "error-5xx";
    /// 502 with a page of HTML, as a proxy in front of the platform answers; nothing takes effect.
    HtmlErrorPage = "html-error-page";
    /// HTTP 200 with the platform's own refusal in the body; nothing takes effect.
    ErrorInside200 = "200-with-error-body";
    /// The call takes effect and is answered in full, but the answer says that it is a page of HTML.
    WrongContentType = "wrong-content-type";
    /// The call takes effect, its mail is out, its answer arrives; for ten minutes of the sandbox's clock the platform's reads do not show the invitation.
    MailSentStatusLate = "mail-sent-status-late";
    /// The call is accepted, and no mail to the candidate leaves: so a platform treats a test that is still a draft.
    DraftTestNoMail = "draft-test-no-mail";
    /// A callback is delivered twice.
    DuplicateCallback = "duplicate-callback";
    /// A callback is delivered before the answer leaves of what caused it. A magic candidate does at once what it does by itself.
    CallbackBeforeAnswer = "callback-before-answer";
    /// A callback is delivered after the next one of its invitation, ten minutes later at the latest.
    CallbackOutOfOrder = "callback-out-of-order";
    /// A callback is never sent, and counts as failed.
    DroppedCallback = "dropped-callback";
}

impl Preset {
    /// Whether callbacks are hit by it, and not calls.
    #[must_use]
    pub const fn is_of_callbacks(self) -> bool {
        self.callback().is_some()
    }

    const fn callback(self) -> Option<CallbackFault> {
        match self {
            Preset::DuplicateCallback => Some(CallbackFault::Twice),
            Preset::CallbackBeforeAnswer => Some(CallbackFault::BeforeAnswer),
            Preset::CallbackOutOfOrder => Some(CallbackFault::AfterAnother),
            Preset::DroppedCallback => Some(CallbackFault::Dropped),
            _ => None,
        }
    }

    /// How long it takes unless told otherwise, where time can be said.
    const fn pace(self) -> Option<Duration> {
        match self {
            Preset::Slow => Some(SLOW),
            Preset::SlowDrip => Some(DRIP),
            _ => None,
        }
    }

    /// Whether a call can be hit by it.
    fn concerns(self, row: &CallRow) -> bool {
        match self {
            Preset::HalfBatch => BATCHES.contains(&row.name),
            _ => !self.is_of_callbacks(),
        }
    }

    /// The preset of that name.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Preset::ALL.into_iter().find(|preset| preset.slug() == slug)
    }
}

/// A body of `POST /_sandbox/faults`.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    preset: Option<String>,
    platform: Option<String>,
    call: Option<String>,
    count: Option<u64>,
    probability: Option<f64>,
    milliseconds: Option<u64>,
    seed: Option<u64>,
}

/// Which of the matching calls a fault hits.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Share {
    /// The next so many.
    Next(u64),
    /// Each with this probability.
    Each(f64),
}

/// A fault as a snapshot keeps it.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptFault {
    wanted: Wanted,
    matched: u64,
    hits: u64,
}

impl KeptFault {
    /// The fault that was kept; `Err` says what of it is not known here.
    pub(crate) fn fault(&self) -> Result<Fault, String> {
        Ok(Fault { matched: self.matched, hits: self.hits, ..Fault::new(&self.wanted)? })
    }
}

impl From<&Fault> for KeptFault {
    fn from(fault: &Fault) -> Self {
        let (count, probability) = match fault.share {
            Share::Next(count) => (Some(count), None),
            Share::Each(probability) => (None, Some(probability)),
        };
        let wanted = Wanted {
            preset: Some(fault.preset.slug().to_owned()),
            platform: fault.platform.map(|platform| platform.slug().to_owned()),
            call: fault.call.map(str::to_owned),
            count,
            probability,
            milliseconds: fault.preset.pace().and_then(|_| u64::try_from(fault.pace.as_millis()).ok()),
            seed: Some(fault.seed),
        };
        KeptFault { wanted, matched: fault.matched, hits: fault.hits }
    }
}

/// One fault as it was asked for, and what it has done.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    preset: Preset,
    platform: Option<Platform>,
    call: Option<&'static str>,
    share: Share,
    pace: Duration,
    seed: u64,
    /// How many calls matched, hit or not: the place of the next draw in the seed's sequence.
    matched: u64,
    hits: u64,
}

impl From<Preset> for Fault {
    /// The next call of any platform.
    fn from(preset: Preset) -> Self {
        Fault {
            preset,
            platform: None,
            call: None,
            share: Share::Next(1),
            pace: preset.pace().unwrap_or_default(),
            seed: 0,
            matched: 0,
            hits: 0,
        }
    }
}

impl Fault {
    /// Reads what was asked for; `Err` says what is allowed.
    pub(crate) fn new(wanted: &Wanted) -> Result<Self, String> {
        let one_of = |field: &str, names: &mut dyn Iterator<Item = &'static str>| {
            format!("{field}: one of {} is expected", names.collect::<Vec<_>>().join(", "))
        };
        let preset = wanted.preset.as_deref().and_then(Preset::from_slug);
        let preset = preset.ok_or_else(|| one_of("preset", &mut Preset::ALL.into_iter().map(Preset::slug)))?;
        let platform = match wanted.platform.as_deref() {
            None => None,
            Some(slug) => {
                Some(Platform::from_slug(slug).ok_or_else(|| one_of("platform", &mut Platform::ALL.into_iter().map(Platform::slug)))?)
            }
        };
        let of_platform = |row: &&CallRow| platform.is_none_or(|platform| row.platform == platform) && preset.concerns(row);
        let call = match wanted.call.as_deref() {
            None => None,
            Some(_) if preset.is_of_callbacks() => return Err("call is expected with the faults of calls only".to_owned()),
            Some(name) => {
                let row = CALLS.iter().filter(of_platform).find(|row| row.name == name);
                Some(row.ok_or_else(|| one_of("call", &mut CALLS.iter().filter(of_platform).map(|row| row.name)))?.name)
            }
        };
        let share = match (wanted.count, wanted.probability) {
            (Some(_), Some(_)) => return Err("only one of count and probability is expected".to_owned()),
            (Some(0), None) => return Err("count: a whole number from 1 on is expected".to_owned()),
            (count, None) => Share::Next(count.unwrap_or(1)),
            (None, Some(probability)) if probability > 0.0 && probability <= 1.0 => Share::Each(probability),
            (None, Some(_)) => return Err("probability: a number above 0 and up to 1 is expected".to_owned()),
        };
        let pace = match (wanted.milliseconds, preset.pace()) {
            (None, pace) => pace.unwrap_or_default(),
            (Some(_), None) => return Err("milliseconds is expected with the presets slow and slow-drip only".to_owned()),
            (Some(milliseconds @ 1..=SLOWEST_MILLISECONDS), _) => Duration::from_millis(milliseconds),
            (Some(_), _) => return Err(format!("milliseconds: a whole number from 1 to {SLOWEST_MILLISECONDS} is expected")),
        };
        Ok(Fault { platform, call, share, pace, seed: wanted.seed.unwrap_or(0), ..Fault::from(preset) })
    }

    fn matches(&self, row: &CallRow) -> bool {
        self.platform.is_none_or(|platform| row.platform == platform)
            && self.call.is_none_or(|call| row.name == call)
            && self.preset.concerns(row)
    }

    fn matches_callback(&self, platform: Platform) -> bool {
        self.preset.is_of_callbacks() && self.platform.is_none_or(|wanted| wanted == platform)
    }

    /// Whether what matches now is hit; counts it.
    fn draws(&mut self) -> Option<u64> {
        let index = self.matched;
        self.matched += 1;
        let is_hit = match self.share {
            Share::Next(_) => !self.is_used_up(),
            Share::Each(probability) => draw(self.seed, index, Draw::Hit) < probability,
        };
        is_hit.then_some(index)
    }

    fn is_used_up(&self) -> bool {
        matches!(self.share, Share::Next(count) if self.hits >= count)
    }

    /// What one hit does to a call of this path.
    pub(crate) fn hit(&self, index: u64, path: &str) -> Hit {
        let refusal = |status, reason| Instead::Refusal(engine::refusal(path, status, reason));
        let (effect, instead) = match self.preset {
            Preset::LostAfterCommit => (Effect::AtOnce, Instead::Leaving(Leaving::Never)),
            Preset::LostBeforeCommit => (Effect::Never, Instead::Leaving(Leaving::Never)),
            Preset::LateCommit => (Effect::Late, Instead::Leaving(Leaving::Never)),
            Preset::Slow => (Effect::AtOnce, Instead::Leaving(Leaving::Slowly(self.pace))),
            Preset::SlowDrip => (Effect::AtOnce, Instead::Leaving(Leaving::Dripping(self.pace))),
            Preset::HalfBatch => (Effect::Half, Instead::Leaving(Leaving::Never)),
            Preset::CutMidAnswer => (Effect::AtOnce, Instead::Leaving(Leaving::Half)),
            Preset::RateLimited => {
                let mut response = engine::refusal(path, 429, "Too many calls too quickly.");
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
                (Effect::Never, Instead::Refusal(response))
            }
            // Only iMocha's reference tells a quota from a rate, by this word in the text (choice 13).
            Preset::QuotaMidBatch => (Effect::Never, refusal(429, "The quota of calls is exhausted.")),
            Preset::Error5xx => {
                let effect = if draw(self.seed, index, Draw::Effect) < 0.5 { Effect::AtOnce } else { Effect::Never };
                (effect, refusal(503, "The service is unavailable."))
            }
            Preset::HtmlErrorPage => (Effect::Never, Instead::Refusal(page())),
            Preset::ErrorInside200 => {
                let mut response = engine::refusal(path, 400, "The request was not taken.");
                *response.status_mut() = StatusCode::OK;
                (Effect::Never, Instead::Refusal(response))
            }
            Preset::WrongContentType => (Effect::AtOnce, Instead::Answer(Some("text/html"))),
            Preset::MailSentStatusLate => (Effect::Unseen, Instead::Answer(None)),
            Preset::DraftTestNoMail => (Effect::WithoutMail, Instead::Answer(None)),
            // These hit no call.
            Preset::DuplicateCallback | Preset::CallbackBeforeAnswer | Preset::CallbackOutOfOrder | Preset::DroppedCallback => {
                (Effect::AtOnce, Instead::Answer(None))
            }
        };
        Hit { effect, instead }
    }
}

/// What becomes of a call that a fault hits.
pub(crate) struct Hit {
    pub(crate) effect: Effect,
    pub(crate) instead: Instead,
}

/// When the call takes effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effect {
    AtOnce,
    /// For the first half of a batch.
    Half,
    /// At once, and reads show it later.
    Unseen,
    /// At once, and the candidate is not told.
    WithoutMail,
    Late,
    Never,
}

/// What becomes of a callback that a fault hits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CallbackFault {
    Twice,
    BeforeAnswer,
    AfterAnother,
    Dropped,
}

/// The first half of a batch; a call that is none stays whole.
pub(crate) fn first_half(call: AnyCall) -> AnyCall {
    match call {
        AnyCall::ThinkExamBulkCandidateRegister(mut call) => {
            call.candidates.truncate(call.candidates.len().div_ceil(2));
            call.into()
        }
        AnyCall::ThinkExamAssignTestMultiCandidates(mut call) => {
            call.email.truncate(call.email.len().div_ceil(2));
            call.into()
        }
        whole => whole,
    }
}

/// What comes in place of the answer that simply leaves.
pub(crate) enum Instead {
    Refusal(Response),
    /// The answer itself, under this content type if one is named.
    Answer(Option<&'static str>),
    Leaving(Leaving),
}

/// How an answer leaves that a fault has hit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Leaving {
    /// Not at all: the connection ends.
    Never,
    /// Half of the body, then the connection ends.
    Half,
    /// After a wait.
    Slowly(Duration),
    /// A byte at a time, with this pause between them.
    Dripping(Duration),
    /// After the callbacks that it caused.
    AfterCallbacks,
}

/// What the writer tells the connection of such an answer; an extension of the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) leaving: Leaving,
    /// Its note in the log of requests, where that does not have its status yet.
    pub(crate) request: Option<i64>,
}

/// All faults, in the order in which they were asked for.
#[derive(Clone, Default)]
pub(crate) struct Faults {
    all: Vec<Fault>,
    /// Whether any can still hit: what the connections look at, so that a sandbox without faults keeps no request for them.
    active: Arc<AtomicBool>,
    /// The invitations that reads do not show yet, and until when.
    unseen: Arc<Vec<(String, Time)>>,
}

impl Faults {
    pub(crate) fn new(presets: &[Preset]) -> Self {
        let faults = Faults { all: presets.iter().copied().map(Fault::from).collect(), ..Faults::default() };
        faults.publish();
        faults
    }

    /// The flag that says whether any fault can still hit.
    pub(crate) fn active(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.active)
    }

    /// Lets the connections know what the list holds.
    pub(crate) fn publish(&self) {
        let can_hit = |fault: &Fault| !fault.preset.is_of_callbacks() && !fault.is_used_up();
        self.active.store(self.all.iter().any(can_hit), Ordering::Release);
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.all.push(fault);
        self.publish();
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
        self.unseen = Arc::default();
        self.publish();
    }

    /// What the first fault that hits does to a call. Every matching fault draws, so that none changes the sequence of another.
    pub(crate) fn judge(&mut self, method: &str, path: &str) -> Option<Hit> {
        let row = CALLS.iter().find(|row| row.method == method && fits(row.path, path))?;
        let mut first = None;
        for fault in self.all.iter_mut().filter(|fault| fault.matches(row)) {
            if let Some(index) = fault.draws()
                && first.is_none()
            {
                fault.hits += 1;
                first = Some(fault.hit(index, path));
            }
        }
        if first.is_some() {
            self.publish();
        }
        first
    }

    /// What the first fault that hits does to a callback of this platform.
    pub(crate) fn judge_callback(&mut self, platform: Platform) -> Option<CallbackFault> {
        let mut first = None;
        for fault in self.all.iter_mut().filter(|fault| fault.matches_callback(platform)) {
            if fault.draws().is_some() && first.is_none() {
                fault.hits += 1;
                first = fault.preset.callback();
            }
        }
        first
    }

    /// Whether magic candidates of this platform hurry, so that a callback can come before the answer of the invitation.
    pub(crate) fn hurries(&self, platform: Platform) -> bool {
        let can_hit = |fault: &Fault| fault.preset == Preset::CallbackBeforeAnswer && !fault.is_used_up();
        self.all.iter().any(|fault| can_hit(fault) && fault.matches_callback(platform))
    }

    /// Keeps invitations out of the platform's reads until then.
    pub(crate) fn hide(&mut self, invitation_ids: impl IntoIterator<Item = String>, until: Time) {
        Arc::make_mut(&mut self.unseen).extend(invitation_ids.into_iter().map(|id| (id, until)));
    }

    /// What reads do not show at this moment.
    pub(crate) fn unseen(&self, now: Time) -> HashSet<String> {
        self.unseen.iter().filter(|(_, until)| *until > now).map(|(id, _)| id.clone()).collect()
    }

    /// As a snapshot keeps them.
    pub(crate) fn kept(&self) -> Vec<KeptFault> {
        self.all.iter().map(KeptFault::from).collect()
    }

    /// As the control plane shows them.
    pub(crate) fn shown(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Shown {
            preset: &'static str,
            platform: Option<Platform>,
            call: Option<&'static str>,
            count: Option<u64>,
            probability: Option<f64>,
            milliseconds: Option<u128>,
            seed: u64,
            hits: u64,
        }
        #[derive(Serialize)]
        struct Answer {
            faults: Vec<Shown>,
        }
        let shown = |fault: &Fault| {
            let (count, probability) = match fault.share {
                Share::Next(count) => (Some(count), None),
                Share::Each(probability) => (None, Some(probability)),
            };
            Shown {
                preset: fault.preset.slug(),
                platform: fault.platform,
                call: fault.call,
                count,
                probability,
                milliseconds: fault.preset.pace().map(|_| fault.pace.as_millis()),
                seed: fault.seed,
                hits: fault.hits,
            }
        };
        Answer { faults: self.all.iter().map(shown).collect() }
    }
}

/// Whether a path fits a template such as `/v3/tests/{test_id}/invite`.
fn fits(template: &str, path: &str) -> bool {
    let mut given = path.split('/');
    template.split('/').all(|part| given.next().is_some_and(|text| part == text || (part.starts_with('{') && !text.is_empty())))
        && given.next().is_none()
}

/// Draws of one place in the sequence that must not depend on each other.
#[derive(Clone, Copy)]
enum Draw {
    Hit = 0,
    Effect = 1,
}

/// An even draw from 0 to 1: SplitMix64 at a place of its sequence.
fn draw(seed: u64, index: u64, what: Draw) -> f64 {
    let place = index.wrapping_mul(2).wrapping_add(what as u64).wrapping_add(1);
    let mut mixed = seed.wrapping_add(place.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // The upper 53 bits: as many as an f64 holds exactly.
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

fn page() -> Response {
    const PAGE: &str =
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<h1>502 Bad Gateway</h1>\r\n</body>\r\n</html>\r\n";
    let mut response = Response::new(PAGE.as_bytes().to_vec());
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "/v3/tests/292930/invite";

    fn wanted(json: &str) -> Result<Fault, String> {
        Fault::new(&serde_json::from_str(json).unwrap())
    }

    fn hits(json: &str, calls: usize) -> Vec<bool> {
        let mut faults = Faults::new(&[]);
        faults.add(wanted(json).unwrap());
        (0..calls).map(|_| faults.judge("POST", INVITE).is_some()).collect()
    }

    #[test]
    fn a_seed_repeats_and_another_draws_differently_at_the_same_rate() {
        let seeded = |seed: u64| hits(&format!(r#"{{"preset":"lost-after-commit","probability":0.2,"seed":{seed}}}"#), 10_000);
        assert_eq!(seeded(7), seeded(7));
        assert_ne!(seeded(7), seeded(8));
        for seed in 0..20 {
            let share = seeded(seed).into_iter().filter(|is_hit| *is_hit).count();
            assert!((1_850..2_150).contains(&share), "seed {seed}: {share} of 10,000");
        }
        assert!(hits(r#"{"preset":"slow","probability":1}"#, 1_000).iter().all(|is_hit| *is_hit));
    }

    #[test]
    fn a_5xx_takes_effect_in_half_of_the_calls() {
        let fault = Fault::from(Preset::Error5xx);
        let effects = (0..10_000).filter(|index| fault.hit(*index, INVITE).effect == Effect::AtOnce).count();
        assert!((4_800..5_200).contains(&effects), "{effects}");
    }

    #[test]
    fn the_first_that_hits_wins_and_the_others_keep_their_turn() {
        let mut faults = Faults::new(&[Preset::LostAfterCommit, Preset::CutMidAnswer]);
        let mut next = || faults.judge("POST", INVITE).map(|hit| hit.instead);
        assert!(matches!(next(), Some(Instead::Leaving(Leaving::Never))));
        assert!(matches!(next(), Some(Instead::Leaving(Leaving::Half))));
        assert!(next().is_none());
        assert!(!faults.active().load(Ordering::Acquire), "what is used up costs the connections nothing");
    }

    #[test]
    fn what_is_no_call_is_not_hit() {
        let mut faults = Faults::new(&[Preset::Slow]);
        for (method, path) in [("GET", INVITE), ("POST", "/v3/tests//invite"), ("POST", "/v3/tests/1/invite/2"), ("POST", "/v3/tests/1")] {
            assert!(faults.judge(method, path).is_none(), "{method} {path}");
        }
        assert!(faults.judge("POST", INVITE).is_some());
    }

    #[test]
    fn a_fault_that_cannot_be_says_what_is_allowed() {
        for (json, allowed) in [
            ("{}", "preset: one of lost-after-commit, lost-before-commit, late-commit, slow, slow-drip, rate-limited, "),
            (r#"{"preset":"lost"}"#, "callback-out-of-order, dropped-callback is expected"),
            (r#"{"preset":"slow","platform":"moodle"}"#, "platform: one of "),
            (r#"{"preset":"slow","call":"imocha.invites"}"#, "imocha.invite, "),
            (r#"{"preset":"slow","platform":"imocha","call":"think_exam.assign_test"}"#, "call: one of imocha.invite"),
            (r#"{"preset":"slow","count":1,"probability":0.5}"#, "only one of count and probability"),
            (r#"{"preset":"slow","count":0}"#, "from 1 on"),
            (r#"{"preset":"slow","probability":0}"#, "above 0 and up to 1"),
            (r#"{"preset":"slow","probability":1.5}"#, "above 0 and up to 1"),
            (r#"{"preset":"slow","milliseconds":0}"#, "from 1 to 600000"),
            (r#"{"preset":"late-commit","milliseconds":5}"#, "presets slow and slow-drip only"),
            (r#"{"preset":"half-batch","call":"imocha.invite"}"#, "call: one of think_exam.bulk_candidate_register"),
            (r#"{"preset":"dropped-callback","call":"imocha.invite"}"#, "faults of calls only"),
        ] {
            let reason = wanted(json).unwrap_err();
            assert!(reason.contains(allowed), "{json}: {reason}");
        }
        let of_imocha = wanted(r#"{"preset":"slow","platform":"imocha","call":"none"}"#).unwrap_err();
        assert!(!of_imocha.contains("think_exam"), "{of_imocha}");
    }
}
