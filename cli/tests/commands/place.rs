//! A fresh folder in which the real program runs, without anything of the user's environment.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

pub(crate) struct Place {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What the program did, and how it was asked: printed when an expectation fails.
pub(crate) struct Ended {
    asked: String,
    pub(crate) exit: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Place { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// A file that only its owner can read.
    #[cfg(unix)]
    pub(crate) fn write_private(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.write(name, text);
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[cfg(not(unix))]
    pub(crate) fn write_private(&self, name: &str, text: &str) {
        self.write(name, text);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bidden"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("BIDDEN_") || name == "XDG_CONFIG_HOME" {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(self.folder.path()).env("HOME", self.folder.path()).stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(arguments, &self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ended::of(arguments, &child.wait_with_output().unwrap())
    }

    /// A sandbox of its own, in memory, on a free port.
    pub(crate) fn sandbox(&self) -> RunningSandbox {
        self.sandbox_with(&["--database", ":memory:"])
    }

    pub(crate) fn sandbox_with(&self, options: &[&str]) -> RunningSandbox {
        let arguments = [&["sandbox", "--listen", "127.0.0.1:0", "--ready", "ready.json"], options].concat();
        let child = self.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut running = RunningSandbox { child, url: String::new() };
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline {
            if let Ok(text) = fs::read_to_string(self.path("ready.json")) {
                let ready: Value = serde_json::from_str(&text).unwrap();
                running.url = ready["url"].as_str().unwrap().to_owned();
                return running;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the sandbox did not get ready");
    }
}

pub(crate) struct RunningSandbox {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    fn of(arguments: &[&str], output: &Output) -> Self {
        Ended {
            asked: arguments.join(" "),
            exit: output.status.code(),
            output: String::from_utf8(output.stdout.clone()).unwrap(),
            errors: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// Holds the exit code against the expected one.
    #[track_caller]
    pub(crate) fn exits(self, expected: i32) -> Self {
        assert_eq!(self.exit, Some(expected), "{self}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or_else(|error| panic!("standard output is not one JSON value: {error}\n{self}"))
    }

    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> &Self {
        assert!(self.errors.contains(part), "standard error lacks “{part}”\n{self}");
        self
    }

    #[track_caller]
    pub(crate) fn hides(&self, secret: &str) -> &Self {
        assert!(!self.errors.contains(secret) && !self.output.contains(secret), "“{secret}” is shown\n{self}");
        self
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ended { asked, exit, output, errors } = self;
        write!(formatter, "bidden {asked}\nexit: {exit:?}\nstandard output:\n{output}\nstandard error:\n{errors}")
    }
}
