//! The documents tell the truth: every console block of the README is run and its output compared, every shell block is
//! run, the Rust program is the example's, and the references are the ones that the comments cite.

use std::path::{Path, PathBuf};
use std::process::Command;

use bidden_tests::root;

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let text = readme();
    let mut found = Vec::new();
    for part in text.split("\n```").skip(1).step_by(2) {
        if let Some((head, body)) = part.split_once('\n')
            && head.trim() == language
        {
            found.push(format!("{body}\n"));
        }
    }
    found
}

/// A folder of its own for a block, with the examples in it and the built command on the path.
struct Place {
    folder: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("bidden-readme-{}-{name}", std::process::id()));
        std::fs::create_dir_all(folder.join("examples")).unwrap();
        for entry in std::fs::read_dir(root().join("examples")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, folder.join("examples").join(path.file_name().unwrap())).unwrap();
            }
        }
        Place { folder }
    }

    fn shell(&self, script: &str) -> std::process::Output {
        let bin = bidden_tests::command().parent().map(Path::to_path_buf).unwrap();
        let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()))).unwrap();
        Command::new("bash")
            .args(["-e", "-m", "-c", script])
            .env("PATH", path)
            .env("HOME", &self.folder)
            .current_dir(&self.folder)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Whether a line is as printed, where `…` stands for anything and runs of blanks are one.
fn line_fits(pattern: &str, line: &str) -> bool {
    let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (pattern, line) = (fold(pattern), fold(line));
    let mut rest = line.as_str();
    let parts: Vec<&str> = pattern.split('…').map(str::trim).collect();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 && index + 1 == parts.len() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(0) => rest = &rest[part.len()..],
            Some(at) if index > 0 => rest = &rest[at + part.len()..],
            _ => return false,
        }
    }
    rest.trim().is_empty()
}

/// Whether the printed lines are the expected ones, where a line `…` stands for any number of lines.
fn output_fits(expected: &[&str], found: &[&str]) -> Result<(), String> {
    let mut at = 0;
    let mut may_skip = false;
    for line in expected {
        if line.trim() == "…" {
            may_skip = true;
            continue;
        }
        loop {
            let Some(candidate) = found.get(at) else { return Err(format!("nothing printed fits “{line}”")) };
            at += 1;
            if line_fits(line, candidate) {
                break;
            }
            if !may_skip {
                return Err(format!("expected “{line}”\nfound    “{candidate}”"));
            }
        }
        may_skip = false;
    }
    if at < found.len() && !may_skip && !expected.is_empty() {
        return Err(format!("more is printed: “{}”", found[at]));
    }
    Ok(())
}

#[test]
fn the_readme_prints_what_the_command_prints() {
    let blocks = blocks("console");
    assert!(blocks.len() >= 3);
    for (number, block) in blocks.iter().enumerate() {
        let place = Place::new(&format!("console-{number}"));
        let mut sessions: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in block.lines().filter(|line| !line.trim().is_empty()) {
            match (line.strip_prefix("$ "), sessions.last_mut()) {
                (Some(command), _) => sessions.push((command, Vec::new())),
                (None, Some((_, expected))) => expected.push(line),
                (None, None) => panic!("a console block begins with “$ ”: {line}"),
            }
        }
        for (command, expected) in sessions {
            let status = command.split_once("# exit ").map_or(0, |(_, code)| code.trim().parse().unwrap());
            let output = place.shell(&command.replace("cargo run --release --", "bidden"));
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(status), "{command}\n{printed}\n{errors}");
            let found: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
            if let Err(why) = output_fits(&expected, &found) {
                panic!("{command}\n{why}");
            }
        }
    }
}

#[test]
fn the_readme_s_shell_blocks_run() {
    for (number, block) in blocks("sh").iter().enumerate() {
        if block.contains("make ") || block.contains("cmake") || block.contains("pip ") {
            // `make test` is what runs this test; building and installing have tests of their own.
            continue;
        }
        if Command::new("curl").arg("--version").output().is_err() {
            assert!(std::env::var_os("BIDDEN_TEST_STRICT").is_none(), "curl is missing");
            eprintln!("SKIPPED: curl is missing, so a shell block of the README was not run");
            continue;
        }
        let output = Place::new(&format!("shell-{number}")).shell(block);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{block}\n{printed}\n{}", String::from_utf8_lossy(&output.stderr));
        let expected: &[&str] = if block.contains("bidden listen") {
            &["249 pending", "1 complete"]
        } else {
            &[r#""status":"Pending""#, r#""to":"ada@example.com""#, r#""status":"Expired""#]
        };
        for expected in expected {
            assert!(printed.contains(expected), "{expected} is missing in\n{printed}");
        }
    }
}

#[test]
fn the_readme_s_rust_program_is_the_example() {
    let example = std::fs::read_to_string(root().join("examples/rust/invite.rs")).unwrap();
    assert_eq!(blocks("rust").len(), 1);
    assert!(example.ends_with(&blocks("rust")[0]), "examples/rust/invite.rs and the README differ");
}

#[test]
fn the_readme_s_python_program_is_the_example() {
    let example = std::fs::read_to_string(root().join("examples/python/invite.py")).unwrap();
    assert_eq!(blocks("python").len(), 1);
    assert!(example.ends_with(&blocks("python")[0]), "examples/python/invite.py and the README differ");
}

#[test]
fn the_documents_name_nothing_that_is_gone() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        for word in text.split(['`', ' ', '(', ')', ',']) {
            let is_path = ["core/", "cli/", "sandbox/", "tests/", "docs/", "examples/", "include/", "py/"]
                .iter()
                .any(|start| word.starts_with(start));
            let is_plain = !word.contains(['*', '{', '…', '<', '=', '\n']);
            if is_path && is_plain {
                let path = word.trim_end_matches(['.', ':', ';', '|']);
                assert!(root().join(path).exists(), "{document} names {path}, which is not there");
            }
        }
    }
}
