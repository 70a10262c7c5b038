//! A body that ends too early, and its connection with it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::Frame;

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

/// No answer at all.
pub(crate) fn nothing() -> Body {
    Body::new(Cut { bytes: Bytes::new(), has_paused: true })
}

/// So many bytes of an answer.
pub(crate) fn after(bytes: Bytes) -> Body {
    Body::new(Cut { bytes, has_paused: false })
}
