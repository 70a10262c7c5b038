//! Reading a request's body: no more of it than may be, and not for longer.

use std::future::poll_fn;
use std::io::Write;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use http_body::Body as _;
use tokio::sync::Semaphore;

/// A body has to be complete after so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A refused body is thrown away for so long: a client that is still sending would otherwise not read why.
const LEFTOVER_PATIENCE: Duration = Duration::from_secs(5);

/// A body that is larger than this waits for one of a few places, so that many large ones at once do not fill the memory.
const SMALL: usize = 64 * 1024;
static PLACES: Semaphore = Semaphore::const_new(32);

/// Why a body was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unread {
    /// It is larger than it may be.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// Its connection broke, or it is no HTTP.
    Broken,
}

impl Unread {
    pub(crate) fn status(self) -> u16 {
        match self {
            Unread::TooLarge => 413,
            Unread::TooSlow => 408,
            Unread::Broken => 400,
        }
    }
}

/// The whole body. One that says itself that it is too large is refused before any of it is read.
pub(crate) async fn read(headers: &HeaderMap, mut body: Body, largest: usize) -> Result<Bytes, Unread> {
    let read = tokio::time::timeout(PATIENCE, async {
        let mut pieces = Pieces::new(headers, &mut body, largest as u64)?;
        let mut place = None;
        let first = pieces.next().await?.unwrap_or_default();
        // Most bodies come in one piece, which is not copied.
        if pieces.body.is_end_stream() {
            return Ok(first);
        }
        let mut whole = Vec::from(first);
        while let Some(piece) = pieces.next().await? {
            if place.is_none() && whole.len() + piece.len() > SMALL {
                place = PLACES.acquire().await.ok();
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.into())
    });
    let read = read.await.unwrap_or(Err(Unread::TooSlow));
    if read.is_err() {
        discard(body);
    }
    read
}

/// Writes the body to a file, at most so many bytes of it.
pub(crate) async fn save(headers: &HeaderMap, mut body: Body, largest: u64, file: &mut std::fs::File) -> Result<(), Unread> {
    let saved = tokio::time::timeout(PATIENCE, async {
        let mut pieces = Pieces::new(headers, &mut body, largest)?;
        while let Some(piece) = pieces.next().await? {
            file.write_all(&piece).map_err(|error| {
                tracing::error!(%error, "a body cannot be saved");
                Unread::Broken
            })?;
        }
        Ok(())
    });
    let saved = saved.await.unwrap_or(Err(Unread::TooSlow));
    if saved.is_err() {
        discard(body);
    }
    saved
}

/// A body, piece by piece, up to a length.
struct Pieces<'a> {
    body: &'a mut Body,
    left: u64,
}

impl<'a> Pieces<'a> {
    /// Refuses a body that says itself that it is too large.
    fn new(headers: &HeaderMap, body: &'a mut Body, largest: u64) -> Result<Self, Unread> {
        let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > largest) {
            return Err(Unread::TooLarge);
        }
        Ok(Pieces { body, left: largest })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Unread> {
        while let Some(frame) = poll_fn(|context| Pin::new(&mut *self.body).poll_frame(context)).await {
            // What is no data is a trailer, which nobody reads.
            if let Ok(piece) = frame.map_err(|_| Unread::Broken)?.into_data() {
                self.left = self.left.checked_sub(piece.len() as u64).ok_or(Unread::TooLarge)?;
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }
}

fn discard(mut body: Body) {
    let leftover = async move { while let Some(Ok(_)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {} };
    tokio::spawn(tokio::time::timeout(LEFTOVER_PATIENCE, leftover));
}
