//! The command `bidden`; everything is in the library.

fn main() -> std::process::ExitCode {
    bidden_cli::run(std::env::args_os())
}
