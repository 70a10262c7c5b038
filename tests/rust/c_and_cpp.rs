//! The C and C++ face: the shared vectors, error paths and ownership in both languages, under sanitizers and valgrind; what
//! the library exports, how large it is, and that the examples run. Needs a C and a C++ compiler, valgrind, the mingw-w64
//! cross compilers and libcurl's headers; what is missing is said and skipped, and fails with `BIDDEN_TEST_STRICT=1`.

mod fuzz;
mod windows;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use bidden::error::KINDS;
use bidden::http::Response;
use bidden::{AnyCall, CallbackEvent, Platform, Secret};
use bidden_sandbox::{Options, Sandbox};
use bidden_tests::{Ordered, Vector, all, root};
use serde_json::Value;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a command; a failure shows the command and both outputs.
fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}\n{}{}", output.status, text(&output.stdout), text(&output.stderr));
    output
}

fn exists(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Whether a tool is there. When not, says so; under `BIDDEN_TEST_STRICT` that is a failure.
fn have(tool: &str) -> bool {
    let found = exists(tool);
    if !found {
        missing(tool);
    }
    found
}

fn missing(what: &str) {
    assert!(std::env::var_os("BIDDEN_TEST_STRICT").is_none_or(|value| value != "1"), "{what} is missing");
    eprintln!("SKIPPED: {what} is missing, so a part of the tests of C and C++ did not run");
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// A folder for what these tests build, beside cargo's own.
fn folder(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(3).unwrap().join("c-and-cpp").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Builds libbidden and puts it into a folder of its own, because another set of features overwrites it.
fn build(name: &str, arguments: &[&str]) -> PathBuf {
    let output = run(cargo().args(["build", "-p", "bidden-ffi-c", "--message-format=json-render-diagnostics"]).args(arguments));
    let folder = folder(name);
    let mut found = 0;
    for line in text(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let is_ours = message["reason"] == "compiler-artifact" && message["package_id"].as_str().is_some_and(|id| id.contains("ffi-c"));
        for file in message["filenames"].as_array().into_iter().flatten().filter(|_| is_ours) {
            let file = Path::new(file.as_str().unwrap());
            if file.extension().is_some_and(|extension| extension == "so" || extension == "a") {
                fs::copy(file, folder.join(file.file_name().unwrap())).unwrap();
                found += 1;
            }
        }
    }
    assert_eq!(found, 2, "cargo named {found} libraries");
    let link = folder.join("libbidden.so.1");
    fs::remove_file(&link).ok();
    std::os::unix::fs::symlink("libbidden.so", link).unwrap();
    folder
}

/// One build at a time, and each once.
fn library(which: Library) -> &'static Path {
    static BUILDS: [OnceLock<PathBuf>; 3] = [const { OnceLock::new() }; 3];
    match which {
        Library::Testing => BUILDS[0].get_or_init(|| build("testing", &["--features", "testing"])),
        Library::Release => BUILDS[1].get_or_init(|| build("release", &["--profile", "lean"])),
        Library::Lean => BUILDS[2].get_or_init(|| build("lean", &["--profile", "lean", "--no-default-features"])),
    }
}

#[derive(Clone, Copy)]
enum Library {
    /// With entry points that fail and panic, and with debug information.
    Testing,
    /// As it is shipped.
    Release,
    /// Without the client, as it is shipped.
    Lean,
}

/// Nothing of ours, header, example or test, makes one of these speak, in any standard and compiler.
const WARNINGS: [&str; 6] = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"];

const SANITIZERS: [&str; 3] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];

fn is_cpp(source: &str) -> bool {
    source.ends_with(".cpp")
}

/// Compiles sources, named from the workspace's root, without a warning, and links them with a libbidden.
fn compile(compiler: &str, name: &str, sources: &[&str], library: &Path, flags: &[&str]) -> PathBuf {
    let program = folder("programs").join(name);
    let mut command = Command::new(compiler);
    command.current_dir(root());
    command.args(if is_cpp(sources[0]) { &["-std=c++17"][..] } else { &["-std=c11", "-D_POSIX_C_SOURCE=200809L"] });
    command.args(WARNINGS).args(["-g", "-O1", "-Iinclude"]).args(flags).args(sources).arg("-o").arg(&program);
    command.arg(library.join("libbidden.so")).arg(format!("-Wl,-rpath,{}", library.display())).arg("-lpthread");
    run(&mut command);
    program
}

/// The compilers of a language that are here; one has to be.
fn compilers(cpp: bool) -> Vec<&'static str> {
    let (all, first) = if cpp { (["g++", "clang++"], "g++") } else { (["gcc", "clang"], "gcc") };
    let found: Vec<&str> = all.into_iter().filter(|compiler| exists(compiler)).collect();
    if found.is_empty() {
        missing(first);
    }
    found
}

// ---- the vectors, flat -------------------------------------------------------------------------------------------------

#[derive(Default)]
struct Table(String);

impl Table {
    fn field(&mut self, name: &str, text: &str) {
        writeln!(self.0, "{name} {}", text.len()).unwrap();
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.field(name, text);
        }
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The expected reply as the library would write it: the vector's members in the order of the library's own text, so that
/// programs without a JSON parser can compare bytes. The values are the vector's, or the comparison fails.
fn ordered_like(expected: &Value, found: &Ordered) -> String {
    match (expected, found) {
        (Value::Object(expected), Ordered::Object(found)) => {
            let known = found.iter().filter_map(|(name, value)| Some((name, ordered_like(expected.get(name)?, value))));
            let is_new = |name: &String| !found.iter().any(|(known, _)| known == name);
            let others = expected.iter().filter(|(name, _)| is_new(name)).map(|(name, value)| (name, value.to_string()));
            let members: Vec<String> = known.chain(others).map(|(name, text)| format!("{}:{text}", Value::from(name.as_str()))).collect();
            format!("{{{}}}", members.join(","))
        }
        (Value::Array(expected), Ordered::Array(found)) if expected.len() == found.len() => {
            let entries: Vec<String> = expected.iter().zip(found).map(|(expected, found)| ordered_like(expected, found)).collect();
            format!("[{}]", entries.join(","))
        }
        _ => expected.to_string(),
    }
}

fn write_error(table: &mut Table, vector: &Vector) {
    let error = vector.value("error");
    for (name, member) in
        [("error-kind", "kind"), ("error-code", "platform_code"), ("error-field", "field"), ("error-status", "http_status")]
    {
        if let Some(value) = error.get(member) {
            let text = word(value);
            table.field(name, if name == "error-status" && text.is_empty() { "0" } else { &text });
        }
    }
}

fn write_callback(table: &mut Table, platform: &str, vector: &Vector) {
    for (name, value) in vector.value("headers").as_object().into_iter().flatten() {
        table.field("header-name", name);
        table.field("header-value", value.as_str().unwrap());
    }
    let (body, key) = (vector.text("body").unwrap(), vector.text("key"));
    table.field("body", body);
    table.optional("key", key);
    let Some(expected) = vector.fields.get("event") else { return write_error(table, vector) };
    let mut expected = expected.clone();
    expected["body"] = Value::from(body);
    let mut headers = http::HeaderMap::new();
    for (name, value) in vector.value("headers").as_object().into_iter().flatten() {
        headers.insert(name.parse::<http::HeaderName>().unwrap(), value.as_str().unwrap().parse().unwrap());
    }
    let platform = Platform::from_slug(platform).unwrap();
    let found = CallbackEvent::read(platform, &headers, body.as_bytes(), key.map(Secret::new).as_ref());
    let found = found.map_or(Ordered::Leaf(Value::Null), |event| serde_json::from_str(&event.to_json()).unwrap());
    table.field("event", &ordered_like(&expected, &found));
}

fn write_reply(table: &mut Table, vector: &Vector) {
    let response = vector.value("response");
    let status = response["status"].as_u64().unwrap();
    table.field("status", &status.to_string());
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        table.field("header-name", name);
        table.field("header-value", value.as_str().unwrap());
    }
    table.field("response-body", response["body"].as_str().unwrap_or(""));
    let Some(expected) = vector.fields.get("reply") else { return write_error(table, vector) };
    let mut answer = Response::new(response["body"].as_str().unwrap_or("").into());
    *answer.status_mut() = u16::try_from(status).unwrap().try_into().unwrap();
    let call = AnyCall::from_json(vector.text("call").unwrap(), &vector.json("arguments")).unwrap();
    let found = call.read_reply(&answer).map_or(Ordered::Leaf(Value::Null), |reply| serde_json::from_str(&reply.to_json()).unwrap());
    table.field("reply", &ordered_like(expected, &found));
}

/// Writes the table and says how many vectors it holds.
fn table() -> &'static (PathBuf, usize) {
    static TABLE: OnceLock<(PathBuf, usize)> = OnceLock::new();
    TABLE.get_or_init(|| {
        let (mut table, mut count) = (Table::default(), 0);
        for kind in ["request", "reply", "invalid", "decision", "signature", "hmac", "callback"] {
            for (platform, vector) in all(kind) {
                count += 1;
                table.field("platform", platform);
                table.field("id", &vector.id);
                table.field("kind", kind);
                for name in ["call", "ak", "secret", "method", "url", "now", "start", "end", "event", "sgn", "ts", "encoding"] {
                    table.optional(name, vector.text(name));
                }
                if ["request", "reply", "invalid"].contains(&kind) {
                    table.field("arguments", &vector.json("arguments"));
                }
                match kind {
                    "request" => {
                        table.optional("base-url", vector.text("base_url"));
                        let request = vector.value("request");
                        for name in ["method", "url", "body"] {
                            table.field(name, &word(&request[name]));
                        }
                    }
                    "reply" => write_reply(&mut table, &vector),
                    "callback" => write_callback(&mut table, platform, &vector),
                    "invalid" => {
                        let mut fields: Vec<String> = vector.value("error")["fields"].as_array().unwrap().iter().map(word).collect();
                        fields.sort_unstable();
                        table.field("fields", &fields.join(" "));
                    }
                    "decision" => {
                        table.optional("state", vector.text("status"));
                        if vector.text("now").is_none() {
                            table.field("now", "2023-11-14T22:13:20Z");
                        }
                        let decision = match vector.fields.get("decision") {
                            Some(decision) => format!("{} {}", word(&decision["effect"]), word(&decision["next"])),
                            None => {
                                let allowed = vector.value("refusal")["allowed"].as_array().unwrap();
                                std::iter::once("refused".to_owned()).chain(allowed.iter().map(word)).collect::<Vec<_>>().join(" ")
                            }
                        };
                        table.field("decision", &decision);
                    }
                    "signature" => {
                        table.field("recipe", &word(vector.value("recipe")));
                        table.field("body", vector.text("body").unwrap_or(""));
                        table.field("message", &vector.text("message").unwrap().replace('⏎', "\n"));
                    }
                    _ => table.field("message", &vector.text("message").unwrap().replace('⏎', "\n")),
                }
                table.field("--", "");
            }
        }
        let path = folder("vectors").join("table.txt");
        fs::write(&path, table.0).unwrap();
        (path, count)
    })
}

fn run_vectors(command: &mut Command, language: &str) {
    run_so_many(command, language, table().1);
}

fn run_so_many(command: &mut Command, language: &str, count: usize) {
    let (path, _) = table();
    let output = text(&run(command.arg(path)).stdout);
    let notes: Vec<String> = output.lines().filter_map(|line| line.strip_prefix("vector ").map(str::to_owned)).collect();
    bidden_tests::note_vectors(language, "all", &notes);
    let last = output.lines().last().unwrap_or_default();
    assert_eq!(last, format!("vectors {language}: {count} passed, 0 failed"));
    println!("{last}");
}

/// Possible losses do not count: the standard library holds each thread's handle by a pointer into its middle.
fn valgrind() -> Command {
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--error-exitcode=99", "--leak-check=full"]);
    command.args(["--show-leak-kinds=definite,indirect", "--errors-for-leak-kinds=definite,indirect"]);
    command
}

// ---- the tests ---------------------------------------------------------------------------------------------------------

#[test]
fn the_shared_vectors_pass_in_c_and_in_cpp() {
    let library = library(Library::Testing);
    for (source, language, cpp) in [("tests/c/vectors.c", "c", false), ("tests/cpp/vectors.cpp", "c++", true)] {
        for compiler in compilers(cpp) {
            run_vectors(&mut Command::new(compile(compiler, &format!("vectors-{compiler}"), &[source], library, &[])), language);
        }
    }
}

#[test]
fn the_library_without_features_passes_the_vectors_and_refuses_a_zone() {
    if !have("gcc") {
        return;
    }
    let flags = ["-DBIDDEN_NO_CLIENT"];
    let lean = library(Library::Lean);
    let program = compile("gcc", "vectors-lean", &["tests/c/vectors.c"], lean, &flags);
    // Without the client nothing is received either.
    run_so_many(&mut Command::new(program), "c", table().1 - all("callback").len());
    run(&mut Command::new(compile("gcc", "lean", &["tests/c/lean.c"], lean, &flags)));
}

#[test]
fn vectors_and_error_paths_are_clean_under_sanitizers() {
    let library = library(Library::Testing);
    for (compiler, extension) in [("gcc", "c"), ("g++", "cpp")] {
        if !have(compiler) {
            continue;
        }
        let vectors = compile(
            compiler,
            &format!("vectors-sanitized-{extension}"),
            &[&format!("tests/{extension}/vectors.{extension}")],
            library,
            &SANITIZERS,
        );
        let symbols = text(&run(Command::new("nm").arg(&vectors)).stdout);
        assert!(symbols.contains("__asan_init") && symbols.contains("__ubsan_"), "the sanitizers are not in {}", vectors.display());
        run_vectors(&mut Command::new(vectors), if extension == "c" { "c" } else { "c++" });
    }
    if have("gcc") {
        run(&mut Command::new(compile("gcc", "errors-sanitized", &["tests/c/errors.c"], library, &SANITIZERS)));
        // The tool is on: it sees what is planted.
        let faulty = compile("gcc", "faulty-sanitized", &["tests/c/faulty.c"], library, &SANITIZERS);
        for (fault, word) in [("leak", "LeakSanitizer"), ("overrun", "AddressSanitizer"), ("overflow", "signed integer overflow")] {
            let output = Command::new(&faulty).arg(fault).output().unwrap();
            assert!(!output.status.success() && text(&output.stderr).contains(word), "{fault}: {}", text(&output.stderr));
        }
    }
    if have("g++") {
        let sources = ["tests/cpp/ownership.cpp", "tests/cpp/other_unit.cpp"];
        run(&mut Command::new(compile("g++", "ownership-sanitized", &sources, library, &SANITIZERS)));
    }
}

#[test]
fn vectors_and_error_paths_are_clean_under_valgrind() {
    if !have("valgrind") {
        return;
    }
    let library = library(Library::Testing);
    if have("gcc") {
        run_vectors(valgrind().arg(compile("gcc", "vectors-valgrind-c", &["tests/c/vectors.c"], library, &[])), "c");
        run(valgrind().arg(compile("gcc", "errors-valgrind", &["tests/c/errors.c"], library, &[])));
        let faulty = compile("gcc", "faulty-valgrind", &["tests/c/faulty.c"], library, &[]);
        for fault in ["leak", "overrun"] {
            let output = valgrind().arg(&faulty).arg(fault).output().unwrap();
            assert_eq!(output.status.code(), Some(99), "{fault}: {}", text(&output.stderr));
        }
    }
    if have("g++") {
        run_vectors(valgrind().arg(compile("g++", "vectors-valgrind-cpp", &["tests/cpp/vectors.cpp"], library, &[])), "c++");
        let sources = ["tests/cpp/ownership.cpp", "tests/cpp/other_unit.cpp"];
        run(valgrind().arg(compile("g++", "ownership-valgrind", &sources, library, &[])));
    }
}

#[test]
fn eight_threads_share_one_client() {
    if !have("gcc") {
        return;
    }
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let program = compile("gcc", "stress", &["tests/c/stress.c"], library(Library::Testing), &[]);
    let (path, _) = table();
    let output = run(Command::new(&program).arg(path).arg(sandbox.url()).arg("5"));
    assert!(text(&output.stdout).contains("0 threads failed"));
    let sanitized = compile("gcc", "stress-sanitized", &["tests/c/stress.c"], library(Library::Testing), &SANITIZERS);
    run(Command::new(sanitized).arg(path).arg(sandbox.url()).arg("2"));
    if have("valgrind") {
        run(valgrind().arg(&program).arg(path).arg(sandbox.url()).arg("1"));
    }
}

/// Runs a program that invites through a ledger, in a folder of its own, and counts the mails of its sandbox.
fn run_ledger(command: &mut Command) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let folder = folder("ledgers").join(COUNT.fetch_add(1, Ordering::Relaxed).to_string());
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder).unwrap();
    let output = run(command.arg(sandbox.url()).arg(&folder));
    let url = format!("{}/_sandbox/requests", sandbox.url());
    let requests: Value = serde_json::from_str(&ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap()).unwrap();
    let asks_for_mail = |request: &&Value| request["body"]["sendEmail"] == "yes" && request["status"] == 200;
    let requests = requests["requests"].as_array().unwrap().iter().filter(asks_for_mail);
    let sent: Vec<String> = requests.map(|request| format!("{} {}", request["path"], request["body"]["email"])).collect();
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), sent.len(), "somebody was mailed twice: {sent:?}");
    assert!(!sent.is_empty(), "the test would not see a mail");
    text(&output.stdout)
}

#[test]
fn a_person_invited_twice_through_a_ledger_is_mailed_once() {
    let library = library(Library::Testing);
    for (compiler, source) in [("gcc", "tests/c/ledger.c"), ("gcc", "tests/c/shared.c"), ("g++", "tests/cpp/ledger.cpp")] {
        if !have(compiler) {
            continue;
        }
        let name = Path::new(source).file_stem().unwrap().to_string_lossy();
        let program = compile(compiler, &format!("{name}-{compiler}"), &[source], library, &[]);
        assert!(run_ledger(&mut Command::new(&program)).contains("checks passed"));
        run_ledger(&mut Command::new(compile(compiler, &format!("{name}-sanitized-{compiler}"), &[source], library, &SANITIZERS)));
        if have("valgrind") {
            run_ledger(valgrind().arg(&program));
        }
    }
}

/// Ten thousand people with a mail each, cancelled half-way and resumed; fewer under the tools that slow it down.
#[test]
fn many_from_c_are_cancelled_and_resumed_and_mailed_once() {
    if !have("gcc") {
        return;
    }
    let library = library(Library::Testing);
    let program = compile("gcc", "many", &["tests/c/many.c"], library, &[]);
    let sanitized = compile("gcc", "many-sanitized", &["tests/c/many.c"], library, &SANITIZERS);
    let mut runs = vec![(Command::new(&program), 10_000), (Command::new(sanitized), 500)];
    if have("valgrind") {
        let mut command = valgrind();
        command.arg(&program);
        runs.push((command, 60));
    }
    for (index, (mut command, count)) in runs.into_iter().enumerate() {
        let sandbox = Sandbox::start(Options::in_memory()).unwrap();
        let folder = folder("ledgers").join(format!("many-{index}"));
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).unwrap();
        let output = run(command.arg(sandbox.url()).arg(&folder).arg(count.to_string()));
        assert!(text(&output.stdout).contains("checks passed"));
        let url = format!("{}/_sandbox/outbox", sandbox.url());
        let outbox: Value =
            serde_json::from_str(&ureq::get(url).call().unwrap().body_mut().with_config().limit(1 << 30).read_to_string().unwrap())
                .unwrap();
        let messages = outbox["messages"].as_array().unwrap();
        let people: BTreeSet<&str> = messages.iter().map(|message| message["to"].as_str().unwrap()).collect();
        assert_eq!((messages.len(), people.len()), (count, count));
    }
}

/// What a sandbox sent to whom: every mail once.
fn mailed(sandbox: &Sandbox) -> BTreeSet<String> {
    let url = format!("{}/_sandbox/outbox", sandbox.url());
    let body = ureq::get(url).call().unwrap().body_mut().with_config().limit(1 << 30).read_to_string().unwrap();
    let outbox: Value = serde_json::from_str(&body).unwrap();
    let messages: Vec<String> =
        outbox["messages"].as_array().unwrap().iter().map(|message| format!("{} {}", message["invitation_id"], message["to"])).collect();
    let people: BTreeSet<String> = messages.iter().cloned().collect();
    assert_eq!(messages.len(), people.len(), "somebody was mailed twice");
    people
}

/// Thousands planned, applied, cancelled half-way and resumed; and a plan of C applied by the command.
#[test]
fn a_plan_from_c_is_cancelled_and_resumed_and_mailed_once() {
    if !have("gcc") {
        return;
    }
    let library = library(Library::Testing);
    let program = compile("gcc", "plan", &["tests/c/plan.c"], library, &[]);
    let sanitized = compile("gcc", "plan-sanitized", &["tests/c/plan.c"], library, &SANITIZERS);
    let mut runs = vec![(Command::new(&program), 3_000), (Command::new(sanitized), 300)];
    if have("valgrind") {
        let mut command = valgrind();
        command.arg(&program);
        runs.push((command, 40));
    }
    for (index, (mut command, count)) in runs.into_iter().enumerate() {
        let sandbox = Sandbox::start(Options::in_memory()).unwrap();
        let place = folder("ledgers").join(format!("plan-{index}"));
        fs::remove_dir_all(&place).ok();
        fs::create_dir_all(&place).unwrap();
        let output = run(command.arg(sandbox.url()).arg(&place).arg(count.to_string()));
        assert!(text(&output.stdout).contains("checks passed"));
        // The plan and the bounded runs, and the one person who made a plan stale; nobody of a refused one.
        assert_eq!(mailed(&sandbox).len(), 2 * count + 1);
        if index == 1 {
            let apply = || {
                let mut command = Command::new(bidden_tests::command());
                command.arg("apply").arg(place.join("plan.jsonl"));
                command.arg("--ledger").arg(place.join("ledger.db")).arg("--json").env("BIDDEN_IMOCHA_API_KEY", "sandbox-key");
                text(&run(&mut command).stdout)
            };
            let said = apply();
            assert!(said.contains(&format!("\"invited\":{count}")), "{said}");
            assert_eq!(mailed(&sandbox).len(), 3 * count + 1);
            assert!(apply().contains("\"mails\":0"));
        }
    }
}

/// Plans for the fuzz target, which writes their last line itself.
fn plan_seeds() -> Vec<Vec<u8>> {
    let head = concat!(
        r#"P{"plan":1,"made_at":"2026-01-31T08:00:00Z","place":{"platform":"imocha","address":"http://127.0.0.1:1","account":"default","#,
        r#""test":"292930"},"base_url":"http://127.0.0.1:1/","options":{"send_email":true,"end":"2036-01-31T08:00:00Z"},"input":null}"#,
        "\n"
    );
    let row = |number: u32, action: &str, more: &str| {
        let person = format!(r#"{{"email":"p{number}@example.com","name":"Ada"}}"#);
        format!(r#"{{"row":{number},"line":null,"action":"{action}","candidate":{person},"seen":null{more}}}"#) + "\n"
    };
    let rows = [
        String::new(),
        row(1, "invite", r#","mail":true"#),
        row(1, "invite", "") + &row(2, "duplicate-row", r#","why":"the same candidate as row 1""#),
        row(1, "invalid", r#","why":"x","faults":[["email","has no @"]]"#) + &row(2, "held", r#","left_out":["password"]"#),
    ];
    rows.iter().map(|rows| format!("{head}{rows}").into_bytes()).collect()
}

#[test]
fn the_bulk_example_goes_on_where_it_stopped() {
    if !have("gcc") {
        return;
    }
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let program = compile("gcc", "bulk", &["examples/c/bulk.c"], library(Library::Testing), &[]);
    let ledger = folder("ledgers").join("bulk.db");
    fs::remove_file(&ledger).ok();
    let bulk = |people: &str| {
        let mut command = Command::new(&program);
        command.envs([("BIDDEN_IMOCHA_API_KEY", "sandbox-key"), ("BIDDEN_IMOCHA_BASE_URL", sandbox.url())]).env("BIDDEN_LEDGER", &ledger);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(people.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let people: String = (0..250).map(|number| format!("person{number}@example.com\n")).collect();
    for _ in 0..2 {
        let (code, said) = bulk(&people);
        assert!(code == Some(0) && said.contains("250 of 250 invited"), "{said}");
    }
    let (code, said) = bulk("ada@example.com\nnobody\n");
    assert!(code == Some(1) && said.contains("line 2: invalid: ") && said.contains("1 of 2 invited"), "{said}");
}

#[test]
fn the_host_keeps_its_threads_signals_environment_and_streams() {
    if !have("gcc") {
        return;
    }
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let program = compile("gcc", "quiet", &["tests/c/quiet.c"], library(Library::Release), &[]);
    let output = run(Command::new(program).arg(sandbox.url()));
    assert_eq!(text(&output.stderr), "");
    let lines: Vec<String> = text(&output.stdout).lines().map(str::to_owned).collect();
    assert!(lines.len() == 1 && lines[0].ends_with("checks passed"), "{lines:?}");
}

#[test]
fn every_error_path_of_c_is_tried_and_its_kinds_are_cores() {
    if !have("gcc") {
        return;
    }
    for compiler in compilers(false) {
        let program = compile(compiler, &format!("errors-{compiler}"), &["tests/c/errors.c"], library(Library::Testing), &[]);
        let output = run(&mut Command::new(program));
        let stdout = text(&output.stdout);
        assert_eq!(text(&output.stderr), "", "the library writes to standard error");
        let kinds: Vec<&str> = stdout.lines().filter(|line| line.starts_with("kind ")).collect();
        let expected: Vec<String> = KINDS.iter().map(|row| format!("kind {} {}", row.number, row.slug)).collect();
        assert_eq!(kinds, expected);
        let version = stdout.lines().find_map(|line| line.strip_prefix("version ")).unwrap();
        assert_eq!(version.split(' ').next(), Some(env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn ownership_of_cpp_holds_with_and_without_exceptions() {
    let sources = ["tests/cpp/ownership.cpp", "tests/cpp/other_unit.cpp"];
    for compiler in compilers(true) {
        for (name, flags) in [("with", &[][..]), ("without", &["-fno-exceptions", "-fno-rtti"]), ("later", &["-std=c++20"])] {
            run(&mut Command::new(compile(compiler, &format!("ownership-{name}-{compiler}"), &sources, library(Library::Testing), flags)));
        }
    }
}

#[test]
fn each_header_compiles_alone() {
    let folder = folder("headers");
    for (header, extension, standards) in
        [("bidden.h", "c", &["c99", "c11", "c17"][..]), ("bidden.h", "cpp", &["c++17"]), ("bidden.hpp", "cpp", &["c++17", "c++20"])]
    {
        let source = folder.join(format!("{}.{extension}", header.replace('.', "_")));
        fs::write(&source, format!("#include \"{header}\"\nint alone(void);\nint alone(void) {{ return BIDDEN_OK; }}\n")).unwrap();
        for compiler in compilers(extension == "cpp") {
            for standard in standards {
                for define in ["-DBIDDEN_NOTHING", "-DBIDDEN_NO_LEDGER", "-DBIDDEN_NO_CLIENT"] {
                    run(Command::new(compiler)
                        .args(WARNINGS)
                        .args([&format!("-std={standard}"), "-fsyntax-only", define])
                        .arg("-I")
                        .arg(root().join("include"))
                        .arg(&source));
                }
            }
        }
    }
}

/// The sources of a folder of the workspace with an extension.
fn sources(folder: &str, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut found: Vec<String> = entries.filter(|name| name.ends_with(extension)).map(|name| format!("{folder}/{name}")).collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} has no {extension}");
    found
}

#[test]
fn every_example_and_test_compiles_without_a_warning_in_every_standard() {
    let folders = [
        (&["examples/c", "tests/c", "tests/fuzz"][..], ".c", &["c99", "c11"][..]),
        (&["examples/cpp", "tests/cpp"], ".cpp", &["c++17", "c++20"]),
    ];
    for (folders, extension, standards) in folders {
        let sources: Vec<String> = folders.iter().flat_map(|folder| sources(folder, extension)).collect();
        for compiler in compilers(extension == ".cpp") {
            for standard in standards {
                let mut command = Command::new(compiler);
                command.current_dir(root()).args(WARNINGS).arg(format!("-std={standard}"));
                command.args(["-D_POSIX_C_SOURCE=200809L", "-Iinclude", "-fsyntax-only"]);
                if curl_headers().is_none() {
                    missing("libcurl's development files");
                }
                run(command.args(sources.iter().filter(|source| !source.contains("own_http") || curl_headers().is_some())));
            }
        }
    }
}

#[test]
fn two_units_of_c_and_one_of_cpp_are_one_program() {
    let library = library(Library::Testing);
    for (c, cpp) in [("gcc", "g++"), ("clang", "clang++")] {
        if !exists(c) || !exists(cpp) {
            continue;
        }
        let object = |unit: &str| {
            let object = folder("programs").join(format!("{unit}-{c}.o"));
            let source = format!("tests/c/{unit}.c");
            run(Command::new(c).current_dir(root()).args(WARNINGS).args(["-std=c99", "-Iinclude", "-c", &source, "-o"]).arg(&object));
            object
        };
        let units = [object("unit_one"), object("unit_two")];
        let mut command = Command::new(cpp);
        command.current_dir(root()).args(WARNINGS).args(["-std=c++17", "-Iinclude", "tests/cpp/mixed.cpp"]).args(&units);
        let program = folder("programs").join(format!("mixed-{c}"));
        let rpath = format!("-Wl,-rpath,{}", library.display());
        run(command.arg("-o").arg(&program).arg(library.join("libbidden.so")).arg(rpath));
        assert_eq!(text(&run(&mut Command::new(program)).stdout), "mixed passed\n");
    }
}

#[test]
fn the_library_is_loaded_and_unloaded_and_stays() {
    if !have("gcc") {
        return;
    }
    let program = folder("programs").join("loaded");
    let mut command = Command::new("gcc");
    command.current_dir(root()).args(WARNINGS).args(["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-g", "-Iinclude", "tests/c/loaded.c", "-o"]);
    run(command.arg(&program).args(["-ldl", "-lpthread"]));
    for which in [Library::Testing, Library::Release] {
        let library = library(which).join("libbidden.so");
        let place = folder("ledgers").join("loaded");
        let output = run(Command::new(&program).arg(&library).arg(place.parent().unwrap()));
        assert_eq!(text(&output.stdout), "loaded 3 times\n");
        if have("valgrind") {
            run(valgrind().arg(&program).arg(&library).arg(place.parent().unwrap()));
        }
    }
}

#[test]
fn a_decision_allocates_nothing() {
    if !have("gcc") {
        return;
    }
    for (name, which) in [("allocations", Library::Testing), ("allocations-release", Library::Release)] {
        let program = compile("gcc", name, &["tests/c/allocations.c"], library(which), &[]);
        println!("{}", text(&run(&mut Command::new(program)).stdout).trim());
    }
}

/// The functions that the header declares.
fn declared(defines: &[&str]) -> BTreeSet<String> {
    let output = run(Command::new("gcc").args(["-E", "-P", "-Iinclude", "include/bidden.h"]).args(defines).current_dir(root()));
    let source = text(&output.stdout);
    let mut found = BTreeSet::new();
    for declaration in source.split(';').filter(|declaration| declaration.contains('(') && !declaration.contains("typedef")) {
        let name = declaration.split('(').next().unwrap().split([' ', '*', '\n']).next_back().unwrap();
        if name.starts_with("bidden_") {
            found.insert(name.to_owned());
        }
    }
    found
}

fn exported(library: &Path) -> BTreeSet<String> {
    let output = run(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(library));
    text(&output.stdout).lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn the_library_exports_the_functions_of_the_header_and_nothing_else() {
    if !have("nm") || !have("gcc") {
        return;
    }
    let full = exported(&library(Library::Release).join("libbidden.so"));
    assert_eq!(full, declared(&[]));
    assert!(full.len() > 80 && full.iter().all(|name| name.starts_with("bidden_") && !name.contains("testing")));
    println!("symbols {}", full.len());
    let lean = exported(&library(Library::Lean).join("libbidden.so"));
    assert_eq!(lean, declared(&["-DBIDDEN_NO_CLIENT"]));
    assert!(lean.len() < full.len());
    let testing = exported(&library(Library::Testing).join("libbidden.so"));
    assert_eq!(testing.difference(&full).collect::<Vec<_>>(), ["bidden_testing_stage"], "the test would not see an open test door");
}

#[test]
fn the_library_is_small_and_without_its_client_knows_no_network() {
    if !have("readelf") {
        return;
    }
    let size = |folder: &Path| fs::metadata(folder.join("libbidden.so")).unwrap().len();
    let (full, lean) = (library(Library::Release), library(Library::Lean));
    println!("sizes libbidden.so {} KiB, without client {} KiB", size(full) / 1024, size(lean) / 1024);
    assert!(size(full) <= 4 * 1024 * 1024, "{}", size(full));
    assert!(size(lean) <= 1024 * 1024, "{}", size(lean));
    for folder in [full, lean] {
        let sections = text(&run(Command::new("readelf").args(["-S", "-W"]).arg(folder.join("libbidden.so"))).stdout);
        assert!(!sections.contains(".symtab") && !sections.contains(".debug_info"), "it is not stripped");
        let dynamic = text(&run(Command::new("readelf").args(["-d", "-W"]).arg(folder.join("libbidden.so"))).stdout);
        assert!(dynamic.contains("Library soname: [libbidden.so.1]"), "{dynamic}");
        assert!(dynamic.contains("NODELETE"), "{dynamic}");
        for needed in dynamic.lines().filter(|line| line.contains("(NEEDED)")) {
            assert!(["libc.so", "libm.so", "libgcc_s.so", "ld-linux"].iter().any(|known| needed.contains(known)), "{needed}");
        }
    }
    let undefined = |folder: &Path| text(&run(Command::new("nm").args(["-D", "--undefined-only"]).arg(folder.join("libbidden.so"))).stdout);
    let contents = |folder: &Path| text(&fs::read(folder.join("libbidden.so")).unwrap()).to_lowercase();
    let (full_symbols, lean_symbols) = (undefined(full), undefined(lean));
    for word in ["socket", "connect", "getaddrinfo", "pthread_create"] {
        assert!(full_symbols.contains(word), "the test would not see {word}");
        assert!(!lean_symbols.contains(word), "without the client the library still refers to {word}");
    }
    let (full_contents, lean_contents) = (contents(full), contents(lean));
    assert!(full_contents.contains("rustls"), "the test would not see TLS");
    for word in ["rustls", "sqlite", "x509", "ureq"] {
        assert!(!lean_contents.contains(word), "without the client the library still holds {word}");
    }
}

#[test]
fn the_header_the_library_and_cargo_name_one_version() {
    let header = fs::read_to_string(root().join("include/bidden.h")).unwrap();
    let value = |name: &str| header.lines().find_map(|line| line.strip_prefix(&format!("#define {name} "))).unwrap().to_owned();
    assert_eq!(value("BIDDEN_VERSION_STRING"), format!("\"{}\"", env!("CARGO_PKG_VERSION")));
    assert_eq!(value("BIDDEN_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MAJOR"));
    assert_eq!(value("BIDDEN_VERSION_MINOR"), env!("CARGO_PKG_VERSION_MINOR"));
    assert_eq!(value("BIDDEN_VERSION_PATCH"), env!("CARGO_PKG_VERSION_PATCH"));
    for row in &KINDS {
        assert_eq!(value(&format!("BIDDEN_ERROR_{}", row.slug.replace('-', "_").to_uppercase())), row.number.to_string());
    }
    let macros = header.lines().filter(|line| line.starts_with("#define BIDDEN_ERROR_")).count();
    assert_eq!(macros, KINDS.len());
}

/// libcurl's own headers, which are the same for every system, apart from the rest of this one's.
fn curl_headers() -> Option<PathBuf> {
    let output = Command::new("gcc").args(["-E", "-include", "curl/curl.h", "-x", "c", "/dev/null"]).output().ok()?;
    let marked = text(&output.stdout);
    let header = marked.lines().filter_map(|line| line.split('"').nth(1)).find(|path| path.ends_with("/curl/curl.h"))?;
    let apart = folder("windows").join("curl-headers");
    fs::create_dir_all(&apart).unwrap();
    fs::remove_file(apart.join("curl")).ok();
    std::os::unix::fs::symlink(Path::new(header).parent()?, apart.join("curl")).unwrap();
    Some(apart)
}

#[test]
fn header_and_examples_compile_for_windows() {
    for (compiler, sources, standard) in [
        (
            "x86_64-w64-mingw32-gcc",
            &["examples/c/invite.c", "examples/c/own_http.c", "examples/c/bulk.c", "tests/c/vectors.c", "tests/c/plan.c"][..],
            "-std=c11",
        ),
        (
            "x86_64-w64-mingw32-g++",
            &[
                "examples/cpp/invite.cpp",
                "examples/cpp/kiosk.cpp",
                "examples/cpp/callback.cpp",
                "tests/cpp/vectors.cpp",
                "tests/cpp/ownership.cpp",
            ],
            "-std=c++17",
        ),
    ] {
        if !have(compiler) {
            continue;
        }
        for source in sources {
            let mut command = Command::new(compiler);
            command.current_dir(root()).args([standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-D__USE_MINGW_ANSI_STDIO=1"]);
            if source.contains("own_http") {
                let Some(headers) = curl_headers() else {
                    missing("libcurl's development files");
                    continue;
                };
                command.arg("-isystem").arg(headers);
            }
            let object = folder("windows").join(Path::new(source).file_name().unwrap()).with_extension("o");
            run(command.args(["-Iinclude", "-c", source, "-o"]).arg(object));
        }
    }
}

fn sandbox_environment(command: &mut Command, sandbox: &Sandbox) -> Output {
    let ledger = folder("ledgers").join(format!("example-{}.db", sandbox.url().rsplit(':').next().unwrap()));
    let environment = [("BIDDEN_IMOCHA_API_KEY", "sandbox-key"), ("BIDDEN_IMOCHA_BASE_URL", sandbox.url())];
    run(command.envs(environment).env("BIDDEN_LEDGER", ledger))
}

/// Installs the release build as `make install` does, and says where.
fn installed() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        library(Library::Release);
        let prefix = folder("installed");
        fs::remove_dir_all(&prefix).ok();
        run(Command::new("make")
            .current_dir(root())
            .env("CARGO", std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .env_remove("MAKEFLAGS")
            .env_remove("MAKELEVEL")
            .arg("install")
            .arg(format!("PREFIX={}", prefix.display())));
        prefix
    })
}

fn link_flags(packages: &[&str]) -> Option<Vec<String>> {
    let output = Command::new("pkg-config")
        .args(["--cflags", "--libs"])
        .args(packages)
        .env("PKG_CONFIG_PATH", installed().join("lib/pkgconfig"))
        .output()
        .ok()?;
    output.status.success().then(|| text(&output.stdout).split_whitespace().map(str::to_owned).collect())
}

#[test]
fn the_installed_library_is_found_and_the_examples_of_c_run() {
    if !have("gcc") || !have("pkg-config") || !have("make") {
        return;
    }
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    for (source, packages) in [("examples/c/invite.c", &["bidden"][..]), ("examples/c/own_http.c", &["bidden", "libcurl"])] {
        let Some(flags) = link_flags(packages) else {
            missing("libcurl's development files");
            continue;
        };
        let program = folder("programs").join(Path::new(source).file_stem().unwrap());
        run(Command::new("gcc")
            .current_dir(root())
            .args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", source, "-o"])
            .arg(&program)
            .args(flags)
            .arg(format!("-Wl,-rpath,{}", installed().join("lib").display())));
        let output = sandbox_environment(&mut Command::new(program), &sandbox);
        assert!(text(&output.stdout).contains("/IMInstructions?"), "{}", text(&output.stdout));
        println!("example {source}: {}", text(&output.stdout).lines().last().unwrap_or_default());
    }
    // All of it static: what `pkg-config --static` says is enough.
    let program = folder("programs").join("invite-all-static");
    let flags = Command::new("pkg-config")
        .args(["--static", "--cflags", "--libs", "bidden"])
        .env("PKG_CONFIG_PATH", installed().join("lib/pkgconfig"))
        .output()
        .unwrap();
    let flags = text(&flags.stdout);
    for compiler in compilers(false) {
        let mut command = Command::new(compiler);
        command.current_dir(root()).args(["-std=c11", "-static", "examples/c/invite.c", "-o"]).arg(&program);
        run(command.args(flags.split_whitespace()));
        let dynamic = text(&run(Command::new("readelf").arg("-d").arg(&program)).stdout);
        assert!(!dynamic.contains("NEEDED"), "{dynamic}");
        let output = sandbox_environment(&mut Command::new(&program), &sandbox);
        assert!(text(&output.stdout).contains("/IMInstructions?"), "{}", text(&output.stdout));
    }
    let names: Vec<String> =
        fs::read_dir(installed().join("lib")).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    for name in ["libbidden.so", "libbidden.so.1", "libbidden.a", "cmake", "pkgconfig"] {
        assert!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
    }
}

/// Runs a program of C++ with a text on its standard input.
fn answers(program: &Path, arguments: &[&str], key: Option<&str>, input: &str) -> (Option<i32>, String) {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("BIDDEN_THINK_EXAM_WEBHOOK_KEY").envs(key.map(|key| ("BIDDEN_THINK_EXAM_WEBHOOK_KEY", key)));
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn the_kiosk_decides_without_a_network() {
    let library = library(Library::Testing);
    for compiler in compilers(true) {
        let kiosk = compile(compiler, &format!("kiosk-{compiler}"), &["examples/cpp/kiosk.cpp"], library, &["-DBIDDEN_NO_CLIENT"]);
        let asks = |status, now| answers(&kiosk, &["imocha", status, "2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z", now], None, "");
        let (code, said) = asks("pending", "2026-03-02T09:30:00Z");
        assert_eq!((code, said.as_str()), (Some(0), "You may begin. The test can be started for another 1 h 30 min.\n"));
        let (code, said) = asks("pending", "2026-03-02T08:15:00Z");
        assert!(code == Some(1) && said.contains("You cannot begin: ") && said.ends_with("It opens in 45 min.\n"), "{said}");
        for (status, now) in
            [("pending", "2026-03-02T11:00:01Z"), ("cancelled", "2026-03-02T09:30:00Z"), ("complete", "2026-03-02T09:30:00Z")]
        {
            let (code, said) = asks(status, now);
            assert!(code == Some(1) && said.starts_with("You cannot begin: ") && !said.contains("opens"), "{status} {now}: {said}");
        }
        let (code, said) = answers(&kiosk, &["imocha", "pending", "yesterday", "2026-03-02T11:00:00Z"], None, "");
        assert!(code == Some(2) && said.starts_with("kiosk: "), "{said}");
        let (code, said) = answers(&kiosk, &["elsewhere", "pending", "2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z"], None, "");
        assert!(code == Some(2) && said.contains("platform"), "{said}");
    }
}

#[test]
fn the_receiver_of_callbacks_moves_forward_only() {
    let library = library(Library::Testing);
    for compiler in compilers(true) {
        let callback = compile(compiler, &format!("callback-{compiler}"), &["examples/cpp/callback.cpp"], library, &["-DBIDDEN_NO_LEDGER"]);
        let complete = r#"{"TestInvitationId":7,"Status":"Complete","CandidateScore":6,"AttemptedOnUtc":"2020-10-09T13:21:53"}"#;
        let begun = r#"{"TestInvitationId":7,"Status":"In Progress","CandidateScore":0,"AttemptedOnUtc":"2020-10-09T13:21:53"}"#;
        let (code, said) = answers(&callback, &["imocha"], None, &format!("{complete}\n{complete}\n{begun}\nnothing\n"));
        assert_eq!(code, Some(1), "{said}");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[..3], ["7: complete, score 6 (a hint)", "7: told before", "7: in-progress came late, it is complete"]);
        assert!(lines[3].starts_with("refused: "), "{said}");
        let strange = answers(&callback, &["think-exam", "another-key"], Some("the-key"), "{}\n");
        assert!(strange.0 == Some(1) && strange.1.contains("X-webhook_key is another"), "{}", strange.1);
    }
}

/// Under /usr a Debian keeps its libraries in a folder of the machine's kind; a folder that is named is the one, and what is staged is found
/// where it will be.
#[test]
fn the_library_is_installed_where_the_system_keeps_libraries() {
    if !have("gcc") {
        return;
    }
    let kind = text(&run(Command::new("gcc").arg("-print-multiarch")).stdout).trim().to_owned();
    let debian = Path::new("/etc/debian_version").exists() && !kind.is_empty();
    let usual = if debian { format!("/usr/lib/{kind}") } else { "/usr/lib".to_owned() };
    library(Library::Release);
    let built = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("lean");
    for (variables, expected) in [
        (&[("PREFIX", "/usr")][..], usual.as_str()),
        (&[("PREFIX", "/usr"), ("LIBDIR", "/usr/lib64")], "/usr/lib64"),
        (&[("PREFIX", "/opt/bidden")], "/opt/bidden/lib"),
    ] {
        let stage = folder("staged");
        fs::remove_dir_all(&stage).ok();
        let mut install = Command::new("sh");
        install.arg(root().join("ffi-c/install/install.sh")).arg(&built).env("DESTDIR", &stage);
        run(install.env_remove("LIBDIR").env_remove("INCLUDEDIR").envs(variables.iter().copied()));
        let folder = stage.join(&expected[1..]);
        let abi = fs::read_link(folder.join("libbidden.so")).unwrap();
        assert_eq!(abi, Path::new("libbidden.so.1"), "{expected}");
        assert!(folder.join(fs::read_link(folder.join(abi)).unwrap()).is_file() && folder.join("libbidden.a").is_file());
        let package = fs::read_to_string(folder.join("pkgconfig/bidden.pc")).unwrap();
        assert!(package.contains(&format!("libdir={expected}\n")), "{package}");
        assert!(folder.join("cmake/bidden/bidden-config.cmake").is_file());
    }
}

#[test]
fn the_examples_in_rust_run() {
    for name in ["invite", "own_http", "axum_service"] {
        let output = run(cargo().args(["run", "--quiet", "-p", "bidden-tests", "--example", name]));
        assert!(text(&output.stdout).contains("/IMInstructions?"), "{name}: {}", text(&output.stdout));
    }
}

#[test]
fn cmake_finds_the_installed_library_shared_and_static() {
    if !have("cmake") || !have("g++") || !have("make") {
        return;
    }
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    let build = folder("cmake-build");
    fs::remove_dir_all(&build).ok();
    let project = root().join("examples/cpp").canonicalize().unwrap();
    run(Command::new("cmake").arg("-S").arg(&project).arg("-B").arg(&build).arg(format!("-DCMAKE_PREFIX_PATH={}", installed().display())));
    run(Command::new("cmake").arg("--build").arg(&build).env_remove("MAKEFLAGS").env_remove("MAKELEVEL"));
    for program in ["invite", "invite-static"] {
        let output = sandbox_environment(&mut Command::new(build.join(program)), &sandbox);
        assert!(text(&output.stdout).contains("/IMInstructions?"), "{}", text(&output.stdout));
    }
    let dynamic = text(&run(Command::new("readelf").args(["-d"]).arg(build.join("invite-static"))).stdout);
    assert!(!dynamic.contains("libbidden"), "the static program needs the shared library");
}
