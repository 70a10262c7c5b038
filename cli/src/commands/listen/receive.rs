//! HTTP: one POST per callback, answered as soon as it is kept.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use bidden::{CallbackEvent, Kind, Secret};
use tokio::sync::oneshot;

use super::inbox::{Inbox, Received};
use super::platform_of;
use crate::failure::{Failure, Result};
use crate::terminal;

/// No callback of the three platforms comes near it.
const LARGEST_BODY: usize = 1_048_576;

/// So long a sender may take over a body.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who takes callbacks in.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) inbox: Arc<Inbox>,
    pub(super) key: Option<Secret>,
    pub(super) secret: Option<Secret>,
    pub(super) jobs: Sender<Received>,
}

/// A server that stops when it is dropped: what is being answered is answered, nothing new is taken.
#[derive(Debug)]
pub(super) struct Listening {
    pub(super) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<tokio::runtime::Runtime>,
    served: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Listening {
    pub(super) fn start(address: SocketAddr, receiver: Receiver) -> Result<Self> {
        let wrong = |error: std::io::Error| {
            Failure::configuration(format!("{address} cannot be listened on: {error}")).hint("--listen 127.0.0.1:0 takes any free port")
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(wrong)?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind(address)).map_err(wrong)?;
        let address = listener.local_addr().map_err(wrong)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().fallback(take).with_state(Arc::new(receiver));
        let served = runtime.spawn(async move {
            let ended = async {
                // Whoever drops the other end wants it to stop too.
                let _ = stopped.await;
            };
            axum::serve(listener, router).with_graceful_shutdown(ended).await
        });
        Ok(Listening { address, stop: Some(stop), runtime: Some(runtime), served: Some(served) })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let (Some(runtime), Some(served)) = (self.runtime.take(), self.served.take()) {
            // A connection that stays open for nothing must not keep the command.
            let _ = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(2), served).await });
            runtime.shutdown_timeout(Duration::from_secs(2));
        }
    }
}

async fn take(State(receiver): State<Arc<Receiver>>, request: Request) -> (StatusCode, &'static str) {
    let (parts, body) = request.into_parts();
    let Some((platform, suffix)) = platform_of(parts.uri.path()) else { return (StatusCode::NOT_FOUND, "there is no such path\n") };
    if let Some(secret) = &receiver.secret
        && !secret.matches(suffix.as_bytes())
    {
        return (StatusCode::NOT_FOUND, "there is no such path\n");
    }
    if parts.method != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, "a callback is a POST\n");
    }
    let bytes = match tokio::time::timeout(PATIENCE, axum::body::to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return (StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB, or was cut off\n"),
        Err(_) => return (StatusCode::REQUEST_TIMEOUT, "the body takes too long\n"),
    };
    let event = match CallbackEvent::read(platform, &parts.headers, &bytes, receiver.key.as_ref()) {
        Ok(event) => event,
        Err(error) => {
            terminal::note(&format!("refused: {error}"));
            let is_stranger = error.kind() == Kind::Unauthorized;
            return if is_stranger {
                (StatusCode::UNAUTHORIZED, "the key is another\n")
            } else {
                (StatusCode::BAD_REQUEST, "not a callback\n")
            };
        }
    };
    let received = Received { at: SystemTime::now().into(), event, heard: None };
    let kept = tokio::task::spawn_blocking(move || {
        let is_new = receiver.inbox.keep(&received)?;
        if is_new {
            // The worker is gone only when the command ends; the inbox has it.
            let _ = receiver.jobs.send(received);
        }
        std::io::Result::Ok(())
    });
    match kept.await {
        Ok(Ok(())) => (StatusCode::OK, "ok\n"),
        Ok(Err(error)) => {
            terminal::note(&format!("not kept: {error}"));
            (StatusCode::SERVICE_UNAVAILABLE, "it could not be kept\n")
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "it could not be kept\n"),
    }
}
