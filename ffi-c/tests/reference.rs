//! `docs/c.md` is `include/bidden.h`, rendered: by what a program does, each declaration with its words. `make docs` writes it again.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const HEADER: &str = include_str!("../../include/bidden.h");
const CONVENTIONS: &str = include_str!("../src/conventions.h");

/// The modules in the order in which a program meets them, and what its reader calls them.
const PAGES: [(&str, &str); 21] = [
    ("version", "Which library is running"),
    ("string", "Texts that go out"),
    ("error", "Errors"),
    ("numbers", "Numbers and their names"),
    ("time", "Moments and windows"),
    ("lifecycle", "Decisions, with no network"),
    ("candidate", "Candidates"),
    ("capability", "What each platform can do"),
    ("options", "Options of requests and clients"),
    ("typed", "Typed calls"),
    ("call", "Every call, by its name"),
    ("request", "Requests, for an HTTP stack of the program's own"),
    ("reply", "Answers"),
    ("sign", "Think Exam's signatures"),
    ("callback", "Callbacks"),
    ("client", "A client"),
    ("ledger", "The ledger"),
    ("outcome", "What an operation came to"),
    ("many", "Many at once, and what would be done"),
    ("plan", "A plan to be looked at, and then sent"),
    ("log", "Log lines"),
];

/// The comment and the text of each declaration of the header, by its name.
fn declarations() -> BTreeMap<String, (String, String)> {
    let (mut found, mut comment, mut text) = (BTreeMap::new(), String::new(), String::new());
    for line in HEADER.lines() {
        if text.is_empty() {
            if let Some(words) = line.strip_prefix("// ").or_else(|| (line == "//").then_some("")) {
                comment.push_str(words);
                comment.push('\n');
                continue;
            }
            if let Some(number) = line.strip_prefix("#define ") {
                found.insert(number.split([' ', '(']).next().unwrap().to_owned(), (std::mem::take(&mut comment), line.to_owned()));
                continue;
            }
            if line.is_empty() || line.starts_with(['#', '/', ' ']) || line.starts_with("extern \"C\"") || line.starts_with('}') {
                comment.clear();
                continue;
            }
        }
        text.push_str(line);
        text.push('\n');
        let is_open = text.matches('{').count() > text.matches('}').count();
        if line.ends_with(';') && !is_open {
            let whole = std::mem::take(&mut text);
            let head = match whole.split_once("(*") {
                Some((_, named)) if whole.starts_with("typedef") && !whole.contains('{') => named.split(')').next().unwrap(),
                _ if whole.starts_with("typedef") => whole.trim_end().trim_end_matches(';'),
                _ => whole.split('(').next().unwrap(),
            };
            let name = head.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap();
            found.insert(name.to_owned(), (std::mem::take(&mut comment), whole));
        }
    }
    found
}

/// The names that a module gives to C, in the order of its source.
fn names(module: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(format!("{module}.rs"));
    let file = syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap();
    let named = file.items.iter().filter_map(|item| match item {
        syn::Item::Const(item) => Some(&item.ident),
        syn::Item::Struct(item) => Some(&item.ident),
        syn::Item::Type(item) => Some(&item.ident),
        syn::Item::Fn(item) => Some(&item.sig.ident),
        _ => None,
    });
    named.map(ToString::to_string).filter(|name| name.to_lowercase().starts_with("bidden_")).collect()
}

/// The programs that the tests compile and run, those first that are written to be read.
fn programs() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in ["examples/c", "tests/c", "tests/fuzz"] {
        let names = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".c") || name.ends_with(".h")).collect();
        names.sort();
        for name in names {
            let text = std::fs::read_to_string(root.join(folder).join(&name)).unwrap();
            found.push((format!("{folder}/{name}"), text));
        }
    }
    found
}

/// How a program uses a name: the lines of its first statement that does, where it is short.
fn example(programs: &[(String, String)], name: &str) -> Option<(String, String)> {
    let is_use = |line: &str| {
        line.match_indices(name).any(|(at, _)| {
            let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
            !is_part(line[..at].chars().next_back()) && !is_part(line[at + name.len()..].chars().next())
        })
    };
    programs.iter().find_map(|(path, text)| {
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| is_use(line) && !line.trim_start().starts_with(['*', '/']))?;
        let end = lines[at..].iter().take(6).position(|line| line.ends_with([';', '{', '}'])).map_or(at, |more| at + more);
        let indent = lines[at].len() - lines[at].trim_start().len();
        let statement: Vec<&str> = lines[at..=end].iter().map(|line| line.get(indent..).unwrap_or(line.trim_start())).collect();
        Some((path.clone(), statement.join("\n")))
    })
}

fn render() -> String {
    let (mut declarations, programs) = (declarations(), programs());
    let mut text = String::from(
        "# The C interface\n\n\
         `include/bidden.h`, rendered by `make docs`; the header says the same. `include/bidden.hpp` stands over it in C++17, with the same \
         names without the prefix, and is its own documentation. Programs that run: `examples/c`, `examples/cpp`. What stands here as *used in* \
         is cut from programs that the tests compile and run.\n\n",
    );
    for (_, title) in PAGES {
        writeln!(text, "- [{title}](#{})", title.to_lowercase().replace(' ', "-").replace([',', '\''], "")).unwrap();
    }
    let conventions: Vec<&str> =
        CONVENTIONS.lines().filter_map(|line| line.strip_prefix(" *")).map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let start = conventions.iter().position(|line| line.starts_with("CONVENTIONS")).unwrap();
    let conventions = conventions[start..].join("\n");
    write!(text, "\n## Conventions\n\n```text\n{}\n```\n", conventions.trim_end_matches(['/', '\n', ' '])).unwrap();
    for (module, title) in PAGES {
        write!(text, "\n## {title}\n").unwrap();
        let mut numbers = String::new();
        for name in names(module) {
            let Some((comment, declaration)) = declarations.remove(&name) else { panic!("{name} of {module}.rs is not in the header") };
            let comment = comment.trim_end().to_owned();
            assert!(!comment.is_empty(), "{name} has no words");
            if declaration.starts_with("#define") {
                writeln!(numbers, "| `{name}` | {} | {} |", declaration.rsplit(' ').next().unwrap(), comment.replace('\n', " ")).unwrap();
                continue;
            }
            flush(&mut text, &mut numbers);
            write!(text, "\n### {name}\n\n{comment}\n\n```c\n{}\n```\n", declaration.trim_end()).unwrap();
            // The type of a function is used where a function is given; a program does not name it.
            if declaration.starts_with("typedef") && declaration.contains("(*") {
                continue;
            }
            let Some((path, statement)) = example(&programs, &name) else {
                panic!("no program of examples/c, tests/c, tests/fuzz uses {name}")
            };
            write!(text, "\nUsed in `{path}`:\n\n```c\n{statement}\n```\n").unwrap();
        }
        flush(&mut text, &mut numbers);
    }
    // What the header is, and the kinds of error, whose words are core's.
    declarations.retain(|name, _| {
        !name.starts_with("BIDDEN_ERROR_")
            && !name.starts_with("BIDDEN_VERSION_")
            && !["BIDDEN_H", "BIDDEN_CLIENT", "BIDDEN_LEDGER", "BIDDEN_EVENT_BIT"].contains(&name.as_str())
    });
    assert!(declarations.is_empty(), "the reference leaves out {:?}", declarations.keys());
    text
}

fn flush(text: &mut String, numbers: &mut String) {
    if !numbers.is_empty() {
        write!(text, "\n| number | value | meaning |\n|---|---|---|\n{}", std::mem::take(numbers)).unwrap();
    }
}

/// What the conventions leave to each comment is said there: who frees, whether NULL is allowed, which threads, which errors.
#[test]
fn every_comment_says_what_the_conventions_leave_to_it() {
    let declarations = declarations();
    let mut checked = 0;
    for (name, (comment, text)) in &declarations {
        let said = comment.replace('\n', " ");
        let says = |any: &[&str]| any.iter().any(|word| said.contains(word));
        if text.starts_with("typedef struct") && !text.contains('{') {
            assert!(says(&["*Shared*", "*One thread at a time"]), "{name} does not say what threads it bears");
        } else if text.starts_with("typedef") && text.contains("(*") {
            assert!(says(&["thread"]), "{name} does not say on which thread it runs");
        } else if text.starts_with("typedef") {
            let lines = || text.lines().map(str::trim_start);
            let words = lines().filter(|line| line.starts_with("//")).count();
            let members = lines().filter(|line| !line.starts_with("//") && line.ends_with(';')).count() - 1;
            assert!(words >= members, "{name} has a member without words");
        } else if !text.starts_with('#') {
            let result = text.split(name.as_str()).next().unwrap();
            let outputs: Vec<&str> = text
                .split(['(', ',', ')'])
                .filter(|argument| argument.contains("**") && !argument.contains("bidden_error **error"))
                .collect();
            if !outputs.is_empty() || result.starts_with("bidden_string") {
                assert!(
                    says(&["Free it with", "Free them with", "Free the ", "free it with", "Free the text"]),
                    "{name} does not say who frees"
                );
            }
            if result.starts_with("const char *") {
                assert!(says(&["static text"]), "{name} does not say that its text is static");
            }
            if name.ends_with("_free") {
                assert!(says(&["NULL is allowed", "NULL and a zeroed text are allowed"]), "{name} says nothing of NULL");
            }
            checked += 1;
        }
    }
    assert!(checked > 150, "only {checked} functions");
}

/// Every public item of `include/bidden.hpp` has words in front of it.
#[test]
fn every_item_of_the_cpp_header_has_words() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include/bidden.hpp");
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (mut is_detail, mut is_class, mut is_private, mut checked, mut silent) = (false, false, false, 0, Vec::new());
    for (at, line) in lines.iter().enumerate() {
        is_detail = (is_detail || line.starts_with("namespace detail")) && !line.starts_with("}  // namespace detail");
        let before = |back: usize| at.checked_sub(back).and_then(|at| lines.get(at)).map_or("", |line| line.trim());
        let has_words = before(1).starts_with("///") || (before(1).starts_with("template") && before(2).starts_with("///"));
        let is_head = ["class ", "struct ", "enum class ", "inline ", "using "].iter().any(|word| line.starts_with(word));
        let is_forward = line.ends_with(';') && !line.starts_with("using ");
        if is_detail || (is_head && is_forward) {
            continue;
        }
        if is_head {
            checked += 1;
            if !has_words && before(1) != "template <>" {
                silent.push(*line);
            }
            is_class = (line.starts_with("class ") || line.starts_with("struct ")) && line.ends_with('{');
            is_private = line.starts_with("class ");
            continue;
        }
        match *line {
            "private:" | "protected:" => is_private = true,
            "public:" => is_private = false,
            "};" => is_class = false,
            _ => {}
        }
        let is_member =
            line.strip_prefix("    ").is_some_and(|rest| rest.starts_with(|letter: char| letter.is_alphabetic() || letter == '['));
        // The label of a class inside of a class, and what continues the line before.
        let begins = before(1).is_empty() || before(1).ends_with([';', '}', ':', '{']) || has_words;
        if is_class && !is_private && is_member && begins && !line.ends_with(':') && !line.starts_with("    template") {
            checked += 1;
            if !has_words {
                silent.push(*line);
            }
        }
    }
    assert!(silent.is_empty(), "without words: {silent:#?}");
    assert!(checked > 300, "only {checked} items");
}

#[test]
fn the_committed_reference_is_what_the_header_says() {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/c.md");
    let text = render();
    if std::env::var_os("BIDDEN_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "docs/c.md is not what the header says; `make docs` writes it again");
}
