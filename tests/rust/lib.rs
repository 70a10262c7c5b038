//! The shared vectors, read once for every runner.

#[path = "postgres_server.rs"]
pub mod postgres;

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

/// One vector: what goes in, what must come out, and where that is stated.
#[derive(Debug, Deserialize)]
pub struct Vector {
    /// Unique in its file.
    pub id: String,
    /// `request`, `reply`, `invalid`, `serve`, `decision`, `signature` or `hmac`.
    pub kind: String,
    /// Page, section and mark, or the second implementation that confirmed it.
    pub source: String,
    /// Everything else.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, Value>,
}

impl Vector {
    /// A text member.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// Any member as JSON text; `{}` when absent.
    #[must_use]
    pub fn json(&self, name: &str) -> String {
        self.fields.get(name).map_or_else(|| "{}".to_owned(), Value::to_string)
    }

    /// Any member.
    #[must_use]
    pub fn value(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }
}

/// The workspace's root.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The vectors of one platform.
///
/// # Panics
/// When the file is missing or is not what the format says.
#[must_use]
pub fn vectors(platform: &str) -> Vec<Vector> {
    #[derive(Deserialize)]
    struct File {
        platform: String,
        vectors: Vec<Vector>,
    }
    let path = root().join("tests/vectors").join(format!("{platform}.json"));
    let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
    let parsed: Result<File, String> = read.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()));
    match parsed {
        Ok(file) => {
            assert_eq!(file.platform, platform, "{}", path.display());
            file.vectors
        }
        Err(error) => std::panic::panic_any(format!("{}: {error}", path.display())),
    }
}

/// The vectors of one kind, of all platforms: (platform, vector).
#[must_use]
pub fn all(kind: &str) -> Vec<(&'static str, Vector)> {
    let mut found = Vec::new();
    for platform in ["imocha", "think-exam", "testinvite"] {
        found.extend(vectors(platform).into_iter().filter(|vector| vector.kind == kind).map(|vector| (platform, vector)));
    }
    assert!(!found.is_empty(), "there are no vectors of kind {kind}");
    found
}

/// Collects failures, so that one run shows all of them.
#[derive(Default)]
pub struct Failures {
    checked: usize,
    failed: Vec<String>,
}

impl Failures {
    /// Compares, and keeps what differs.
    pub fn compare(&mut self, name: &str, expected: &impl ToString, found: &impl ToString) {
        self.checked += 1;
        let (expected, found) = (expected.to_string(), found.to_string());
        if expected != found {
            self.failed.push(format!("{name}\n  expected {expected}\n  found    {found}"));
        }
    }

    /// Keeps a failure.
    pub fn fail(&mut self, name: &str, why: impl std::fmt::Display) {
        self.failed.push(format!("{name}\n  {why}"));
    }

    /// As [`Failures::finish`], and notes for `make test`'s table that a language has run these vectors.
    ///
    /// # Panics
    /// When anything differed, and when nothing was compared.
    pub fn finish_vectors(self, language: &str, kind: &str) {
        let failed: std::collections::HashSet<&str> = self.failed.iter().filter_map(|failure| failure.split_whitespace().next()).collect();
        let lines: Vec<String> = all(kind)
            .iter()
            .map(|(platform, vector)| format!("{platform}/{}", vector.id))
            .map(|name| format!("{name} {}", if failed.contains(name.as_str()) { "FAILED" } else { "passed" }))
            .collect();
        note_vectors(language, kind, &lines);
        self.finish();
    }

    /// Fails the test when anything differed, and when nothing was compared.
    ///
    /// # Panics
    /// Then.
    pub fn finish(self) {
        assert!(self.checked > 0, "nothing was compared");
        assert!(self.failed.is_empty(), "{} of {} differ:\n{}", self.failed.len(), self.checked, self.failed.join("\n"));
    }
}

/// The folder in which runners note which vectors they have run: `vectors` in cargo's target folder.
#[must_use]
pub fn notes() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.ancestors().nth(3).map(PathBuf::from).unwrap_or_default().join("vectors")
}

/// Notes lines such as `imocha/invite-sample passed` of a language.
///
/// # Panics
/// When they cannot be written.
pub fn note_vectors(language: &str, part: &str, lines: &[String]) {
    let folder = notes().join(language);
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join(format!("{part}.txt")), lines.join("\n")));
    assert!(written.is_ok(), "{}: {written:?}", folder.display());
}

/// JSON whose members keep their order: the answers of the platforms are literal in that too.
#[derive(Clone, PartialEq, Debug)]
pub enum Ordered {
    /// An object.
    Object(Vec<(String, Ordered)>),
    /// A list.
    Array(Vec<Ordered>),
    /// Anything else.
    Leaf(Value),
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Ordered;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("JSON")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut members: A) -> Result<Ordered, A::Error> {
                let mut object = Vec::new();
                while let Some(member) = members.next_entry()? {
                    object.push(member);
                }
                Ok(Ordered::Object(object))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut entries: A) -> Result<Ordered, A::Error> {
                let mut array = Vec::new();
                while let Some(entry) = entries.next_element()? {
                    array.push(entry);
                }
                Ok(Ordered::Array(array))
            }

            fn visit_str<E>(self, text: &str) -> Result<Ordered, E> {
                Ok(Ordered::Leaf(text.into()))
            }

            fn visit_bool<E>(self, flag: bool) -> Result<Ordered, E> {
                Ok(Ordered::Leaf(flag.into()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Ordered, E> {
                Ok(Ordered::Leaf(number.into()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Ordered, E> {
                Ok(Ordered::Leaf(number.into()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Ordered, E> {
                Ok(Ordered::Leaf(number.into()))
            }

            fn visit_unit<E>(self) -> Result<Ordered, E> {
                Ok(Ordered::Leaf(Value::Null))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

/// The value that `<2/testInvitationId>` or `<not 2/testInvitationId>` speaks of: a member of the answer to an earlier
/// request, counted from 0.
///
/// # Panics
/// When there is no such answer, or no such member in it: the vector is wrong, or the answer.
fn earlier<'a>(reference: &str, answers: &'a [Value]) -> Option<&'a Value> {
    let (index, _) = reference.split_once('/')?;
    let answer = index.parse().ok().map(|index: usize| answers.get(index))?;
    let found = answer.and_then(|answer| answer.pointer(&reference[index.len()..]));
    Some(found.unwrap_or_else(|| std::panic::panic_any(format!("<{reference}> is not in the earlier answers {answers:?}"))))
}

/// A text in which every `<2/testInvitationId>` is replaced by that member of the answer to an earlier request.
///
/// # Panics
/// When there is no such member.
#[must_use]
pub fn filled(text: &str, answers: &[Value]) -> String {
    let mut parts = text.split('<');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('>').and_then(|(reference, rest)| Some((earlier(reference, answers)?, rest))) {
            Some((Value::String(word), rest)) => filled += &format!("{word}{rest}"),
            Some((value, rest)) => filled += &format!("{value}{rest}"),
            None => filled += &format!("<{part}"),
        }
    }
    filled
}

/// Whether a value is as expected, where `"<any>"` and `"<integer>"` stand for any value and any integer,
/// `"<0/testInvitationId>"` for that member of the answer to the first request, `"<not 0/testInvitationId>"` for anything
/// else, and the order of members counts.
///
/// # Panics
/// When an earlier answer has no such member.
#[must_use]
pub fn fits(expected: &Ordered, found: &Ordered, answers: &[Value]) -> bool {
    match (expected, found) {
        (Ordered::Leaf(Value::String(word)), _) if word == "<any>" => true,
        (Ordered::Leaf(Value::String(word)), Ordered::Leaf(found)) => {
            let reference = word.strip_prefix('<').and_then(|word| word.strip_suffix('>')).unwrap_or_default();
            match reference.strip_prefix("not ") {
                _ if reference == "integer" => found.is_i64() || found.is_u64(),
                Some(other) => !found.is_null() && earlier(other, answers) != Some(found),
                None => found == earlier(reference, answers).unwrap_or(&Value::String(filled(word, answers))),
            }
        }
        (Ordered::Object(expected), Ordered::Object(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .zip(found)
                    .all(|((name, value), (found_name, found_value))| name == found_name && fits(value, found_value, answers))
        }
        (Ordered::Array(expected), Ordered::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(expected, found)| fits(expected, found, answers))
        }
        _ => expected == found,
    }
}

/// What a vector of the sandbox's side expects as JSON, with the order of its members; `None` where it expects bytes.
///
/// # Panics
/// When the file cannot be read.
#[must_use]
pub fn expected_shapes(platform: &str) -> std::collections::HashMap<String, Ordered> {
    #[derive(Deserialize)]
    struct File {
        vectors: Vec<Served>,
    }
    #[derive(Deserialize)]
    struct Served {
        id: String,
        response: Option<Shape>,
    }
    #[derive(Deserialize)]
    struct Shape {
        json: Option<Ordered>,
    }
    let path = root().join("tests/vectors").join(format!("{platform}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let file: File = serde_json::from_str(&text).unwrap_or_else(|error| std::panic::panic_any(format!("{}: {error}", path.display())));
    file.vectors.into_iter().filter_map(|served| Some((served.id, served.response?.json?))).collect()
}

/// The command `bidden` of this build: cargo puts it beside the tests' own folder.
///
/// # Panics
/// When it was not built: `cargo test --workspace` and `make test` build it.
#[must_use]
pub fn command() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    // Tests lie in `deps/`, examples in `examples/`, both beside the command.
    let folder = own.parent().and_then(std::path::Path::parent).map(PathBuf::from).unwrap_or_default();
    let command = folder.join(format!("bidden{}", std::env::consts::EXE_SUFFIX));
    assert!(command.exists(), "{} is missing: build it with `cargo build -p bidden-cli`", command.display());
    command
}

/// Runs the command with a standard input, in an empty environment but for what is given.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run(arguments: &[&str], input: &str) -> std::process::Output {
    run_with(&[], arguments, input)
}

/// As [`run`], with variables of the environment.
///
/// # Panics
/// As [`run`].
#[must_use]
pub fn run_with(variables: &[(&str, &str)], arguments: &[&str], input: &str) -> std::process::Output {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new(command())
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| std::panic::panic_any(format!("bidden cannot be started: {error}")));
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input closes the pipe; that is its right.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait_with_output().unwrap_or_else(|error| std::panic::panic_any(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ordered(value: &Value) -> Ordered {
        serde_json::from_str(&value.to_string()).unwrap()
    }

    #[test]
    fn a_text_takes_members_of_earlier_answers() {
        let answers = [json!({"id": 7}), json!({"list": [{"code": "K7"}]})];
        assert_eq!(filled("/v3/<0/id>/<1/list/0/code>?a<b>", &answers), "/v3/7/K7?a<b>");
    }

    #[test]
    fn an_answer_is_held_to_earlier_ones_and_to_its_order() {
        let answers = [json!({"id": 7, "url": "u-7"})];
        let holds = |expected: Value, found: Value| fits(&ordered(&expected), &ordered(&found), &answers);
        assert!(holds(json!({"id": "<0/id>", "url": "<0/url>"}), json!({"id": 7, "url": "u-7"})));
        assert!(!holds(json!("<0/id>"), json!(8)), "another id");
        assert!(!holds(json!("<0/id>"), json!("7")), "a text is no number");
        assert!(holds(json!("<not 0/id>"), json!(8)) && !holds(json!("<not 0/id>"), json!(7)) && !holds(json!("<not 0/id>"), Value::Null));
        assert!(holds(json!("id <0/id>"), json!("id 7")) && !holds(json!("id <0/id>"), json!("id 8")));
        assert!(holds(json!("<integer>"), json!(7)) && !holds(json!("<integer>"), json!(7.5)));
        assert!(holds(json!(["<any>"]), json!([null])) && !holds(json!(["<any>"]), json!([])));
        let other_order: Ordered = serde_json::from_str(r#"{"url":"u-7","id":7}"#).unwrap();
        assert!(!fits(&serde_json::from_str(r#"{"id":7,"url":"u-7"}"#).unwrap(), &other_order, &answers));
    }
}
