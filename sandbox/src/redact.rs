//! What a request's body looks like in the log of requests: as it was sent, without secrets.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// What stands where a secret stood.
const BLANK: &str = "(secret)";

/// The body as JSON text: JSON as it was sent, other text as a JSON string, an empty body as null. What a candidate logs in
/// with is blanked; of the rest, members keep their order and numbers their digits.
pub(crate) fn body(bytes: &[u8]) -> String {
    redacted(bytes, is_secret_in_log)
}

/// Path and query as they were sent, with the value of a code that logs a candidate in blanked.
pub(crate) fn target(uri: &axum::http::Uri) -> String {
    let Some(query) = uri.query() else {
        return uri.path().to_owned();
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret_in_query(name) => format!("{name}={BLANK}"),
        _ => pair.to_owned(),
    });
    format!("{}?{}", uri.path(), pairs.collect::<Vec<_>>().join("&"))
}

/// JSON text as it may be shown.
pub(crate) fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(redacted(json.as_bytes(), is_secret)).unwrap_or_default()
}

fn redacted(bytes: &[u8], is_secret: fn(&str) -> bool) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return quoted("(not UTF-8)");
    };
    if text.trim().is_empty() {
        return "null".to_owned();
    }
    let may_hold_secret = {
        let lower = text.to_ascii_lowercase();
        // An escape may spell a name that the search would miss.
        lower.contains("password") || lower.contains("credential") || lower.contains("\\u")
    };
    if !may_hold_secret {
        return match serde_json::from_str::<&RawValue>(text) {
            Ok(_) => text.to_owned(),
            Err(_) => quoted(text),
        };
    }
    // Reading it whole first bounds how deep it is nested.
    match serde_json::from_str::<Value>(text) {
        Ok(value) if !holds_secret(&value, is_secret) => text.to_owned(),
        Ok(_) => {
            let mut blanked = String::with_capacity(text.len());
            blank(text.trim(), is_secret, &mut blanked).map_or_else(|_| withheld(), |()| blanked)
        }
        // What cannot be read cannot be blanked in part.
        Err(_) => withheld(),
    }
}

/// Names of members that are secret in every platform's calls, in both spellings.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "");
    name.contains("password") && name != "ispasswordskip" || name == "credential2"
}

/// Half of what a candidate logs in with; in the details of an invitation it is shown, as the platform shows it.
fn is_secret_in_log(name: &str) -> bool {
    is_secret(name) || name.to_ascii_lowercase().replace('_', "") == "credential1"
}

/// An invitation code is all that a candidate needs to log in (TestInvite reference, section 8).
fn is_secret_in_query(name: &str) -> bool {
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    name.eq_ignore_ascii_case("code") || is_secret_in_log(&name)
}

fn holds_secret(value: &Value, is_secret: fn(&str) -> bool) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, member)| is_secret(name) || holds_secret(member, is_secret)),
        Value::Array(elements) => elements.iter().any(|element| holds_secret(element, is_secret)),
        _ => false,
    }
}

/// Writes JSON without its secret members, everything else in its order and with its digits.
fn blank(text: &str, is_secret: fn(&str) -> bool, written: &mut String) -> serde_json::Result<()> {
    let separate = |index: usize, written: &mut String| {
        if index > 0 {
            written.push(',');
        }
    };
    match text.as_bytes().first() {
        Some(b'{') => {
            written.push('{');
            let Members(members) = serde_json::from_str(text)?;
            for (index, (name, member)) in members.into_iter().enumerate() {
                separate(index, written);
                written.push_str(&quoted(&name));
                written.push(':');
                if is_secret(&name) {
                    written.push_str(&quoted(BLANK));
                } else {
                    blank(member.get(), is_secret, written)?;
                }
            }
            written.push('}');
        }
        Some(b'[') => {
            written.push('[');
            let elements: Vec<&RawValue> = serde_json::from_str(text)?;
            for (index, element) in elements.into_iter().enumerate() {
                separate(index, written);
                blank(element.get(), is_secret, written)?;
            }
            written.push(']');
        }
        _ => written.push_str(text),
    }
    Ok(())
}

/// The members of an object in the order in which they were written.
#[derive(Deserialize)]
struct Members<'a>(#[serde(borrow, deserialize_with = "in_order")] Vec<(String, &'a RawValue)>);

fn in_order<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, &'a RawValue)>, D::Error> {
    struct InOrder;

    impl<'de> Visitor<'de> for InOrder {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    deserializer.deserialize_map(InOrder)
}

fn withheld() -> String {
    quoted("(not JSON, withheld: it may hold a secret)")
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::{body, target};

    #[test]
    fn a_password_never_reaches_the_log() {
        for sent in [
            r#"[{"name":"Ada","password":"hunter2"}]"#,
            r#"{"PASSWORD":"hunter2"}"#,
            r#"{"\u0070assword":"hunter2"}"#,
            r#"{"credential2":"hunter2","kind":"temporary-candidate"}"#,
            r#"{"credential1":"hunter2"}"#,
            r#"[[{"a":[{"credential_2":["hunter2"]}]}]]"#,
            r#"{"password":"hunter2","password":"hunter2"}"#,
            r#"{"oldPassword":{"deep":"hunter2"}}"#,
            r#"{"password":"hunter2""#,
        ] {
            let logged = body(sent.as_bytes());
            assert!(!logged.contains("hunter2"), "{sent} → {logged}");
        }
    }

    #[test]
    fn a_query_is_shown_as_sent_but_for_what_logs_a_candidate_in() {
        for (sent, logged) in [
            ("/a", "/a"),
            ("/a?", "/a?"),
            ("/a?email=ada%40example.com&limit=5", "/a?email=ada%40example.com&limit=5"),
            ("/a?code=K7P2QX&mode=basic", "/a?code=(secret)&mode=basic"),
            ("/a?page=2&%63ode=K7P2QX", "/a?page=2&%63ode=(secret)"),
            ("/a?encode=1&code", "/a?encode=1&code"),
        ] {
            assert_eq!(target(&sent.parse().unwrap()), logged);
        }
    }

    #[test]
    fn beside_a_secret_members_keep_their_order_and_numbers_their_digits() {
        let sent = r#"[{"z":12.10,"password":"hunter2","a":{"c":1E2,"b":[ 10000000000000000000001 ]}}]"#;
        assert_eq!(body(sent.as_bytes()), r#"[{"z":12.10,"password":"(secret)","a":{"c":1E2,"b":[10000000000000000000001]}}]"#);
        let deep = format!(r#"{}{{"password":"hunter2"}}{}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(body(deep.as_bytes()).contains("withheld"));
    }

    #[test]
    fn everything_else_stays_as_sent() {
        let sent = r#"{ "price": {"amount": 12.10}, "b": 1, "a": 2, "isPasswordSkip": "0" }"#;
        assert_eq!(body(sent.as_bytes()), sent);
        let details = r#"{"is_password_skip":true}"#;
        assert_eq!(body(details.as_bytes()), details);
        assert_eq!(body(b""), "null");
        assert_eq!(body(b"<html>"), r#""<html>""#);
    }
}
