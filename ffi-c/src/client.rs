//! A blocking client of one platform, for programs without an HTTP stack of their own.

use std::mem::MaybeUninit;
use std::time::Duration;

use bidden::client::{Cancel, Client, ClientOptions};
use bidden::{Error, Kind};

use crate::boundary::{Or, boundary};
use crate::call::bidden_call;
use crate::error::bidden_error;
use crate::memory::{Output, present};
use crate::numbers;
use crate::options::{self, bidden_options};
use crate::reply::bidden_reply;

/// A client of one platform and one credential. *Shared*: any number of threads may call through it at once.
pub struct bidden_client(pub Client);

/// Ends the waits of the calls it was given to, from another thread. *Shared*.
pub struct bidden_cancel(pub Cancel);

/// Makes a client of a platform, `BIDDEN_PLATFORM_…`. Nothing is sent and no thread is made. Free it with
/// `bidden_client_free`.
///
/// `configuration`: no credential, an address that cannot be read, a key of the sandbox for another machine.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_client_new(
    platform: i32,
    options: *const bidden_options,
    client: Option<&mut MaybeUninit<Option<Box<bidden_client>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let client = Output::new(client, "client")?;
        let platform = numbers::platform(platform)?;
        let given = options::read(options)?;
        let base = given.base_url(platform)?;
        let credential = given.credential(platform, &base)?.ok_or_else(|| {
            let member = match platform {
                bidden::Platform::Imocha => "options.api_key",
                bidden::Platform::TestInvite => "options.token",
                bidden::Platform::ThinkExam => "options.signer, or options.api_key and options.secret",
            };
            Error::new(Kind::Configuration, format!("{} needs {member}", platform.title()))
        })?;
        let mut options = ClientOptions::default();
        if given.timeout_milliseconds > 0 {
            options.timeout = Duration::from_millis(given.timeout_milliseconds.into());
        }
        if given.tries > 0 {
            options.policy.tries = given.tries;
        }
        if given.callers > 0 {
            options.callers = usize::try_from(given.callers.min(1024)).unwrap_or(1024);
        }
        if given.calls_per_second > 0 {
            options.rate = Some(given.calls_per_second.into());
        }
        client.put(Some(Box::new(bidden_client(Client::new(base, credential, options)?))));
        Ok(())
    })
}

/// Frees a client and closes its idle connections; nothing is sent or waited for. No call may be under way. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_client_free(client: Option<Box<bidden_client>>) {
    boundary(Or(()), || drop(client))
}

/// Sends a call and reads the answer; once more where the call's class and the policy allow it, never so that a second mail
/// could go out. One request that is in no ledger: the program remembers what came of it. Blocks. `cancel` may be NULL. Free
/// the reply with `bidden_reply_free`.
///
/// Any kind. `uncertain` when something was sent that changes something and nobody can say what came of it; `timed-out` when
/// it was cancelled before anything was sent.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_client_call(
    client: Option<&bidden_client>,
    call: Option<&bidden_call>,
    cancel: Option<&bidden_cancel>,
    reply: Option<&mut MaybeUninit<Option<Box<bidden_reply>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        let reply = Output::new(reply, "reply")?;
        let (client, call) = (present(client, "client")?, present(call, "call")?);
        let cancel = cancel.map_or_else(Cancel::default, |cancel| cancel.0.clone());
        reply.put(Some(Box::new(bidden_reply(client.0.report_unless(&call.0, &cancel).result?))));
        Ok(())
    })
}

/// Makes a handle that can end the waits of calls. Free it with `bidden_cancel_free`.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_cancel_new(
    cancel: Option<&mut MaybeUninit<Option<Box<bidden_cancel>>>>,
    error: Option<&mut MaybeUninit<Option<Box<bidden_error>>>>,
) -> i32 {
    boundary(error, || {
        Output::new(cancel, "cancel")?.put(Some(Box::new(bidden_cancel(Cancel::default()))));
        Ok(())
    })
}

/// Ends the waits of every call that was given this handle, and of those that will be: it stays cancelled. A request in flight
/// is finished, bounded by `timeout_milliseconds`. May be called from any thread. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_cancel_cancel(cancel: Option<&bidden_cancel>) {
    boundary(Or(()), || {
        if let Some(cancel) = cancel {
            cancel.0.cancel();
        }
    })
}

/// Frees a handle; calls that were given it go on. NULL is allowed.
#[unsafe(no_mangle)]
pub extern "C" fn bidden_cancel_free(cancel: Option<Box<bidden_cancel>>) {
    boundary(Or(()), || drop(cancel))
}
