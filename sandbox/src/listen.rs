//! Connections: accepted, limited, answered, and ended in order.
//!
//! What a client can make the sandbox keep is bounded: a head of so many bytes that has to arrive in time, a body of so
//! many bytes that has to arrive in time, and nothing else.

use std::convert::Infallible;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};

use crate::namespaces::Namespaces;
use crate::server;

/// A head has to be complete after so long; a connection on which nobody asks anything is closed then too.
const HEAD_PATIENCE: Duration = Duration::from_secs(60);

/// The largest head that is read; a larger one is answered with 431.
const LARGEST_HEAD: usize = 32 * 1024;

/// So long a stopping sandbox waits for answers that are on their way.
const PATIENCE: Duration = Duration::from_secs(5);

/// After a connection could not be accepted, for want of file descriptors most likely, the next is tried after so long.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers connections until it is told to stop, or whoever could tell is gone.
pub(crate) async fn until(mut stopped: oneshot::Receiver<()>, listener: TcpListener, namespaces: Arc<Namespaces>) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the sandbox cannot listen"),
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE).max_buf_size(LARGEST_HEAD);
    let (stopping, is_stopping) = watch::channel(false);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => break,
        };
        match accepted {
            Ok((stream, _)) => {
                // A connection that cannot be set up so is only slower.
                drop(stream.set_nodelay(true));
                tokio::spawn(answer(stream, http.clone(), Arc::clone(&namespaces), is_stopping.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop((listener, is_stopping));
    namespaces.stopping.send_replace(true);
    // Connections that still wait for their client after that end with the runtime.
    stopping.send_replace(true);
    drop(tokio::time::timeout(PATIENCE, stopping.closed()).await);
}

async fn answer(stream: TcpStream, http: http1::Builder, namespaces: Arc<Namespaces>, mut is_stopping: watch::Receiver<bool>) {
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let namespaces = Arc::clone(&namespaces);
        async move { Ok::<_, Infallible>(server::answer(&namespaces, request.map(Body::new)).await) }
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = async { drop(is_stopping.wait_for(|stopping| *stopping).await) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // A client that goes away, or that is too slow or too large, ends its own connection and nothing else.
        tracing::debug!(%error, "a connection ended");
    }
}
