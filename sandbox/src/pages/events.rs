//! Server-sent events: that something has changed. What, the page asks for itself.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use tokio::sync::watch;

/// Where the events are.
pub(crate) const EVENTS: &str = "/_sandbox/events";

/// So long changes are gathered into one event: a run of thousands of calls is a few events.
const GATHERING: Duration = Duration::from_millis(250);

/// One event at once, which tells how often something has changed so far, then one after each change. It ends when the
/// sandbox stops or its namespace is removed.
pub(crate) fn events(changes: watch::Receiver<u64>, is_stopping: watch::Receiver<bool>) -> Response<Body> {
    let stream = unfold((changes, is_stopping, true), |(mut changes, mut is_stopping, is_first)| async move {
        let next = async {
            if !is_first {
                changes.changed().await.ok()?;
                tokio::time::sleep(GATHERING).await;
            }
            Some(*changes.borrow_and_update())
        };
        let count = tokio::select! {
            count = next => count?,
            _ = is_stopping.wait_for(|is_stopping| *is_stopping) => return None,
        };
        Some((Ok::<_, Infallible>(Event::default().event("changed").data(count.to_string())), (changes, is_stopping, false)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}
