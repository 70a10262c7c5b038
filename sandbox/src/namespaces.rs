//! `/ns/{name}/…`: isolated copies of the whole sandbox, each with its own database, clock, faults, set-up and writer.
//!
//! One is made when its name is first used and stays until it is removed. The sandbox at the root is one too, without a
//! name; whoever uses that alone passes no lock and no look-up here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, mpsc};
use std::thread::JoinHandle;

use bidden::http::Response;
use bidden::{Error, Kind};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use crate::control::{json, refused};
use crate::database::{Database, Place};
use crate::deliver::{self, Deliveries};
use crate::faults::Faults;
use crate::server::Shared;
use crate::setup::Start;
use crate::writer::{Equipment, Job, SharedWorld, Work, Writer};
use crate::{Options, Preset};

/// What stands in front of a name.
pub(crate) const PREFIX: &str = "/ns/";

/// So many characters a name has at most.
const LONGEST_NAME: usize = 64;

/// So many namespaces there are at most: an idle one is a thread, a database and, in a file, two open files.
const MOST: usize = 1000;

/// An open copy: what its connections share, and the thread that answers them.
struct Namespace {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

impl Namespace {
    /// Opens the database of a namespace and starts its writer; its callbacks are sent on `runtime`. `name` is `None` for the
    /// sandbox at the root.
    fn open(options: &Options, url: &str, name: Option<&str>, runtime: &Handle, is_stopping: watch::Receiver<bool>) -> Result<Self, Error> {
        let place = match (&options.place, name) {
            (Place::File(root), Some(name)) => Place::File(file(root, name)),
            (place, _) => place.clone(),
        };
        let mut database = Database::open(&place, options.durability, options.keep_requests)?;
        database.allow_callbacks_to(&options.allow_callbacks_to);
        let (deliveries, tries, under_way) = Deliveries::new();
        let presets: &[Preset] = if name.is_none() { &options.faults } else { &[] };
        let faults = Faults::new(presets);
        let has_faults = faults.active();
        let world = SharedWorld::default();
        let prefix = name.map(|name| format!("{PREFIX}{name}")).unwrap_or_default();
        let start = Start { origin: format!("{url}{prefix}"), switches: options.switches.clone(), fixtures: options.fixtures.clone() };
        let (announced, changes) = watch::channel(0);
        let writer = Writer::new(database, Equipment { faults, deliveries, world: Arc::clone(&world), start, changes: announced })?;
        let (jobs, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new().name("sandbox-writer".to_owned()).spawn(move || writer.run(&waiting));
        let writer = thread.map_err(|error| Error::new(Kind::Internal, "no thread can be made for the sandbox").with_source(error))?;
        // Ends with the writer, which holds the other end.
        runtime.spawn(deliver::run(tries, jobs.clone()));
        let shared = Arc::new(Shared { jobs, url: url.to_owned(), prefix, has_faults, under_way, world, changes, is_stopping });
        Ok(Namespace { shared, writer: Some(writer) })
    }

    /// Answers what has arrived, then closes the database.
    fn close(&mut self) {
        let (reply, _) = oneshot::channel();
        // A writer that is gone already has closed it.
        drop(self.shared.jobs.send(Job { work: Work::Stop, reply }));
        if self.writer.take().is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("a thread of the sandbox panicked");
        }
    }
}

/// The sandbox at the root and its namespaces.
pub(crate) struct Namespaces {
    options: Options,
    url: String,
    runtime: Handle,
    /// What the connections share that name no namespace.
    pub(crate) root: Arc<Shared>,
    root_namespace: Mutex<Namespace>,
    /// Whether the sandbox is stopping: what waits for changes ends then.
    pub(crate) stopping: watch::Sender<bool>,
    /// By name; `None` is one that is there in a file and has not been used since the start.
    named: RwLock<BTreeMap<String, Option<Namespace>>>,
    /// Held by whoever makes or removes one: that takes longer than a look-up may wait.
    changing: Mutex<()>,
}

impl Namespaces {
    pub(crate) fn open(options: &Options, url: &str, runtime: &Handle) -> Result<Self, Error> {
        let named = match &options.place {
            Place::Memory => BTreeMap::new(),
            Place::File(root) => in_folder(&folder(root)).into_iter().map(|name| (name, None)).collect(),
        };
        let stopping = watch::Sender::new(false);
        let root = Namespace::open(options, url, None, runtime, stopping.subscribe())?;
        Ok(Namespaces {
            options: options.clone(),
            url: url.to_owned(),
            runtime: runtime.clone(),
            root: Arc::clone(&root.shared),
            root_namespace: Mutex::new(root),
            stopping,
            named: RwLock::new(named),
            changing: Mutex::default(),
        })
    }

    /// The namespace that a request names, with its target as it is inside.
    ///
    /// # Errors
    /// The refusal of a name that cannot be one, or of one too many.
    pub(crate) async fn enter(self: &Arc<Self>, parts: &mut axum::http::request::Parts) -> Result<Arc<Shared>, Response> {
        let sent = std::mem::take(&mut parts.uri);
        let below = sent.path().strip_prefix(PREFIX).unwrap_or_default();
        let (name, path) = below.find('/').map_or((below, "/"), |slash| below.split_at(slash));
        if !is_name(name) {
            return Err(refused(400, "a namespace's name has 1 to 64 characters: letters, digits, - and _"));
        }
        let target = match sent.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        // A part of a valid target is one.
        parts.uri = target.parse().map_err(|_| refused(400, "the path cannot be read"))?;
        if let Some(shared) = self.known(name) {
            return Ok(shared);
        }
        let (this, owned) = (Arc::clone(self), name.to_owned());
        let made = tokio::task::spawn_blocking(move || this.make(&owned)).await;
        made.map_err(|_| refused(500, "the namespace could not be made"))?.map_err(|failure| match failure {
            Unmade::TooMany => {
                refused(409, &format!("there are {MOST} namespaces, and no more can be made: DELETE /_sandbox/namespaces/NAME removes one"))
            }
            Unmade::Failed(error) => {
                tracing::error!(%error, "a namespace cannot be made");
                refused(500, "the namespace's database cannot be opened")
            }
        })
    }

    fn known(&self, name: &str) -> Option<Arc<Shared>> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        named.get(name)?.as_ref().map(|namespace| Arc::clone(&namespace.shared))
    }

    fn make(&self, name: &str) -> Result<Arc<Shared>, Unmade> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = self.known(name) {
            return Ok(shared);
        }
        {
            let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
            if named.len() >= MOST && !named.contains_key(name) {
                return Err(Unmade::TooMany);
            }
        }
        let opened = Namespace::open(&self.options, &self.url, Some(name), &self.runtime, self.stopping.subscribe());
        let namespace = opened.map_err(Unmade::Failed)?;
        let shared = Arc::clone(&namespace.shared);
        self.named.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Some(namespace));
        Ok(shared)
    }

    /// `GET /_sandbox/namespaces`; `origin` is what an address of the sandbox begins with.
    pub(crate) fn list(&self, origin: &str) -> Response {
        #[derive(Serialize)]
        struct Row<'a> {
            name: &'a str,
            url: String,
        }
        #[derive(Serialize)]
        struct Answer<'a> {
            namespaces: Vec<Row<'a>>,
        }
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        json(200, &Answer { namespaces: named.keys().map(|name| Row { name, url: format!("{origin}{PREFIX}{name}") }).collect() })
    }

    /// `DELETE /_sandbox/namespaces/{name}`: the namespace and all that it keeps is gone when this returns.
    pub(crate) async fn remove(self: &Arc<Self>, name: &str) -> Response {
        let (this, owned) = (Arc::clone(self), name.to_owned());
        match tokio::task::spawn_blocking(move || this.unmake(&owned)).await {
            Ok(Ok(true)) => json(200, &serde_json::json!({ "removed": name })),
            Ok(Ok(false)) => refused(404, "there is no such namespace"),
            Ok(Err(error)) => {
                tracing::error!(%error, "a namespace's files cannot be removed");
                refused(500, "the namespace's files cannot be removed")
            }
            Err(_) => refused(500, "the namespace could not be removed"),
        }
    }

    fn unmake(&self, name: &str) -> std::io::Result<bool> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever still comes meanwhile makes it anew, after its files are gone.
        let Some(namespace) = self.named.write().unwrap_or_else(PoisonError::into_inner).remove(name) else {
            return Ok(false);
        };
        if let Some(mut namespace) = namespace {
            namespace.close();
        }
        if let Place::File(root) = &self.options.place {
            let database = file(root, name);
            for ending in ["", "-wal", "-shm", "-journal"] {
                let mut path = database.clone().into_os_string();
                path.push(ending);
                match std::fs::remove_file(&path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(true)
    }

    /// Answers what has arrived everywhere, and closes every database.
    pub(crate) fn close(&self) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.root_namespace.lock().unwrap_or_else(PoisonError::into_inner).close();
        let named = std::mem::take(&mut *self.named.write().unwrap_or_else(PoisonError::into_inner));
        named.into_values().flatten().for_each(|mut namespace| namespace.close());
    }
}

/// Why a namespace was not made.
enum Unmade {
    TooMany,
    Failed(Error),
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Where the databases of the namespaces are, beside the root's.
fn folder(root: &Path) -> PathBuf {
    let mut folder = root.as_os_str().to_owned();
    folder.push(".ns");
    PathBuf::from(folder)
}

/// A name's capital letters are marked: some file systems do not tell `a.db` from `A.db`.
fn file(root: &Path, name: &str) -> PathBuf {
    let marked: String = name.chars().flat_map(|letter| letter.is_ascii_uppercase().then_some('+').into_iter().chain([letter])).collect();
    folder(root).join(format!("{marked}.db"))
}

fn in_folder(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".db")?.replace('+', "")));
    names.filter(|name| is_name(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_own_file_whatever_the_letter_case_of_the_file_system() {
        let root = Path::new("/data/sandbox.db");
        assert_eq!(file(root, "test-1"), Path::new("/data/sandbox.db.ns/test-1.db"));
        assert_ne!(file(root, "a").to_string_lossy().to_lowercase(), file(root, "A").to_string_lossy().to_lowercase());
        let names = ["a", "A", "aB-c_D9"];
        let temporary = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(temporary.path().join(file(root, name).file_name().unwrap()), "").unwrap();
        }
        let mut found = in_folder(temporary.path());
        found.sort();
        assert_eq!(found, ["A", "a", "aB-c_D9"]);
    }
}
