//! Faults on purpose: calls whose answer is lost, late, cut or a refusal, drawn by a seed so that a run in the same order
//! repeats.
//!
//! They concern the platforms' calls alone and are judged after the credential: a call without one is refused as always.
//! Nothing here is kept in the database; what survives a restart is a request that was put off already.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use bidden::http::Response;
use bidden::{CALLS, CallRow, Platform, engine};
use serde::{Deserialize, Serialize};

/// By the sandbox's clock; longer than any client waits, and than any repeat of a run comes.
pub(crate) const LATE: Duration = Duration::from_secs(600);

/// How long a slow answer takes unless told otherwise.
const SLOW: Duration = Duration::from_secs(5);

/// No answer is slower.
const SLOWEST_MILLISECONDS: u64 = 600_000;

/// What a body of `POST /_sandbox/faults` looks like.
pub(crate) const EXPECTED: &str =
    r#"{"preset":"lost-after-commit","call":"imocha.invite","count":1}, or with "probability":0.2,"seed":7 instead of "count""#;

/// A way in which a platform call goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Preset {
    /// The call takes effect; the connection ends without an answer.
    LostAfterCommit,
    /// Nothing takes effect; the connection ends without an answer.
    LostBeforeCommit,
    /// The connection ends without an answer; the call takes effect ten minutes later by the sandbox's clock.
    LateCommit,
    /// The call takes effect at once; its answer takes five seconds of real time, or as long as `milliseconds` says.
    Slow,
    /// 429 with `Retry-After: 1` in the platform's shape; nothing takes effect.
    RateLimited,
    /// 429 that speaks of a quota where the platform's shape has a text of its own; nothing takes effect.
    QuotaMidBatch,
    /// The call takes effect; half of the answer's body arrives, then the connection ends.
    CutMidAnswer,
    /// 503 in the platform's shape. One half of the calls takes effect, the other does not, as the seed draws it: a client
    /// cannot tell which.
    Error5xx,
    /// 502 with a page of HTML, as a proxy in front of the platform answers; nothing takes effect.
    HtmlErrorPage,
}

impl Preset {
    /// All of them.
    pub const ALL: [Preset; 9] = [
        Preset::LostAfterCommit,
        Preset::LostBeforeCommit,
        Preset::LateCommit,
        Preset::Slow,
        Preset::RateLimited,
        Preset::QuotaMidBatch,
        Preset::CutMidAnswer,
        Preset::Error5xx,
        Preset::HtmlErrorPage,
    ];

    /// The name on the control plane and the command line.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Preset::LostAfterCommit => "lost-after-commit",
            Preset::LostBeforeCommit => "lost-before-commit",
            Preset::LateCommit => "late-commit",
            Preset::Slow => "slow",
            Preset::RateLimited => "rate-limited",
            Preset::QuotaMidBatch => "quota-mid-batch",
            Preset::CutMidAnswer => "cut-mid-answer",
            Preset::Error5xx => "error-5xx",
            Preset::HtmlErrorPage => "html-error-page",
        }
    }

    /// The preset of that name.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Preset::ALL.into_iter().find(|preset| preset.slug() == slug)
    }
}

/// A body of `POST /_sandbox/faults`.
#[derive(Default, Deserialize)]
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

/// One fault as it was asked for, and what it has done.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    preset: Preset,
    platform: Option<Platform>,
    call: Option<&'static str>,
    share: Share,
    slow: Duration,
    seed: u64,
    /// How many calls matched, hit or not: the place of the next draw in the seed's sequence.
    matched: u64,
    hits: u64,
}

impl From<Preset> for Fault {
    /// The next call of any platform.
    fn from(preset: Preset) -> Self {
        Fault { preset, platform: None, call: None, share: Share::Next(1), slow: SLOW, seed: 0, matched: 0, hits: 0 }
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
        let of_platform = |row: &&CallRow| platform.is_none_or(|platform| row.platform == platform);
        let call = match wanted.call.as_deref() {
            None => None,
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
        let slow = match wanted.milliseconds {
            None => SLOW,
            Some(_) if preset != Preset::Slow => return Err("milliseconds is expected with the preset slow only".to_owned()),
            Some(milliseconds @ 1..=SLOWEST_MILLISECONDS) => Duration::from_millis(milliseconds),
            Some(_) => return Err(format!("milliseconds: a whole number from 1 to {SLOWEST_MILLISECONDS} is expected")),
        };
        Ok(Fault { platform, call, share, slow, seed: wanted.seed.unwrap_or(0), ..Fault::from(preset) })
    }

    fn matches(&self, row: &CallRow) -> bool {
        self.platform.is_none_or(|platform| row.platform == platform) && self.call.is_none_or(|call| row.name == call)
    }

    fn is_used_up(&self) -> bool {
        matches!(self.share, Share::Next(count) if self.hits >= count)
    }

    /// What one hit does to a call of this path.
    fn hit(&self, index: u64, path: &str) -> Hit {
        let refusal = |status, reason| Instead::Refusal(engine::refusal(path, status, reason));
        let (effect, instead) = match self.preset {
            Preset::LostAfterCommit => (Effect::AtOnce, Instead::Leaving(Leaving::Never)),
            Preset::LostBeforeCommit => (Effect::Never, Instead::Leaving(Leaving::Never)),
            Preset::LateCommit => (Effect::Late, Instead::Leaving(Leaving::Never)),
            Preset::Slow => (Effect::AtOnce, Instead::Leaving(Leaving::Slowly(self.slow))),
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
    Late,
    Never,
}

/// What comes in place of the answer that simply leaves.
pub(crate) enum Instead {
    Refusal(Response),
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
}

/// What the writer tells the connection of such an answer; an extension of the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) leaving: Leaving,
    /// Its note in the log of requests.
    pub(crate) request: i64,
}

/// All faults, in the order in which they were asked for.
#[derive(Clone, Default)]
pub(crate) struct Faults {
    all: Vec<Fault>,
    /// Whether any can still hit: what the connections look at, so that a sandbox without faults keeps no request for them.
    active: Arc<AtomicBool>,
}

impl Faults {
    pub(crate) fn new(presets: &[Preset]) -> Self {
        let faults = Faults { all: presets.iter().copied().map(Fault::from).collect(), active: Arc::default() };
        faults.publish();
        faults
    }

    /// The flag that says whether any fault can still hit.
    pub(crate) fn active(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.active)
    }

    /// Lets the connections know what the list holds.
    pub(crate) fn publish(&self) {
        self.active.store(!self.all.iter().all(Fault::is_used_up), Ordering::Release);
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.all.push(fault);
        self.publish();
    }

    pub(crate) fn clear(&mut self) {
        self.all.clear();
        self.publish();
    }

    /// What the first fault that hits does to a call. Every matching fault draws, so that none changes the sequence of another.
    pub(crate) fn judge(&mut self, method: &str, path: &str) -> Option<Hit> {
        let row = CALLS.iter().find(|row| row.method == method && fits(row.path, path))?;
        let mut first = None;
        for fault in self.all.iter_mut().filter(|fault| fault.matches(row)) {
            let index = fault.matched;
            fault.matched += 1;
            let is_hit = match fault.share {
                Share::Next(_) => !fault.is_used_up(),
                Share::Each(probability) => draw(fault.seed, index, Draw::Hit) < probability,
            };
            if is_hit && first.is_none() {
                fault.hits += 1;
                first = Some(fault.hit(index, path));
            }
        }
        if first.is_some() {
            self.publish();
        }
        first
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
                milliseconds: (fault.preset == Preset::Slow).then_some(fault.slow.as_millis()),
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
            ("{}", "preset: one of lost-after-commit, lost-before-commit, late-commit, slow, rate-limited, quota-mid-batch, "),
            (r#"{"preset":"lost"}"#, "cut-mid-answer, error-5xx, html-error-page is expected"),
            (r#"{"preset":"slow","platform":"moodle"}"#, "platform: one of "),
            (r#"{"preset":"slow","call":"imocha.invites"}"#, "imocha.invite, "),
            (r#"{"preset":"slow","platform":"imocha","call":"think_exam.assign_test"}"#, "call: one of imocha.invite"),
            (r#"{"preset":"slow","count":1,"probability":0.5}"#, "only one of count and probability"),
            (r#"{"preset":"slow","count":0}"#, "from 1 on"),
            (r#"{"preset":"slow","probability":0}"#, "above 0 and up to 1"),
            (r#"{"preset":"slow","probability":1.5}"#, "above 0 and up to 1"),
            (r#"{"preset":"slow","milliseconds":0}"#, "from 1 to 600000"),
            (r#"{"preset":"late-commit","milliseconds":5}"#, "preset slow only"),
        ] {
            let reason = wanted(json).unwrap_err();
            assert!(reason.contains(allowed), "{json}: {reason}");
        }
        let of_imocha = wanted(r#"{"preset":"slow","platform":"imocha","call":"none"}"#).unwrap_err();
        assert!(!of_imocha.contains("think_exam"), "{of_imocha}");
    }
}
