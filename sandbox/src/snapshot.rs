//! A namespace as one file, and back: `GET` and `POST /_sandbox/snapshot`.
//!
//! The file is a SQLite database of the sandbox's own tables. Beside the records it holds the faults, and the moment at which
//! it was taken by the sandbox's clock: restored, the clock goes on from that moment, or stands still where it stood.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use bidden::Time;
use bidden::http::Response;
use http_body::{Frame, SizeHint};
use tempfile::TempDir;

use crate::control::{json, refused};
use crate::database::Database;
use crate::faults::KeptFault;
use crate::writer::{Writer, machine_now};

/// The content type of a snapshot.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.sqlite3";

/// No larger snapshot is restored.
pub(crate) const LARGEST: u64 = 512 << 20;

/// Where the snapshot keeps when it was taken, in milliseconds.
const TAKEN_AT: &str = "taken-at";
/// Where it keeps the faults.
const FAULTS: &str = "faults";

/// So much of a file is sent at a time.
const PIECE: usize = 64 * 1024;

/// A file of a folder that goes with it.
#[derive(Debug)]
pub(crate) struct Temporary {
    // Closed before the folder is removed: some systems keep a file that is open.
    file: File,
    path: PathBuf,
    _folder: TempDir,
}

impl Temporary {
    /// An empty one.
    pub(crate) fn new() -> std::io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("snapshot.db");
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        Ok(Temporary { file, path, _folder: folder })
    }

    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// An extension of a response whose body is a file.
#[derive(Clone, Debug)]
pub(crate) struct Attached(Arc<Temporary>);

/// The body of such a response. The pieces are read as they are sent, so that a large file is never in memory.
pub(crate) struct Pieces {
    file: Attached,
    left: u64,
}

impl Attached {
    pub(crate) fn body(self) -> Pieces {
        let left = self.0.file.metadata().map_or(0, |metadata| metadata.len());
        Pieces { file: self, left }
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut piece = vec![0; PIECE];
        let read = (&self.file.0.file).read(&mut piece).and_then(|length| {
            // It cannot become shorter, but a length that was promised and does not come has to be an error.
            if length == 0 { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(length) }
        });
        Poll::Ready(Some(read.map(|length| {
            self.left = self.left.saturating_sub(length as u64);
            piece.truncate(length);
            Frame::data(piece.into())
        })))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

type Answer<T> = Result<T, rusqlite::Error>;

impl Writer {
    /// The namespace as a file. Nothing else is answered meanwhile.
    pub(crate) fn take_snapshot(&mut self) -> Answer<Response> {
        self.database.begin()?;
        let now = self.now();
        self.work_off_due(now)?;
        self.database.set_setting(TAKEN_AT, &now.milliseconds())?;
        self.database.set_setting(FAULTS, &self.faults.kept())?;
        self.database.commit()?;
        let file = match Temporary::new() {
            Ok(file) => file,
            Err(error) => {
                tracing::error!(%error, "a snapshot cannot be written");
                return Ok(refused(500, "the snapshot cannot be written: there is no place for a temporary file"));
            }
        };
        self.database.copy_to(file.path())?;
        let length = file.file.metadata().map_or(0, |metadata| metadata.len());
        let mut response = Response::default();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        response.headers_mut().insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"sandbox-snapshot.db\""));
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        response.extensions_mut().insert(Attached(Arc::new(file)));
        Ok(response)
    }

    /// Puts what a snapshot holds in the place of everything that is here; one that cannot be read changes nothing.
    pub(crate) fn restore(&mut self, path: &Path) -> Answer<Response> {
        if let Err(reason) = self.database.check_snapshot(path) {
            return Ok(refused(409, &format!("the snapshot cannot be restored: {reason}")));
        }
        self.database.replace_by(path)?;
        self.clock = self.database.clock()?;
        self.magic.forget();
        self.deliveries.forget();
        self.database.begin()?;
        if let Some(taken_at) = self.database.setting(TAKEN_AT)? {
            self.clock = self.clock.resumed(Time::from_milliseconds(taken_at), machine_now());
            self.database.set_clock(self.clock)?;
        }
        self.faults.clear();
        for kept in self.database.setting::<Vec<KeptFault>>(FAULTS)?.unwrap_or_default() {
            match kept.fault() {
                Ok(fault) => self.faults.add(fault),
                Err(reason) => tracing::warn!(reason, "a fault of the snapshot is not known"),
            }
        }
        self.set_up_as_kept()?;
        self.database.commit()?;
        Ok(json(200, &serde_json::json!({ "now": self.now() })))
    }
}

impl Database {
    /// A copy of everything, without what is free in between.
    fn copy_to(&self, path: &Path) -> Answer<()> {
        self.connection.execute("VACUUM INTO ?1", [path.to_string_lossy()]).map(drop)
    }

    /// Puts the rows of a checked snapshot in the place of all rows.
    fn replace_by(&mut self, path: &Path) -> Answer<()> {
        self.connection.execute("ATTACH DATABASE ?1 AS snapshot", [path.to_string_lossy()])?;
        let mut statements = String::from("BEGIN IMMEDIATE;");
        for table in super::database::TABLE_NAMES {
            statements.push_str(&format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM snapshot.{table};"));
        }
        statements.push_str("COMMIT;");
        let replaced = self.connection.execute_batch(&statements);
        if replaced.is_err() {
            // SQLite may have rolled back by itself.
            let rolled_back = self.connection.execute_batch("ROLLBACK");
            tracing::debug!(after_rollback = rolled_back.is_ok(), "a snapshot was not restored");
        }
        self.connection.execute_batch("DETACH DATABASE snapshot")?;
        replaced?;
        self.reload()
    }
}
