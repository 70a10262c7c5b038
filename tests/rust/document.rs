//! The sandbox's OpenAPI document, and whether what went over the wire fits it.

use serde_json::{Value, json};

/// The document that a sandbox serves.
pub struct Document {
    document: Value,
    /// How many bodies were held against it.
    pub checked: usize,
}

impl Document {
    /// Takes the document.
    #[must_use]
    pub fn new(document: Value) -> Self {
        Document { document, checked: 0 }
    }

    /// The operation of a method and a path; the most literal template wins.
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let path = path.split('?').next().unwrap_or_default();
        let fits = |template: &str| {
            let (mut named, mut given) = (template.split('/'), path.split('/'));
            loop {
                match (named.next(), given.next()) {
                    (None, None) => return true,
                    (Some(name), Some(word)) if name == word || name.starts_with('{') => {}
                    _ => return false,
                }
            }
        };
        let paths = self.document["paths"].as_object()?;
        let found = paths.iter().filter(|(template, item)| fits(template) && item.get(method.to_ascii_lowercase()).is_some());
        let (_, item) = found.min_by_key(|(template, _)| template.matches('{').count())?;
        item.get(method.to_ascii_lowercase())
    }

    /// What of an exchange does not fit the document: nothing when it fits, or when the document has no such operation. The
    /// body of a request is held against it when the platform took the request; an answer may have no member that the document
    /// does not name.
    #[must_use]
    pub fn misfits(&mut self, method: &str, path: &str, body: Option<&str>, status: u16, answer: &str) -> Vec<String> {
        let Some(operation) = self.operation(method, path).cloned() else { return Vec::new() };
        let mut misfits = Vec::new();
        let response = &operation["responses"][status.to_string()];
        let referred = response["$ref"].as_str().and_then(|reference| self.document.pointer(reference.trim_start_matches('#')));
        let response = referred.cloned().unwrap_or_else(|| response.clone());
        if response.is_null() {
            return vec![format!("status {status} is not in the document")];
        }
        if let Some(schema) = response.pointer("/content/application~1json/schema")
            && !answer.starts_with('%')
        {
            let answer = serde_json::from_str(answer).unwrap_or_else(|_| Value::String(answer.to_owned()));
            misfits.extend(self.held(schema, &answer, true).into_iter().map(|misfit| format!("answer {misfit}")));
        }
        let schema = operation.pointer("/requestBody/content/application~1json/schema");
        // Think Exam says no with 200 (section 2).
        let is_taken =
            (200..300).contains(&status) && !answer.contains(r#""result":"error""#) && !answer.contains(r#""result":"no_record""#);
        if let (true, Some(schema), Some(Ok(body))) = (is_taken, schema, body.map(serde_json::from_str)) {
            misfits.extend(self.held(schema, &body, false).into_iter().map(|misfit| format!("request {misfit}")));
        }
        misfits
    }

    fn held(&mut self, schema: &Value, value: &Value, is_closed: bool) -> Vec<String> {
        self.checked += 1;
        let mut root = json!({ "allOf": [schema], "components": self.document["components"] });
        if is_closed {
            close(&mut root);
        }
        match jsonschema::validator_for(&root) {
            Ok(validator) => validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect(),
            Err(error) => vec![format!("the schema cannot be read: {error}")],
        }
    }
}

/// Allows no members but those that are named.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object) {
                members.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            members.iter_mut().filter(|(name, _)| *name != "const" && *name != "enum").for_each(|(_, value)| close(value));
        }
        Value::Array(entries) => entries.iter_mut().for_each(close),
        _ => {}
    }
}
