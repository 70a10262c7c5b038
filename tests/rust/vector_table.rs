//! Prints which language has run which vectors, from the notes that the runners leave: the end of `make test`. A vector that
//! a language should have run and did not is a failure.

use std::collections::{BTreeMap, HashMap};
use std::process::ExitCode;

/// The languages, and the kinds of vectors that each runs.
const LANGUAGES: [(&str, &[&str]); 6] = [
    ("rust", &["request", "reply", "invalid", "decision", "signature", "hmac", "callback"]),
    ("command", &["request", "reply", "invalid", "decision", "signature", "callback"]),
    ("c", &["request", "reply", "invalid", "decision", "signature", "hmac"]),
    ("c++", &["request", "reply", "invalid", "decision", "signature", "hmac"]),
    ("python", &["request", "reply", "invalid", "decision", "signature", "hmac", "callback"]),
    ("sandbox", &["serve"]),
];

fn main() -> ExitCode {
    let mut run: HashMap<&str, HashMap<String, bool>> = HashMap::new();
    for (language, _) in LANGUAGES {
        let notes = run.entry(language).or_default();
        for entry in std::fs::read_dir(bidden_tests::notes().join(language)).into_iter().flatten().flatten() {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            notes.extend(text.lines().filter_map(|line| line.split_once(' ')).map(|(name, word)| (name.to_owned(), word == "passed")));
        }
    }
    let mut rows: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for platform in ["imocha", "think-exam", "testinvite"] {
        for vector in bidden_tests::vectors(platform) {
            rows.entry((vector.kind.clone(), platform)).or_default().push(format!("{platform}/{}", vector.id));
        }
    }
    let mut missing = 0;
    println!("{:10} {:10} {:>7}  {}", "vectors", "platform", "number", LANGUAGES.map(|(language, _)| format!("{language:>8}")).join(" "));
    for ((kind, platform), vectors) in &rows {
        let cells = LANGUAGES.map(|(language, kinds)| {
            if !kinds.contains(&kind.as_str()) {
                return format!("{:>8}", "-");
            }
            if run[language].is_empty() {
                return format!("{:>8}", "SKIPPED");
            }
            let passed = vectors.iter().filter(|vector| run[language].get(*vector) == Some(&true)).count();
            missing += vectors.len() - passed;
            format!("{passed:>8}")
        });
        println!("{kind:10} {platform:10} {:>7}  {}", vectors.len(), cells.join(" "));
    }
    for (language, _) in LANGUAGES.iter().filter(|(language, _)| run[language].is_empty()) {
        println!("SKIPPED: no vector was run in {language}");
        if std::env::var_os("BIDDEN_TEST_STRICT").is_some() {
            missing += 1;
        }
    }
    if missing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
