//! The soname carries the ABI version, which cargo does not set for a cdylib; and the library is never unmapped: a
//! program that unloads it while a thread of it still ends would crash.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/version.rs");
    let source = std::fs::read_to_string("src/version.rs").unwrap_or_default();
    let number = source
        .lines()
        .find_map(|line| line.strip_prefix("pub const BIDDEN_ABI_VERSION: u32 = ")?.strip_suffix(';'))
        .unwrap_or_else(|| std::process::abort());
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if matches!(system.as_str(), "linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libbidden.so.{number}");
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    if is_built_for_new_glibc() {
        // A twentieth of the library is relocations; packed they are nearly nothing.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,pack-relative-relocs");
    }
    if system == "macos" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libbidden.{number}.dylib");
    }
}

/// Whether the library is built on the machine for the machine, and its glibc reads packed relocations, as 2.36 was the first to.
/// An older one refuses a library that has them.
fn is_built_for_new_glibc() -> bool {
    let is_native = std::env::var("HOST").ok() == std::env::var("TARGET").ok();
    if !is_native || std::env::var("CARGO_CFG_TARGET_ENV").ok().as_deref() != Some("gnu") {
        return false;
    }
    let Ok(said) = std::process::Command::new("getconf").arg("GNU_LIBC_VERSION").output() else { return false };
    let said = String::from_utf8_lossy(&said.stdout);
    let mut numbers = said.trim().trim_start_matches("glibc ").split('.').map(|number| number.parse().unwrap_or(0_u32));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (2, 36)
}
