//! Bodies that do not simply arrive: one that ends too early, and its connection with it, and one that drips.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::Frame;
use tokio::time::Sleep;

/// Gives its bytes, then fails, which ends the connection. Whoever gives none ends it before even a header has left:
/// headers wait for the first pause of the body.
struct Cut {
    bytes: Bytes,
    has_paused: bool,
}

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.bytes.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.bytes)))));
        }
        if !self.has_paused {
            // Whatever has been given is sent in this pause.
            self.has_paused = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("a fault of the sandbox"))))
    }
}

/// Gives a byte at a time, and says when the last is given.
struct Dripping {
    bytes: Bytes,
    pause: Duration,
    wait: Option<Pin<Box<Sleep>>>,
    at_end: Option<Box<dyn FnOnce() + Send>>,
}

impl http_body::Body for Dripping {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        let pause = self.pause;
        let wait = self.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        if wait.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.wait = None;
        let byte = self.bytes.split_to(1);
        // Nobody asks for more once the promised length is there.
        if self.bytes.is_empty()
            && let Some(note) = self.at_end.take()
        {
            note();
        }
        Poll::Ready(Some(Ok(Frame::data(byte))))
    }
}

/// An answer that arrives a byte at a time; `at_end` is told when all of it has left.
pub(crate) fn dripping(bytes: Bytes, pause: Duration, at_end: Box<dyn FnOnce() + Send>) -> Body {
    Body::new(Dripping { bytes, pause, wait: None, at_end: Some(at_end) })
}

/// No answer at all.
pub(crate) fn nothing() -> Body {
    Body::new(Cut { bytes: Bytes::new(), has_paused: true })
}

/// So many bytes of an answer.
pub(crate) fn after(bytes: Bytes) -> Body {
    Body::new(Cut { bytes, has_paused: false })
}
