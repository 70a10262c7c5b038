//! Think Exam's switches: `docs/platforms/think-exam.md` section 9.

use crate::Platform;
use crate::engine::dialect::switches;

switches! { Platform::ThinkExam;
    /// Whether a repeated assignment that asks for mail mails again.
    repeat_mail: flag() = "repeat-mail", "on", "C38";
}
