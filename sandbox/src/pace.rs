//! Too many calls a minute: the switches `rate-limit` of iMocha (choice 13) and TestInvite (C36), and iMocha's `retry-after`.
//!
//! It goes by the machine's time, as signatures do: whoever is to wait waits in real time.

use axum::http::HeaderValue;
use axum::http::header::RETRY_AFTER;
use bidden::engine::{self, Dialect};
use bidden::http::Response;
use bidden::{Platform, Time};

/// How many calls each platform still takes; as many as the limit at first, and no more than that at any time.
#[derive(Clone, Default)]
pub(crate) struct Pace {
    imocha: Option<Budget>,
    testinvite: Option<Budget>,
}

#[derive(Clone, Copy)]
struct Budget {
    limit: i64,
    left: f64,
    at: Time,
}

impl Pace {
    /// The refusal of a call that comes too fast.
    pub(crate) fn refuses(&mut self, platform: Platform, path: &str, dialect: &Dialect, machine_now: Time) -> Option<Response> {
        let (budget, limit, retry_after) = match platform {
            Platform::Imocha => (&mut self.imocha, dialect.imocha.rate_limit, dialect.imocha.retry_after),
            Platform::TestInvite => (&mut self.testinvite, dialect.testinvite.rate_limit, None),
            Platform::ThinkExam => return None,
        };
        let Some(limit) = limit else {
            *budget = None;
            return None;
        };
        let fresh = Budget { limit, left: limit as f64, at: machine_now };
        let mut known = budget.filter(|known| known.limit == limit).unwrap_or(fresh);
        let milliseconds = machine_now.milliseconds().saturating_sub(known.at.milliseconds()).max(0);
        known.left = (known.left + milliseconds as f64 * limit as f64 / 60_000.0).min(limit as f64);
        known.at = machine_now;
        let is_refused = known.left < 1.0;
        if !is_refused {
            known.left -= 1.0;
        }
        *budget = Some(known);
        is_refused.then(|| {
            let mut response = engine::refusal(path, 429, "Too many calls too quickly.");
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "/v3/tests/1/invite";

    #[test]
    fn a_minute_takes_as_many_calls_as_the_switch_says_and_time_gives_them_back() {
        let mut dialect = Dialect::default();
        let mut pace = Pace::default();
        let mut is_refused = |dialect: &Dialect, second: i64| {
            let refusal = pace.refuses(Platform::Imocha, INVITE, dialect, Time::from_seconds(second));
            refusal.map(|refusal| {
                (refusal.status().as_u16(), refusal.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned()))
            })
        };
        assert!((0..1000).all(|_| is_refused(&dialect, 0).is_none()), "off by default");
        dialect.set("imocha.rate-limit", "2").unwrap();
        assert_eq!([is_refused(&dialect, 0), is_refused(&dialect, 0)], [None, None]);
        assert_eq!(is_refused(&dialect, 29), Some((429, None)), "no header unless set");
        dialect.set("imocha.retry-after", "7").unwrap();
        assert_eq!([is_refused(&dialect, 31), is_refused(&dialect, 31)], [None, Some((429, Some("7".to_owned())))]);
        assert_eq!(
            (0..3).map(|_| is_refused(&dialect, 3600).is_some()).collect::<Vec<_>>(),
            [false, false, true],
            "no more than a minute's worth"
        );
        let testinvite = "/api/integration/rest/v1/tasks/t/candidates";
        dialect.set("testinvite.rate-limit", "1").unwrap();
        let mut pace = Pace::default();
        let refused = [(); 2].map(|()| pace.refuses(Platform::TestInvite, testinvite, &dialect, Time::from_seconds(0)).is_some());
        assert_eq!(refused, [false, true]);
    }
}
