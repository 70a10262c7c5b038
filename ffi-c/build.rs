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
    if system == "linux" && std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu") {
        // A twentieth of the library is relocations; packed they are nearly nothing, and need glibc 2.36.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,pack-relative-relocs");
    }
    if system == "macos" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libbidden.{number}.dylib");
    }
}
