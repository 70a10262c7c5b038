//! `--sandbox`: the three platforms inside this process, with their data in `.bidden/sandbox.db`.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bidden::Kind;
use bidden_sandbox::{DEFAULT_PORT, Options, Place, Sandbox};

use crate::failure::{Failure, Result};
use crate::terminal;

/// Where the data of `--sandbox` and `bidden sandbox` are kept, below the current folder.
pub const DATABASE: &str = ".bidden/sandbox.db";

/// How long to look for the sandbox that has the database open: it may be starting, and say in a moment where it is.
const LOOKS: u32 = 10;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// A sandbox for one run. One that was started for it stops when dropped.
#[derive(Debug)]
pub struct SandboxHere {
    url: String,
    _running: Option<Running>,
}

impl SandboxHere {
    /// Starts one on port 8787, or on another when that is taken; where one has the data open already, uses that one.
    ///
    /// # Errors
    /// `storage` when the data cannot be opened, `configuration` when no port can be listened on.
    pub fn start() -> Result<Self> {
        let database = default_database()?;
        let options = Options { or_any_port: true, place: Place::File(database.clone()), ..Options::default() };
        match Running::start(options) {
            Ok(running) => {
                let url = running.sandbox.url().to_owned();
                if !url.ends_with(&format!(":{DEFAULT_PORT}")) {
                    terminal::note(&format!("sandbox: port {DEFAULT_PORT} is taken, another is used"));
                }
                terminal::note(&format!("sandbox: {url} until this command ends; `bidden sandbox` starts it again on {DATABASE}"));
                Ok(SandboxHere { url, _running: Some(running) })
            }
            Err(error) if error.kind() == Kind::Storage => match address_of_another(&database) {
                Some(url) => {
                    terminal::note(&format!("sandbox: {url}, which has {DATABASE} open already"));
                    Ok(SandboxHere { url, _running: None })
                }
                None => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// A sandbox in this process that says beside its database where it listens.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) sandbox: Sandbox,
    address: Option<PathBuf>,
}

impl Running {
    pub(crate) fn start(options: Options) -> std::result::Result<Self, bidden::Error> {
        let address = match &options.place {
            Place::File(database) => Some(address_file(database)),
            Place::Memory => None,
        };
        let sandbox = Sandbox::start(options)?;
        if let Some(path) = &address {
            // Without it another command cannot find this sandbox, and says so itself.
            let _ = std::fs::write(path, sandbox.url());
        }
        Ok(Running { sandbox, address })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(path) = &self.address {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The default place of the data; git does not see the folder.
///
/// # Errors
/// `storage` when the folder cannot be made.
pub(crate) fn default_database() -> Result<PathBuf> {
    let database = PathBuf::from(DATABASE);
    let folder = database.parent().unwrap_or(Path::new("."));
    let make = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        match std::fs::File::create_new(folder.join(".gitignore")) {
            Ok(mut file) => file.write_all(b"*\n"),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    };
    make().map_err(|error| {
        Failure::from(bidden::Error::new(Kind::Storage, format!("the folder {} cannot be made: {error}", folder.display())))
    })?;
    Ok(database)
}

fn address_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".address");
    PathBuf::from(name)
}

/// Where the sandbox listens that has the database open, if it listens.
fn address_of_another(database: &Path) -> Option<String> {
    for _ in 0..LOOKS {
        if let Ok(url) = std::fs::read_to_string(address_file(database))
            && let Some(address) = url.strip_prefix("http://").and_then(|address| address.parse::<SocketAddr>().ok())
            && address.ip().is_loopback()
            && TcpStream::connect_timeout(&address, BETWEEN_LOOKS).is_ok()
        {
            return Some(url);
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    None
}
