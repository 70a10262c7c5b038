//! What a request's body looks like in the log of requests: as it was sent, without passwords.

use serde_json::Value;
use serde_json::value::RawValue;

/// What stands where a secret stood.
const BLANK: &str = "(secret)";

/// The body as JSON text: JSON as it was sent, other text as a JSON string, an empty body as null. Passwords are blanked,
/// which may change the order of members of an object that holds one.
pub(crate) fn body(bytes: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return quoted("(not UTF-8)");
    };
    if text.trim().is_empty() {
        return "null".to_owned();
    }
    let may_hold_secret = {
        let lower = text.to_ascii_lowercase();
        // An escape may spell a name that the search would miss.
        lower.contains("password") || lower.contains("credential2") || lower.contains("\\u")
    };
    if !may_hold_secret {
        return match serde_json::from_str::<&RawValue>(text) {
            Ok(_) => text.to_owned(),
            Err(_) => quoted(text),
        };
    }
    match serde_json::from_str::<Value>(text) {
        Ok(mut value) => {
            if blank(&mut value) {
                value.to_string()
            } else {
                text.to_owned()
            }
        }
        // What cannot be read cannot be blanked in part.
        Err(_) => quoted("(not JSON, withheld: it may hold a secret)"),
    }
}

/// JSON text as it may be shown.
pub(crate) fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(body(json.as_bytes())).unwrap_or_default()
}

/// Blanks every secret member; whether there was one.
fn blank(value: &mut Value) -> bool {
    match value {
        Value::Object(members) => {
            let mut found = false;
            for (name, member) in members {
                let name = name.to_ascii_lowercase();
                if name.contains("password") && name != "ispasswordskip" || name == "credential2" {
                    *member = Value::from(BLANK);
                    found = true;
                } else {
                    found |= blank(member);
                }
            }
            found
        }
        Value::Array(elements) => elements.iter_mut().map(blank).fold(false, |found, this| found | this),
        _ => false,
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::body;

    #[test]
    fn a_password_never_reaches_the_log() {
        for sent in [
            r#"[{"name":"Ada","password":"hunter2"}]"#,
            r#"{"PASSWORD":"hunter2"}"#,
            r#"{"\u0070assword":"hunter2"}"#,
            r#"{"credential2":"hunter2","kind":"temporary-candidate"}"#,
            r#"{"oldPassword":{"deep":"hunter2"}}"#,
            r#"{"password":"hunter2""#,
        ] {
            let logged = body(sent.as_bytes());
            assert!(!logged.contains("hunter2"), "{sent} → {logged}");
        }
    }

    #[test]
    fn everything_else_stays_as_sent() {
        let sent = r#"{ "price": {"amount": 12.10}, "b": 1, "a": 2, "isPasswordSkip": "0" }"#;
        assert_eq!(body(sent.as_bytes()), sent);
        assert_eq!(body(b""), "null");
        assert_eq!(body(b"<html>"), r#""<html>""#);
    }
}
