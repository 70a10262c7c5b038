//! `BIDDEN_LOG=error|warn|info|debug|trace`: what bidden's own parts do, on standard error. Other crates stay silent,
//! because what they log may hold an address or a key.

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::{Context, Filter, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

struct OwnParts(LevelFilter);

impl<S: Subscriber> Filter<S> for OwnParts {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: &Context<'_, S>) -> bool {
        let target = metadata.target();
        let is_ours = target.split("::").next().is_some_and(|root| root == "bidden" || root.starts_with("bidden_"));
        is_ours && *metadata.level() <= self.0
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0)
    }
}

/// Turns the log on when `BIDDEN_LOG` names a level.
pub(crate) fn start() {
    let Some(level) = std::env::var("BIDDEN_LOG").ok().filter(|text| !text.is_empty()) else { return };
    let Ok(level) = level.parse::<LevelFilter>() else {
        crate::terminal::note("warning: BIDDEN_LOG is ignored; it is one of error, warn, info, debug, trace");
        return;
    };
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_filter(OwnParts(level));
    // A program that embeds the command may have its own log; then that one stays.
    let _ = tracing::subscriber::set_global_default(Registry::default().with(layer));
}
