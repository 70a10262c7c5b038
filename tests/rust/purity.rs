//! The default build of core: no socket, file, clock, thread or randomness of its own, and nothing below it but what its
//! manifest says.

use std::path::Path;
use std::process::Command;

use bidden_tests::root;

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// What code that opens, reads, waits or draws by itself refers to, in the mangled names of the standard library.
const FORBIDDEN: [&str; 12] = [
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "3std2fs",
    "std2fs",
    "SystemTime3now",
    "Instant3now",
    "std6thread5spawn",
    "3std3env",
    "std7process",
    "RandomState3new",
];

#[test]
fn the_default_build_refers_to_no_socket_file_clock_thread_or_randomness() {
    let output = cargo().args(["rustc", "-p", "bidden", "--lib", "--no-default-features", "--message-format=json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let rlib = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "bidden" && message["reason"] == "compiler-artifact")
        .filter_map(|message| message["filenames"][0].as_str().map(str::to_owned))
        .find(|name| name.ends_with(".rlib"))
        .unwrap();
    let symbols = Command::new("nm").args(["--undefined-only", &rlib]).output();
    let Ok(symbols) = symbols else {
        assert!(std::env::var_os("BIDDEN_TEST_STRICT").is_none(), "nm (binutils) is missing");
        eprintln!("SKIPPED: nm (binutils) is missing, so the symbols of core were not looked at");
        return;
    };
    let symbols = String::from_utf8_lossy(&symbols.stdout).into_owned();
    assert!(symbols.lines().count() > 50, "nm found hardly anything in {rlib}");
    let found: Vec<&str> = symbols.lines().filter(|line| FORBIDDEN.iter().any(|word| line.contains(word))).collect();
    assert!(found.is_empty(), "{rlib} refers to\n{}", found.join("\n"));
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "client") {
                sources(&path, found);
            }
        } else {
            found.push(path);
        }
    }
}

#[test]
fn outside_client_no_source_of_core_names_them() {
    let mut files = Vec::new();
    sources(&root().join("core/src"), &mut files);
    assert!(files.len() > 10);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        // Tests at the end of a file may do what the code may not; what only the client has is behind its feature.
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (number, line) in code.lines().enumerate() {
            let line = line.split("//").next().unwrap();
            for word in ["TcpStream", "std::fs", "File::", "SystemTime::now", "Instant", "std::thread", "RandomState", "std::process"] {
                assert!(!line.contains(word), "{}:{}: {word}", file.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_arrows_between_the_crates_are_those_of_the_house() {
    let output = cargo().args(["metadata", "--format-version=1", "--no-deps"]).output().unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let allowed: &[(&str, &[&str])] = &[
        ("bidden", &[]),
        ("bidden-ledger", &["bidden"]),
        ("bidden-sandbox", &["bidden"]),
        ("bidden-cli", &["bidden", "bidden-ledger", "bidden-sandbox"]),
        ("bidden-ffi-c", &["bidden", "bidden-ledger"]),
        ("bidden-tests", &["bidden", "bidden-ledger", "bidden-sandbox", "bidden-cli"]),
        ("bidden-benchmarks", &["bidden", "bidden-ledger", "bidden-cli"]),
        ("bidden-py", &["bidden", "bidden-ledger", "bidden-sandbox", "bidden-cli"]),
    ];
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let (_, allowed) = allowed.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name} has no arrows here"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let target = dependency["name"].as_str().unwrap();
            let is_development = dependency["kind"] == "dev";
            assert!(!target.starts_with("bidden") || is_development || allowed.contains(&target), "{name} must not depend on {target}");
        }
    }
}

#[test]
fn every_dependency_has_its_purpose_beside_it() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let mut before = "";
    for line in section.lines().filter(|line| !line.trim().is_empty()) {
        let is_own = line.starts_with("bidden");
        if !line.starts_with('#') && !is_own {
            assert!(before.starts_with('#'), "{line} has no line that says what it is for");
        }
        before = line;
    }
}
