//! libbidden on Windows, as far as wine is Windows: the Rust side built for `x86_64-pc-windows-gnu`, then the programs of `tests/c` run
//! against it. Where the target's standard library, mingw-w64 or wine cannot be had this says so, and nothing else fails: it is the one
//! part that counts as skipped even under `BIDDEN_TEST_STRICT=1`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bidden_sandbox::{Options, Sandbox};
use bidden_tests::root;

use super::{run, table, text};

const TARGET: &str = "x86_64-pc-windows-gnu";
const GCC: &str = "x86_64-w64-mingw32-gcc";
const GXX: &str = "x86_64-w64-mingw32-g++";

fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn folder() -> PathBuf {
    super::folder("windows-programs")
}

/// A program of Windows. It is ended after a while: a wine that hangs is a wine that is not there.
fn wine(program: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.arg("300").arg("wine").arg(program);
    command.env("WINEPREFIX", folder().join("prefix")).env("WINEDEBUG", "-all").env_remove("DISPLAY");
    command
}

/// A path of this machine as a program of Windows sees it.
fn windows(path: &Path) -> String {
    format!("Z:{}", path.display().to_string().replace('/', "\\"))
}

/// What is missing for this check, if anything.
fn missing() -> Option<String> {
    let library = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    let has_library = library.is_ok_and(|output| {
        fs::read_dir(text(&output.stdout).trim())
            .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
    });
    if !has_library {
        return Some(format!("the standard library for {TARGET} (rustup target add {TARGET})"));
    }
    for compiler in [GCC, GXX] {
        if !works(Command::new(compiler).arg("--version")) {
            return Some(format!("{compiler} (Debian: gcc-mingw-w64-x86-64, g++-mingw-w64-x86-64)"));
        }
    }
    let said = wine(Path::new("cmd")).args(["/c", "echo", "here"]).output();
    if !said.is_ok_and(|output| text(&output.stdout).contains("here")) {
        return Some("a wine that runs a program (Debian: wine64, wine)".to_owned());
    }
    None
}

fn build() {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["build", "--quiet", "-p", "bidden-ffi-c", "--target", TARGET]);
    run(&mut cargo);
    let built = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join(TARGET).join("debug");
    for file in ["bidden.dll", "libbidden.dll.a"] {
        fs::copy(built.join(file), folder().join(file)).unwrap();
    }
    let shim = root().join("tests/windows/bcryptprimitives.c");
    run(Command::new(GCC).arg("-shared").arg(shim).arg("-o").arg(folder().join("bcryptprimitives.dll")).arg("-ladvapi32"));
}

fn compile(source: &str) -> PathBuf {
    let program = folder().join(Path::new(source).file_stem().unwrap()).with_extension("exe");
    let (compiler, standard) = if source.ends_with(".cpp") { (GXX, "-std=c++17") } else { (GCC, "-std=c11") };
    let mut command = Command::new(compiler);
    command.current_dir(root()).args([standard, "-Wall", "-Wextra", "-Werror", "-D__USE_MINGW_ANSI_STDIO=1", "-Iinclude", source]);
    command.arg(folder().join("libbidden.dll.a")).args(["-static-libgcc", "-Wl,-Bstatic", "-lpthread", "-o"]).arg(&program);
    if compiler == GXX {
        command.arg("-static-libstdc++");
    }
    run(&mut command);
    program
}

#[test]
fn the_library_runs_on_windows() {
    if let Some(missing) = missing() {
        eprintln!("NOT RUN HERE: libbidden on Windows, because this is missing: {missing}");
        return;
    }
    build();
    let vectors = compile("tests/c/vectors.c");
    let said = text(&run(wine(&vectors).arg(windows(&table().0))).stdout);
    let last = said.lines().last().unwrap_or_default().trim().to_owned();
    assert!(last.starts_with("vectors c: ") && last.ends_with(", 0 failed"), "{said}");
    println!("windows: {last}");
    let sandbox = Sandbox::start(Options::in_memory()).unwrap();
    for (source, more) in [("tests/c/ledger.c", None), ("tests/c/many.c", Some("200")), ("tests/c/plan.c", Some("100"))] {
        let place = folder().join(Path::new(source).file_stem().unwrap());
        fs::remove_dir_all(&place).ok();
        fs::create_dir_all(&place).unwrap();
        let said = text(&run(wine(&compile(source)).arg(sandbox.url()).arg(windows(&place)).args(more)).stdout);
        assert!(said.contains("checks passed"), "{source}: {said}");
        println!("windows: {}", said.trim());
    }
    let kiosk = compile("examples/cpp/kiosk.cpp");
    let window = ["imocha", "pending", "2026-03-02T09:00:00Z", "2026-03-02T11:00:00Z", "2026-03-02T09:30:00Z"];
    assert!(text(&run(wine(&kiosk).args(window)).stdout).starts_with("You may begin."));
    // Its server must not outlive the test.
    std::thread::sleep(Duration::from_millis(100));
    works(Command::new("wineserver").arg("-k").env("WINEPREFIX", folder().join("prefix")));
}
