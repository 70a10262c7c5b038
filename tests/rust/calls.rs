//! docs/calls.md: every call of the references, and where each is found, made from the code.

use std::collections::BTreeSet;
use std::fmt::Write;

use bidden::engine::{DESCRIBED, Dialect};
use bidden::{AnyCall, CALLS, CallRow, Platform};
use bidden_tests::{root, vectors};

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The vectors' requests of a call, with the neutral form.
fn requests(row: &CallRow) -> Vec<bidden_tests::Vector> {
    let of_call = |vector: &bidden_tests::Vector| vector.kind == "request" && vector.text("call") == Some(row.name);
    vectors(row.platform.slug()).into_iter().filter(of_call).collect()
}

/// Whether the client makes the request of a vector, and the sandbox takes it for the same call.
fn sides(row: &CallRow) -> (bool, bool) {
    let base = bidden::BaseUrl::parse("http://127.0.0.1:8787").unwrap();
    let made = requests(row).iter().find_map(|vector| {
        let call = AnyCall::from_json(row.name, &vector.json("arguments")).ok()?;
        call.to_request(&base).ok()
    });
    let Some(request) = made else { return (false, false) };
    let taken = AnyCall::from_request(&request, &Dialect::default());
    (true, matches!(taken, Some(Ok(call)) if call.name() == row.name))
}

/// What a method of the call may be called: registration has a shorter name.
fn names(row: &CallRow) -> [&'static str; 2] {
    let method = row.name.split_once('.').map_or(row.name, |(_, method)| method);
    [method, method.trim_start_matches("bulk_candidate_")]
}

/// The method of the typed client in Rust.
fn rust_method(row: &CallRow) -> Option<String> {
    let source = read("core/src/client/typed.rs");
    let client = match row.platform {
        Platform::Imocha => "ImochaClient",
        Platform::ThinkExam => "ThinkExamClient",
        _ => "TestInviteClient",
    };
    let block = source.split("typed!(").find(|block| block.starts_with(client))?;
    let found = names(row).into_iter().find(|name| block.contains(&format!(" {name}(")))?;
    let module = client.trim_end_matches("Client").replace("ThinkExam", "think_exam").to_lowercase();
    Some(format!("`{module}::Client::{found}`"))
}

/// The method of the client in Python.
fn python_method(row: &CallRow) -> Option<String> {
    let source = read("py/python/bidden/_clients.py");
    let class = match row.platform {
        Platform::Imocha => "IMocha",
        Platform::ThinkExam => "ThinkExam",
        _ => "TestInvite",
    };
    let block = source.split("\nclass ").find(|block| block.starts_with(&format!("{class}(")))?;
    let found = names(row).into_iter().find(|name| block.contains(&format!("\n    def {name}(")))?;
    Some(format!("`{class}.{found}`"))
}

/// The door of C, which every vector's request of the call goes through in `tests/c`.
fn c_door(row: &CallRow) -> Option<&'static str> {
    let is_declared = ["bidden_call_new(", "bidden_client_call("].iter().all(|name| read("include/bidden.h").contains(name));
    (is_declared && !requests(row).is_empty()).then_some("yes")
}

/// The command prints the request of a vector.
fn command(row: &CallRow) -> Option<String> {
    let vector = requests(row).into_iter().next()?;
    let arguments = vector.json("arguments");
    let output = bidden_tests::run(&["call", row.name, &arguments, "--sandbox", "--request"], "");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}: {}", row.name, String::from_utf8_lossy(&output.stderr));
    text.contains(row.method).then(|| format!("`bidden call {}`", row.name))
}

fn page() -> String {
    let mut page = String::from(
        "# Every call\n\nThe calls of the three platforms, and where each of them is. `make docs` writes this page from the code: from the table of \
         calls, from what each call's file says of its wire, and from checks that the method of each language exists. *Basis* is section and \
         mark of the platform's reference. *Client* means that the library makes the request and reads the answer, *sandbox* that the sandbox \
         reads the request and makes the answer. In C and C++ every call goes through one door, `bidden_call_new` with the name and the \
         arguments as JSON; so does every call in every language, typed methods or not.\n",
    );
    let yes = |is: bool| if is { "yes" } else { "no" };
    for platform in [Platform::Imocha, Platform::ThinkExam, Platform::TestInvite] {
        let calls: Vec<_> = CALLS.iter().zip(DESCRIBED).filter(|(row, _)| row.platform == platform).collect();
        writeln!(
            page,
            "\n## {}: {} calls\n",
            match platform {
                Platform::Imocha => "iMocha",
                Platform::ThinkExam => "Think Exam",
                _ => "TestInvite",
            },
            calls.len()
        )
        .unwrap();
        writeln!(page, "Reference: [docs/platforms/{0}.md](platforms/{0}.md).\n", platform.slug()).unwrap();
        writeln!(page, "| call | method and path | basis | client | sandbox | Rust | Python | C door | command |").unwrap();
        writeln!(page, "|---|---|---|---|---|---|---|---|---|").unwrap();
        for (row, described) in calls {
            let (client, sandbox) = sides(row);
            let or_no = |text: Option<String>| text.unwrap_or_else(|| "no".to_owned());
            writeln!(
                page,
                "| `{}` | `{} {}` | {} | {} | {} | {} | {} | {} | {} |",
                row.name,
                row.method,
                row.path,
                described.basis,
                yes(client),
                yes(sandbox),
                or_no(rust_method(row)),
                or_no(python_method(row)),
                c_door(row).unwrap_or("no"),
                or_no(command(row)),
            )
            .unwrap();
        }
    }
    page
}

#[test]
fn the_committed_table_of_calls_is_what_the_code_says() {
    let path = root().join("docs/calls.md");
    let page = page();
    if std::env::var_os("BIDDEN_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, page, "docs/calls.md differs from the code; `make docs` writes it");
    assert!(!page.contains("| no |"), "a call is missing somewhere: {page}");
}

/// The paths that a reference lists in its table of endpoints, without the names of their parameters.
fn listed(platform: Platform) -> BTreeSet<(String, String)> {
    let text = read(&format!("docs/platforms/{}.md", platform.slug()));
    let mut found = BTreeSet::new();
    // The table of endpoints is the first; later sections name paths of other products too.
    for line in text.lines().take(40) {
        for part in line.split('`').skip(1).step_by(2) {
            if let Some((method, path)) = part.split_once(' ')
                && matches!(method, "GET" | "POST" | "PATCH" | "DELETE")
            {
                found.insert((method.to_owned(), shape(path)));
            }
        }
    }
    assert!(found.len() > 5, "{platform:?}: {found:?}");
    found
}

/// A path whose parameters have no names.
fn shape(path: &str) -> String {
    let path = path.split(['?', '[', ' ']).next().unwrap_or_default();
    path.split('/').map(|part| if part.starts_with([':', '{']) { "*" } else { part }).collect::<Vec<_>>().join("/")
}

#[test]
fn every_call_of_a_reference_is_a_call() {
    for platform in [Platform::Imocha, Platform::ThinkExam, Platform::TestInvite] {
        let calls: BTreeSet<_> = CALLS.iter().map(|row| (row.method.to_owned(), shape(row.path))).collect();
        let missing: Vec<_> = listed(platform).into_iter().filter(|listed| !calls.contains(listed)).collect();
        assert!(missing.is_empty(), "{platform:?}: {missing:?}");
    }
}
