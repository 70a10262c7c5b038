//! Who sends: core's client, or whatever stands in for it in a test.

use bidden::client::{Cancel, Client};
use bidden::operation::Report;
use bidden::{AnyCall, BaseUrl, Platform};

/// Sends calls of one platform with one credential.
pub trait Sender {
    /// Whose calls.
    fn platform(&self) -> Platform;

    /// Where they go.
    fn base_url(&self) -> &BaseUrl;

    /// Sends a call, repeats it as its class allows, and says what came of it. Called after the intent is durable.
    fn report(&self, call: &AnyCall, cancel: &Cancel) -> Report;
}

impl Sender for Client {
    fn platform(&self) -> Platform {
        Client::platform(self)
    }

    fn base_url(&self) -> &BaseUrl {
        Client::base_url(self)
    }

    fn report(&self, call: &AnyCall, cancel: &Cancel) -> Report {
        self.report_unless(call, cancel)
    }
}

impl<S: Sender + ?Sized> Sender for Box<S> {
    fn platform(&self) -> Platform {
        (**self).platform()
    }

    fn base_url(&self) -> &BaseUrl {
        (**self).base_url()
    }

    fn report(&self, call: &AnyCall, cancel: &Cancel) -> Report {
        (**self).report(call, cancel)
    }
}

impl<S: Sender + ?Sized> Sender for &S {
    fn platform(&self) -> Platform {
        (**self).platform()
    }

    fn base_url(&self) -> &BaseUrl {
        (**self).base_url()
    }

    fn report(&self, call: &AnyCall, cancel: &Cancel) -> Report {
        (**self).report(call, cancel)
    }
}

macro_rules! typed {
    ($($client:ty),*) => {
        $(
            impl Sender for $client {
                fn platform(&self) -> Platform {
                    Client::platform(self)
                }

                fn base_url(&self) -> &BaseUrl {
                    Client::base_url(self)
                }

                fn report(&self, call: &AnyCall, cancel: &Cancel) -> Report {
                    self.report_unless(call, cancel)
                }
            }
        )*
    };
}

typed!(bidden::imocha::Client, bidden::testinvite::Client, bidden::think_exam::Client);
