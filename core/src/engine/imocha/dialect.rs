//! iMocha's switches: `docs/platforms/imocha.md` section 22.

use crate::Platform;
use crate::engine::dialect::switches;

switches! { Platform::Imocha;
    /// Whether a repeat that asks for mail mails again.
    repeat_mail: flag() = "repeat-mail", "on", "choice 40";
}
