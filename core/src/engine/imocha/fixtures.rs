//! What can be declared of iMocha.

use serde::{Deserialize, Deserializer, Serialize};

use super::super::fixtures::distinct;
use crate::Time;
use crate::imocha::ProctoringMode;

/// iMocha's part of the fixtures.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fixtures {
    /// The tests; every positive id exists as long as there are none. No id stands twice.
    #[serde(deserialize_with = "tests")]
    pub tests: Vec<Test>,
}

/// A test.
///
/// ```
/// let test: bidden::engine::imocha::fixtures::Test = serde_json::from_str(
///     r#"{"test_id":303076,"name":"Java","duration":45,"links":[{"test_link_id":201044,"validity_in_days":14}]}"#,
/// )?;
/// assert_eq!(test.links[0].test_link_id, 201044);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its id, a positive number.
    #[serde(deserialize_with = "positive")]
    pub test_id: i64,
    /// What it is called; `Test` and its id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Minutes; 60 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_positive")]
    pub duration: Option<i64>,
    /// How many questions there are; 20 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_positive")]
    pub questions: Option<i64>,
    /// The platform's word in the list of tests, whose values are not documented; `Active` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The labels' texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Its links; the default link is made by the first invite unless one of them is it.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "links")]
    pub links: Vec<Link>,
}

/// A link of a test (section 14).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Its id, a positive number.
    #[serde(deserialize_with = "positive")]
    pub test_link_id: i64,
    /// What it is called; `Link` and its id when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it takes invitations.
    #[serde(default)]
    pub status: LinkStatus,
    /// `email` or `open`.
    #[serde(default)]
    pub invitation_type: InvitationType,
    /// Whether it is the default link of its test, the one that invites without a link go through.
    #[serde(default)]
    pub is_api_link: bool,
    /// How candidates are watched whose call does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proctoring_mode: Option<ProctoringMode>,
    /// Who is told of completion when the call does not say; the test's owner when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stakeholder_emails: Option<Vec<String>>,
    /// When its invitations can be used.
    #[serde(default)]
    pub schedule_type: ScheduleType,
    /// `validityindays`: for how many days from the invitation; the account's number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_positive")]
    pub validity_in_days: Option<i64>,
    /// `timebound` and `slotwise`: from when, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "time")]
    pub start_date_time: Option<Time>,
    /// `timebound` and `slotwise`: until when, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "time")]
    pub end_date_time: Option<Time>,
    /// The zone; the account's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone_id: Option<i64>,
}

/// `testLinkStatus` (section 14, published).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkStatus {
    /// It takes invitations.
    #[default]
    Active,
    /// It takes none (choice 31).
    Inactive,
}

/// `invitationType` (section 14, published).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InvitationType {
    /// For those who are invited.
    #[default]
    Email,
    /// For everybody who has the link.
    Open,
}

/// `scheduleType` (section 14, published).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScheduleType {
    /// For so many days from the invitation.
    #[default]
    ValidityInDays,
    /// Between two moments.
    TimeBound,
    /// In slots; the reference says no more, so it is as time-bound.
    SlotWise,
}

impl ScheduleType {
    /// The word of the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        crate::imocha::SCHEDULE_TYPES[self as usize]
    }
}

fn positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = i64::deserialize(deserializer)?;
    if number > 0 { Ok(number) } else { Err(serde::de::Error::custom("a positive number is expected")) }
}

fn optional_positive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let number = Option::<i64>::deserialize(deserializer)?;
    if number.is_none_or(|number| number > 0) { Ok(number) } else { Err(serde::de::Error::custom("a positive number is expected")) }
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| Time::read(&text).map_err(serde::de::Error::custom)).transpose()
}

fn tests<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Test>, D::Error> {
    let tests = Vec::<Test>::deserialize(deserializer)?;
    distinct(tests.iter().map(|test| test.test_id), "test_id")?;
    distinct(tests.iter().flat_map(|test| test.links.iter().map(|link| link.test_link_id)), "test_link_id")?;
    Ok(tests)
}

fn links<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Link>, D::Error> {
    let links = Vec::<Link>::deserialize(deserializer)?;
    if links.iter().filter(|link| link.is_api_link).count() > 1 {
        return Err(serde::de::Error::custom("a test has one default link (is_api_link) at most"));
    }
    for link in &links {
        if let (Some(start), Some(end)) = (link.start_date_time, link.end_date_time)
            && end <= start
        {
            return Err(serde::de::Error::custom(format!("the end of link {} does not lie after its start", link.test_link_id)));
        }
    }
    Ok(links)
}

#[cfg(test)]
mod tests {
    use super::Fixtures;

    fn refused(json: &str) -> String {
        serde_json::from_str::<Fixtures>(json).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_declared_is_named() {
        assert!(refused(r#"{"tests":[{"test_id":0}]}"#).contains("positive"));
        assert!(refused(r#"{"tests":[{"test_id":1},{"test_id":1}]}"#).contains("test_id 1 stands twice"));
        let link = r#"{"test_link_id":7}"#;
        let twice = format!(r#"{{"tests":[{{"test_id":1,"links":[{link}]}},{{"test_id":2,"links":[{link}]}}]}}"#);
        assert!(refused(&twice).contains("test_link_id 7 stands twice"));
        let defaults = r#"{"tests":[{"test_id":1,"links":[{"test_link_id":7,"is_api_link":true},{"test_link_id":8,"is_api_link":true}]}]}"#;
        assert!(refused(defaults).contains("one default link"));
        assert!(refused(r#"{"tests":[{"test_id":1,"links":[{"test_link_id":7,"schedule_type":"daily"}]}]}"#).contains("validityindays"));
        let window = r#"{"test_link_id":7,"start_date_time":"2026-03-02T00:00:00Z","end_date_time":"2026-03-01T00:00:00Z"}"#;
        assert!(refused(&format!(r#"{{"tests":[{{"test_id":1,"links":[{window}]}}]}}"#)).contains("link 7 does not lie after its start"));
        assert!(refused(r#"{"tests":[{"test_id":1,"minutes":5}]}"#).contains("minutes"));
    }

    #[test]
    fn what_is_declared_survives_json() {
        let text = r#"{"tests":[{"test_id":1,"name":"Java","duration":45,"links":[{"test_link_id":7,"status":"inactive","invitation_type":"open","is_api_link":false,"proctoring_mode":"image","stakeholder_emails":[],"schedule_type":"timebound","start_date_time":"2026-03-01T12:00:00Z","end_date_time":"2026-03-02T12:00:00Z"}]}]}"#;
        let fixtures: Fixtures = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&fixtures).unwrap(), text);
    }
}
