//! Reading the neutral form of a call's arguments: every fault is collected with its field, nothing stops at the first.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::{Error, FieldError, Time};

/// The value of a field as a caller has it: text and whole numbers need not be written as JSON to be read again.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Given<'a> {
    /// The JSON string that has this text.
    Text(&'a str),
    /// The JSON number.
    Integer(i64),
    /// Any value, as its JSON. It has to be valid JSON.
    Json(&'a str),
}

impl Given<'_> {
    fn is_null(&self) -> bool {
        matches!(self, Given::Json(text) if text.trim() == "null")
    }

    /// The value, where it may be of several types.
    #[inline(never)]
    fn value(self) -> Option<Value> {
        match self {
            Given::Text(text) => Some(Value::String(text.to_owned())),
            Given::Integer(number) => Some(Value::from(number)),
            Given::Json(text) => serde_json::from_str(text).ok(),
        }
    }
}

/// One object being read field by field. What is left over at [`Fields::finish`] is unknown, and refused.
///
/// Names and values stay in the text they were read from: a call asks for a dozen fields, of which most are not there.
pub struct Fields<'a> {
    prefix: String,
    values: Members<'a>,
    /// The names as the call asks for them, a line each: the order in which it documents its fields.
    order: String,
    pub(crate) errors: Vec<FieldError>,
    /// What is being read around this object, the outermost first.
    outer: Vec<Outer<'a>>,
}

/// The members of an object that are not read yet. There are few: looking at all of them is faster than keeping them sorted.
#[derive(Default)]
struct Members<'a>(Vec<(Cow<'a, str>, Given<'a>)>);

impl<'a> Members<'a> {
    /// Of members with the same name the last one counts, as everywhere in JSON.
    fn take(&mut self, name: &str) -> Option<Given<'a>> {
        let mut found = None;
        while let Some(index) = self.0.iter().rposition(|(known, _)| known == name) {
            let (_, given) = self.0.remove(index);
            found = found.or(Some(given));
        }
        found
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        /// The name of a member, copied only where it is written with escapes.
        #[derive(Deserialize)]
        struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut read = Members::default();
                while let Some((Name(name), value)) = members.next_entry::<Name<'de>, &'de RawValue>()? {
                    read.0.push((name, Given::Json(value.get())));
                }
                Ok(read)
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// An object that waits until one of its members is read.
struct Outer<'a> {
    prefix_length: usize,
    order_length: usize,
    values: Members<'a>,
}

impl<'a> Fields<'a> {
    /// Reads the object.
    pub(crate) fn parse(json: &'a str) -> Result<Self, Error> {
        let values = serde_json::from_str(json)
            .map_err(|error| Error::invalid_field("arguments", "a JSON object with the call's fields is expected").with_source(error))?;
        Ok(Fields::of(values))
    }

    /// The object of these members.
    pub(crate) fn of_members(members: &[(&'a str, Given<'a>)]) -> Self {
        Fields::of(Members(members.iter().map(|(name, given)| (Cow::Borrowed(*name), *given)).collect()))
    }

    fn of(values: Members<'a>) -> Self {
        Fields { prefix: String::new(), values, order: String::with_capacity(256), errors: Vec::new(), outer: Vec::new() }
    }

    /// Adds a fault of a field of this object.
    pub(crate) fn fault(&mut self, name: &str, reason: impl Into<String>) {
        self.add_fault(name, reason.into());
    }

    // What every type of field needs is written once: each call brings a dozen of them, and libbidden has to stay small.

    #[inline(never)]
    fn add_fault(&mut self, name: &str, reason: String) {
        let field = format!("{}{name}", self.prefix);
        self.errors.push(FieldError::new(field, reason));
    }

    /// A field as it was given; null is as good as absent.
    #[inline(never)]
    pub(crate) fn given(&mut self, name: &str) -> Option<Given<'a>> {
        self.order.push_str(name);
        self.order.push('\n');
        self.values.take(name).filter(|given| !given.is_null())
    }

    /// Whether a field is given, be it as null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.0.iter().any(|(known, _)| known == name)
    }

    /// The names that are given and not read yet.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.values.0.iter().map(|(name, _)| name.to_string()).collect()
    }

    /// What only JSON can say: a list, an object, true or false.
    fn json<T: Deserialize<'a>>(&mut self, name: &str, expected: &str) -> Option<T> {
        let read = match self.given(name)? {
            Given::Json(text) => serde_json::from_str(text).ok(),
            Given::Text(_) | Given::Integer(_) => None,
        };
        if read.is_none() {
            self.expected(name, expected);
        }
        read
    }

    /// A value that may be of several types. The reader says what it may be.
    #[inline(never)]
    fn value(&mut self, name: &str, expected: &str) -> Option<Value> {
        let read = self.given(name)?.value();
        if read.is_none() {
            self.expected(name, expected);
        }
        read
    }

    #[inline(never)]
    fn expected(&mut self, name: &str, what: &str) {
        self.add_fault(name, format!("{what} is expected"));
    }

    /// Text.
    #[inline(never)]
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.given(name)? {
            Given::Text(text) => return Some(text.to_owned()),
            Given::Json(text) => {
                if let Ok(text) = serde_json::from_str(text) {
                    return Some(text);
                }
            }
            Given::Integer(_) => {}
        }
        self.expected(name, "text");
        None
    }

    /// Text, where a platform's id may also be given as a number.
    #[inline(never)]
    pub(crate) fn id_text(&mut self, name: &str) -> Option<String> {
        match self.value(name, "text")? {
            Value::String(text) => Some(text),
            Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
            _ => {
                self.fault(name, "text is expected");
                None
            }
        }
    }

    /// A whole number, also as text of digits.
    #[inline(never)]
    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        let number = match self.value(name, "a whole number")? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.fault(name, "a whole number is expected");
        }
        number
    }

    /// A list of whole numbers, also as texts of digits.
    #[inline(never)]
    pub(crate) fn integers(&mut self, name: &str) -> Option<Vec<i64>> {
        let values: Vec<Value> = self.json(name, "a list of whole numbers")?;
        let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        let numbers: Option<Vec<i64>> = values.iter().map(number).collect();
        if numbers.is_none() {
            self.expected(name, "a list of whole numbers");
        }
        numbers
    }

    /// true or false.
    #[inline(never)]
    pub(crate) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.json(name, "true or false")
    }

    /// A moment: RFC 3339 text, or seconds since 1970.
    #[inline(never)]
    pub(crate) fn time(&mut self, name: &str) -> Option<Time> {
        let read = match self.value(name, "a time")? {
            Value::String(text) => Time::read(&text),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(seconds), _) => Time::read_seconds(seconds),
                // Fractions pass through (TestInvite reference, choice C38); whole seconds guard what they are part of.
                (None, Some(seconds)) => {
                    Time::read_seconds(seconds as i64).map(|_| Time::from_milliseconds((seconds * 1000.0).round() as i64))
                }
                (None, None) => Err("seconds since 1970 are expected".into()),
            },
            _ => Err("a time like 2026-01-31T09:00:00Z, or seconds since 1970, is expected".into()),
        };
        match read {
            Ok(time) => Some(time),
            Err(reason) => {
                self.fault(name, reason);
                None
            }
        }
    }

    /// A list of texts.
    #[inline(never)]
    pub(crate) fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        self.json(name, "a list of texts")
    }

    /// Text, or a list of texts that is joined.
    #[inline(never)]
    pub(crate) fn text_or_list(&mut self, name: &str, separator: &str) -> Option<String> {
        match self.value(name, "text")? {
            Value::String(text) => Some(text),
            Value::Array(entries) if entries.iter().all(Value::is_string) => {
                Some(entries.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(separator))
            }
            _ => {
                self.fault(name, "text, or a list of texts, is expected");
                None
            }
        }
    }

    /// An object with any content.
    #[inline(never)]
    pub(crate) fn object(&mut self, name: &str) -> Option<Map<String, Value>> {
        self.json(name, "an object")
    }

    /// A word out of a fixed set.
    pub(crate) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let index = self.word_at(name, &mut words.iter().map(|(word, _)| *word))?;
        words.get(index).map(|(_, value)| *value)
    }

    #[inline(never)]
    fn word_at(&mut self, name: &str, words: &mut dyn Iterator<Item = &str>) -> Option<usize> {
        let text = self.text(name)?;
        let known: Vec<&str> = words.collect();
        let found = known.iter().position(|word| *word == text);
        if found.is_none() {
            self.add_fault(name, format!("one of {} is expected", known.join(", ")));
        }
        found
    }

    /// An object of known fields: `read` reads them, its faults are named `outer.inner`.
    pub(crate) fn nested<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'a>) -> T) -> Option<T> {
        if !self.open_member(name) {
            return None;
        }
        let read = read(self);
        self.close();
        Some(read)
    }

    /// A list of objects of known fields; faults are named `outer[0].inner`.
    pub(crate) fn list<T>(&mut self, name: &str, mut read: impl FnMut(&mut Fields<'a>) -> T) -> Option<Vec<T>> {
        let raws: Vec<&'a RawValue> = self.json(name, "a list of objects")?;
        let mut entries = Vec::with_capacity(raws.len());
        for (index, raw) in raws.into_iter().enumerate() {
            let faults = self.open_entry(name, index, Given::Json(raw.get()));
            entries.push(read(self));
            self.errors.truncate(faults);
            self.close();
        }
        Some(entries)
    }

    #[inline(never)]
    fn open_member(&mut self, name: &str) -> bool {
        self.given(name).is_some_and(|given| self.open(name, given))
    }

    /// Opens an entry of a list, and says how many faults there may be when it is read: what is no object keeps its place, so that the
    /// entries behind it keep their numbers, and is not said to lack what an object has.
    #[inline(never)]
    fn open_entry(&mut self, name: &str, index: usize, given: Given<'a>) -> usize {
        let name = format!("{name}[{index}]");
        if self.open(&name, given) {
            return usize::MAX;
        }
        self.enter(&name, Members::default());
        self.errors.len()
    }

    fn open(&mut self, name: &str, given: Given<'a>) -> bool {
        let read = if let Given::Json(text) = given { serde_json::from_str(text).ok() } else { None };
        match read {
            Some(values) => {
                self.enter(name, values);
                true
            }
            None => {
                self.expected(name, "an object");
                false
            }
        }
    }

    fn enter(&mut self, name: &str, values: Members<'a>) {
        let values = std::mem::replace(&mut self.values, values);
        self.outer.push(Outer { prefix_length: self.prefix.len(), order_length: self.order.len(), values });
        self.prefix.extend([name, "."]);
    }

    #[inline(never)]
    fn close(&mut self) {
        self.refuse_unknown();
        if let Some(outer) = self.outer.pop() {
            self.prefix.truncate(outer.prefix_length);
            self.order.truncate(outer.order_length);
            self.values = outer.values;
        }
    }

    fn refuse_unknown(&mut self) {
        if self.values.0.is_empty() {
            return;
        }
        // Each once, whatever the order in which they were given.
        for name in self.names() {
            self.fault(&name, "this call has no such field; fields of the platform that bidden does not know go under `extra`");
        }
        self.values.0.clear();
    }

    /// All faults, those of the read call with them: in the order of the call's fields, unknown ones last.
    pub(crate) fn finish(mut self, of_call: Vec<FieldError>) -> Vec<FieldError> {
        self.refuse_unknown();
        // A field that could not be read is named once, not a second time as missing; so are what it holds and what holds it.
        let is_in =
            |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        let is_news =
            |fault: &FieldError| !self.errors.iter().any(|known| is_in(&fault.field, &known.field) || is_in(&known.field, &fault.field));
        let news: Vec<FieldError> = of_call.into_iter().filter(is_news).collect();
        self.errors.extend(news);
        let Fields { order, errors, .. } = self;
        let place = |fault: &FieldError| {
            let outer = fault.field.split(['.', '[']).next();
            order.lines().position(|name| Some(name) == outer).unwrap_or(usize::MAX)
        };
        in_order(errors, |a, b| place(a) < place(b))
    }
}

/// Sorts what is in order already but for a few; equal ones stay as they stand. The sort of the standard library is 5 KiB of code
/// for each type, and libbidden has to stay small.
pub(crate) fn in_order<T>(entries: Vec<T>, is_before: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut sorted = Vec::with_capacity(entries.len());
    for entry in entries {
        let place = sorted.partition_point(|other| !is_before(&entry, other));
        sorted.insert(place, entry);
    }
    sorted
}

/// Adds `extra` to a wire object: unknown fields may be added, known ones not overridden.
pub(crate) fn refuse_known(extra: &Map<String, Value>, known: &[&str]) -> Vec<FieldError> {
    extra
        .keys()
        .filter(|name| known.iter().any(|known| known.eq_ignore_ascii_case(name)))
        .map(|name| FieldError::new(format!("extra.{name}"), "this field is known; give it by its own name"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Given;
    use crate::AnyCall;

    fn faulty(name: &str, arguments: &str) -> Vec<String> {
        let error = AnyCall::from_json(name, arguments).unwrap_err();
        error.fields().iter().map(|fault| fault.field.clone()).collect()
    }

    #[test]
    fn faults_stand_in_the_order_of_the_calls_fields() {
        let arguments = r#"{"is_mail_enable":"yes","test_id":"","email":"ada","window":1}"#;
        assert_eq!(faulty("think_exam.assign_test", arguments), ["email", "test_id", "is_mail_enable", "window"]);
    }

    #[test]
    fn of_fields_with_the_same_name_the_last_counts_and_an_unknown_one_is_named_once() {
        let twice = r#"{"test_id":1,"email":"ada","name":"Ada","test_id":2,"email":"ada@example.com","em\u0061il":"eve@example.com"}"#;
        let call = AnyCall::from_json("imocha.invite", twice).unwrap();
        assert_eq!(call.to_json(), r#"{"test_id":2,"email":"eve@example.com","name":"Ada","send_email":false}"#);
        let unknown = r#"{"test_id":1,"email":"ada@example.com","name":"Ada","zone":1,"area":2,"zone":3}"#;
        assert_eq!(faulty("imocha.invite", unknown), ["area", "zone"]);
    }

    #[test]
    fn what_is_given_as_it_is_reads_as_its_json() {
        let all =
            [Given::Text("7"), Given::Text("ada@example.com"), Given::Text("yes"), Given::Text("2030-01-01T00:00:00Z"), Given::Text("")];
        let numbers = [Given::Integer(7), Given::Integer(-1), Given::Integer(1_900_000_000)];
        let words = ["null", "true", "[1]", r#"{"a":1}"#, "1.5"].map(Given::Json);
        let json = |given: &Given<'_>| match given {
            Given::Text(text) => serde_json::to_string(text).unwrap(),
            Given::Integer(number) => number.to_string(),
            Given::Json(text) => (*text).to_owned(),
        };
        let fields = ["test_id", "email", "hide_instruction", "stakeholder_emails", "start_date_time", "proctoring_mode", "extra", "zone"];
        for name in fields {
            for given in all.iter().chain(&numbers).chain(&words) {
                let members = [("name", Given::Text("Ada")), ("email", Given::Text("eve@example.com")), ("test_id", Given::Integer(1))];
                let members: Vec<_> = members.into_iter().filter(|(known, _)| *known != name).chain([(name, *given)]).collect();
                let text: Vec<String> = members.iter().map(|(name, given)| format!("\"{name}\":{}", json(given))).collect();
                let read = AnyCall::from_members("imocha.invite", &members).map(|call| call.to_json());
                let expected = AnyCall::from_json("imocha.invite", &format!("{{{}}}", text.join(","))).map(|call| call.to_json());
                assert_eq!(
                    read.map_err(|error| error.fields().to_vec()),
                    expected.map_err(|error| error.fields().to_vec()),
                    "{name}: {given:?}"
                );
            }
        }
    }

    #[test]
    fn an_entry_that_is_no_object_keeps_its_place() {
        let arguments = r#"{"candidates":[5,{"name":"Ada Lovelace","email":"ada"}]}"#;
        assert_eq!(faulty("think_exam.bulk_candidate_register", arguments), ["candidates[0]", "candidates[1].email"]);
    }
}
