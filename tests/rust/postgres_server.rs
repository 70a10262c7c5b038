//! A PostgreSQL server of the tests' own: a fresh cluster in a temporary folder, gone with the process that started it.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running server.
#[derive(Debug)]
pub struct Server {
    binaries: PathBuf,
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    is_encrypted: bool,
    /// Its standard input is what keeps the server alive: it ends with this process, however that ends.
    _supervisor: Child,
}

/// Waits until whoever holds its standard input is gone, then ends the server and removes the folder.
const SUPERVISE: &str = r#"folder=$1; shift
"$@" >"$folder/server.log" 2>&1 </dev/null &
server=$!
read -r _
kill -QUIT "$server"
wait "$server"
rm -rf "$folder""#;

/// A certificate for this machine that nobody has signed but itself.
const CERTIFICATE: &str = "[req]
distinguished_name = name
x509_extensions = server
prompt = no
[name]
CN = localhost
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:localhost, IP:127.0.0.1
";

impl Server {
    /// The server that the tests of a process share; `None` where PostgreSQL is missing.
    ///
    /// # Panics
    /// When it does not start, and under `BIDDEN_TEST_STRICT` when it is missing.
    pub fn shared() -> Option<&'static Server> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        SERVER.get_or_init(Server::start).as_ref()
    }

    /// Starts a server; `None`, loudly, where PostgreSQL is missing.
    ///
    /// # Panics
    /// As [`Server::shared`].
    pub fn start() -> Option<Server> {
        let Some(binaries) = binaries() else {
            let strict = std::env::var_os("BIDDEN_TEST_STRICT").is_some();
            assert!(!strict, "PostgreSQL's server is missing (Debian package postgresql)");
            let _ = writeln!(std::io::stderr(), "SKIPPED: PostgreSQL's server is missing (Debian package postgresql)");
            return None;
        };
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("bidden-postgres-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        let data = folder.join("data");
        made(std::fs::create_dir_all(&folder), "a temporary folder");
        made(std::fs::write(folder.join("certificate.conf"), CERTIFICATE), "a certificate's form");
        if owner().is_some() {
            run(Command::new("chown").arg("-R").arg("postgres").arg(&folder));
        }
        let initialise = ["--auth=trust", "--username=bidden", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"];
        run(as_owner(&binaries.join("initdb")).args(initialise).arg(&data));
        let mut openssl = as_owner(Path::new("openssl"));
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-config"]).arg(folder.join("certificate.conf"));
        openssl.arg("-keyout").arg(data.join("server.key")).arg("-out").arg(data.join("server.crt"));
        let is_encrypted = openssl.stdin(Stdio::null()).output().is_ok_and(|output| output.status.success());
        let port = made(TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()), "a free port").port();
        let mut settings = vec![
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", folder.display()),
            "max_connections=60".to_owned(),
            "deadlock_timeout=100ms".to_owned(),
        ];
        if is_encrypted {
            settings.push("ssl=on".to_owned());
        }
        let mut supervisor = Command::new("sh");
        supervisor.args(["-c", SUPERVISE, "sh"]).arg(&folder);
        if let Some(owner) = owner() {
            supervisor.args(owner);
        }
        supervisor.arg(binaries.join("postgres")).arg("-D").arg(&data);
        supervisor.args(settings.iter().flat_map(|setting| ["-c", setting.as_str()]));
        let supervisor = made(supervisor.stdin(Stdio::piped()).spawn(), "a supervisor");
        let server = Server { binaries, folder, port, databases: AtomicU32::new(0), is_encrypted, _supervisor: supervisor };
        server.wait();
        Some(server)
    }

    /// The URL of a new, empty database. It names a user and a password, and no encryption.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn database(&self) -> String {
        let name = format!("ledger_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let port = self.port.to_string();
        run(Command::new(self.binaries.join("createdb")).args(["-h", "127.0.0.1", "-p", &port, "-U", "bidden", &name]));
        format!("postgres://bidden:open-sesame@127.0.0.1:{port}/{name}?sslmode=disable")
    }

    /// The file of the certificate that the server shows; `None`, loudly, where openssl is missing.
    ///
    /// # Panics
    /// Under `BIDDEN_TEST_STRICT` when it is missing.
    pub fn certificate(&self) -> Option<PathBuf> {
        if !self.is_encrypted {
            assert!(std::env::var_os("BIDDEN_TEST_STRICT").is_none(), "openssl is missing");
            let _ = writeln!(std::io::stderr(), "SKIPPED: openssl is missing, so TLS to PostgreSQL was not tried");
            return None;
        }
        // The server's own folder is closed to others.
        let copy = self.folder.join("server.crt");
        run(Command::new("cp").arg(self.folder.join("data/server.crt")).arg(&copy));
        Some(copy)
    }

    fn wait(&self) {
        let began = Instant::now();
        loop {
            let mut ready = Command::new(self.binaries.join("pg_isready"));
            ready.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() && ready.status().is_ok_and(|status| status.success()) {
                return;
            }
            if began.elapsed() > Duration::from_secs(60) {
                let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
                std::panic::panic_any(format!("PostgreSQL did not start: {log}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Where `initdb` and `postgres` lie: Debian keeps them out of PATH.
fn binaries() -> Option<PathBuf> {
    let configured = Command::new("pg_config").arg("--bindir").output().ok().filter(|output| output.status.success());
    let configured = configured.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut versions: Vec<PathBuf> = versions.collect();
    versions.sort();
    let candidates = versions.into_iter().rev().chain(configured).chain(std::env::split_paths(&path));
    let is_complete = |folder: &PathBuf| ["initdb", "postgres", "createdb", "pg_isready"].iter().all(|name| folder.join(name).exists());
    candidates.into_iter().find(is_complete)
}

/// PostgreSQL refuses to run as root: then its own user does.
fn owner() -> Option<Vec<&'static str>> {
    let identity = Command::new("id").arg("-u").output().ok()?;
    if String::from_utf8_lossy(&identity.stdout).trim() != "0" {
        return None;
    }
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    Some(if is_there("setpriv") {
        vec!["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    } else {
        vec!["runuser", "-u", "postgres", "--"]
    })
}

fn as_owner(program: &Path) -> Command {
    let mut words = owner().unwrap_or_default().into_iter();
    match words.next() {
        Some(first) => {
            let mut command = Command::new(first);
            command.args(words).arg(program).current_dir("/");
            command
        }
        None => Command::new(program),
    }
}

fn run(command: &mut Command) {
    let output = made(command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}")), "a command");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn made<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> T {
    result.unwrap_or_else(|error| std::panic::panic_any(format!("{what} cannot be had: {error}")))
}
