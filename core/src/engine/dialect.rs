//! The platforms' switches, typed: how the sandbox answers where the documentation is silent or has changed.
//!
//! Each platform's switches stand in one table in its own folder, from which come the typed fields that the rules read, what
//! `--switch NAME=VALUE` and the control plane take, and the printed documentation. Every default is the choice that the
//! platform's reference states.

use crate::Platform;

use super::{imocha, testinvite, think_exam};

/// One row of a table of switches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Switch {
    /// Whose switch.
    pub platform: Platform,
    /// Its name, as the reference writes it.
    pub name: &'static str,
    /// What it can be set to.
    pub values: Values,
    /// What it is unless somebody sets it.
    pub default: &'static str,
    /// Where the reference speaks of it.
    pub source: &'static str,
    /// What it changes.
    pub about: &'static str,
}

/// What a switch can be set to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Values {
    /// `off` or `on`.
    Flag,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A whole number from the first to the second.
    Number(i64, i64),
    /// `off`, or a whole number from the first to the second.
    Limit(i64, i64),
    /// Any text that is not empty.
    Text,
    /// The name of a header.
    HeaderName,
    /// `none`, or a header as `Name: value`.
    Header,
}

impl std::fmt::Display for Values {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Values::Flag => formatter.write_str("off, on"),
            Values::Words(words) => formatter.write_str(&words.join(", ")),
            Values::Number(least, most) => write!(formatter, "{least} to {most}"),
            Values::Limit(least, most) => write!(formatter, "off, {least} to {most}"),
            Values::Text => formatter.write_str("a text"),
            Values::HeaderName => formatter.write_str("the name of a header"),
            Values::Header => formatter.write_str("none, a header as Name: value"),
        }
    }
}

/// How a switch's value is read and shown.
pub(super) trait Setting: Sized {
    fn read(values: Values, text: &str) -> Option<Self>;
    fn show(&self) -> String;
}

impl Setting for bool {
    fn read(_: Values, text: &str) -> Option<Self> {
        match text {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        }
    }

    fn show(&self) -> String {
        if *self { "on" } else { "off" }.to_owned()
    }
}

impl Setting for &'static str {
    fn read(values: Values, text: &str) -> Option<Self> {
        let Values::Words(words) = values else { return None };
        words.iter().copied().find(|word| *word == text)
    }

    fn show(&self) -> String {
        (*self).to_owned()
    }
}

impl Setting for i64 {
    fn read(values: Values, text: &str) -> Option<Self> {
        let (Values::Number(least, most) | Values::Limit(least, most)) = values else { return None };
        text.parse().ok().filter(|number| (least..=most).contains(number))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for Option<i64> {
    fn read(values: Values, text: &str) -> Option<Self> {
        if text == "off" { Some(None) } else { i64::read(values, text).map(Some) }
    }

    fn show(&self) -> String {
        self.map_or_else(|| "off".to_owned(), |number| number.to_string())
    }
}

impl Setting for String {
    fn read(values: Values, text: &str) -> Option<Self> {
        let is_name = |name: &str| http::HeaderName::from_bytes(name.as_bytes()).is_ok();
        let is_taken = match values {
            Values::HeaderName => is_name(text),
            Values::Header => {
                let parts = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
                text == "none" || parts.is_some_and(|(name, value)| is_name(name) && http::HeaderValue::from_str(value).is_ok())
            }
            _ => !text.is_empty(),
        };
        is_taken.then(|| text.to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

/// A platform's table: a typed field per switch, and the rows.
macro_rules! switches {
    (@values flag()) => { $crate::engine::dialect::Values::Flag };
    (@values words($($word:literal),+)) => { $crate::engine::dialect::Values::Words(&[$($word),+]) };
    (@values number($least:literal, $most:literal)) => { $crate::engine::dialect::Values::Number($least, $most) };
    (@values limit($least:literal, $most:literal)) => { $crate::engine::dialect::Values::Limit($least, $most) };
    (@values text()) => { $crate::engine::dialect::Values::Text };
    (@values header_name()) => { $crate::engine::dialect::Values::HeaderName };
    (@values header()) => { $crate::engine::dialect::Values::Header };
    (@type flag) => { bool };
    (@type words) => { &'static str };
    (@type number) => { i64 };
    (@type limit) => { Option<i64> };
    (@type text) => { String };
    (@type header_name) => { String };
    (@type header) => { String };
    ($platform:expr; $($(#[doc = $about:literal])+ $field:ident: $kind:ident($($argument:tt)*) = $name:literal, $default:literal, $source:literal;)*) => {
        /// The rows, in the order of the reference.
        pub(crate) static TABLE: &[$crate::engine::dialect::Switch] = &[$(
            $crate::engine::dialect::Switch {
                platform: $platform,
                name: $name,
                values: $crate::engine::dialect::switches!(@values $kind($($argument)*)),
                default: $default,
                source: $source,
                about: concat!($($about),+).trim_ascii(),
            },
        )*];

        /// The platform's switches as they stand.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct Switches {
            $($(#[doc = $about])+ pub $field: $crate::engine::dialect::switches!(@type $kind),)*
        }

        impl Default for Switches {
            fn default() -> Self {
                use $crate::engine::dialect::Setting;
                // A default that its own row does not take would be caught by the test over the tables.
                Switches {
                    $($field: Setting::read($crate::engine::dialect::switches!(@values $kind($($argument)*)), $default).unwrap_or_default(),)*
                }
            }
        }

        impl Switches {
            /// Sets the switch of a name; `false` when the value is none of its values.
            pub(crate) fn set(&mut self, name: &str, value: &str) -> bool {
                use $crate::engine::dialect::Setting;
                $(
                    if name == $name {
                        let read = Setting::read($crate::engine::dialect::switches!(@values $kind($($argument)*)), value);
                        return read.map(|read| self.$field = read).is_some();
                    }
                )*
                false
            }

            /// The value of the switch of a name.
            pub(crate) fn value(&self, name: &str) -> Option<String> {
                use $crate::engine::dialect::Setting;
                $(
                    if name == $name {
                        return Some(self.$field.show());
                    }
                )*
                None
            }
        }
    };
}
pub(super) use switches;

/// How the three platforms answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dialect {
    /// iMocha's switches.
    pub imocha: imocha::dialect::Switches,
    /// Think Exam's switches.
    pub think_exam: think_exam::dialect::Switches,
    /// TestInvite's switches.
    pub testinvite: testinvite::dialect::Switches,
}

impl Dialect {
    /// The one table of switches, platform by platform.
    pub fn table() -> impl Iterator<Item = &'static Switch> {
        [imocha::dialect::TABLE, think_exam::dialect::TABLE, testinvite::dialect::TABLE].into_iter().flatten()
    }

    /// Sets a switch. A name that more than one platform has is set on all of them, or on one as `PLATFORM.NAME`.
    ///
    /// ```
    /// use bidden::engine::Dialect;
    /// let mut dialect = Dialect::default();
    /// dialect.set("imocha.repeat-mail", "off")?;
    /// assert!(!dialect.imocha.repeat_mail);
    /// assert!(dialect.set("imocha.repeat-mail", "sometimes").is_err());
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong: an unknown name, or a value that the switch does not take and those that it takes.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let (platform, bare) = match name.split_once('.') {
            Some((slug, bare)) => match Platform::from_slug(slug) {
                Some(platform) => (Some(platform), bare),
                None => return Err(format!("{name}: there is no platform “{slug}”; there are imocha, think-exam and testinvite")),
            },
            None => (None, name),
        };
        let mut found = false;
        for switch in Dialect::table().filter(|row| row.name == bare && platform.is_none_or(|platform| platform == row.platform)) {
            found = true;
            let is_set = match switch.platform {
                Platform::Imocha => self.imocha.set(bare, value),
                Platform::ThinkExam => self.think_exam.set(bare, value),
                Platform::TestInvite => self.testinvite.set(bare, value),
            };
            if !is_set {
                return Err(format!("{}.{bare} is one of {}, not “{value}”", switch.platform, switch.values));
            }
        }
        if found { Ok(()) } else { Err(format!("there is no switch “{name}”; GET /_sandbox/switches lists them")) }
    }

    /// The value of a switch as text.
    #[must_use]
    pub fn value(&self, switch: &Switch) -> String {
        match switch.platform {
            Platform::Imocha => self.imocha.value(switch.name),
            Platform::ThinkExam => self.think_exam.value(switch.name),
            Platform::TestInvite => self.testinvite.value(switch.name),
        }
        .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_cannot_be_sent_is_no_value() {
        let mut dialect = Dialect::default();
        for (name, value) in
            [("testinvite.auth-header", "X-Token"), ("testinvite.callback-header", "X-Key: a b"), ("callback-header", "none")]
        {
            assert_eq!(dialect.set(name, value), Ok(()));
        }
        for (name, value) in [
            ("auth-header", ""),
            ("auth-header", "X Token"),
            ("callback-header", "X-Key"),
            ("callback-header", "X Key: a"),
            ("callback-header", "X-Key: a\r\nX-Other: b"),
        ] {
            assert!(dialect.set(name, value).unwrap_err().contains("header"), "{name} {value:?}");
        }
    }

    #[test]
    fn every_default_is_a_value_of_its_switch_and_no_name_stands_twice_on_a_platform() {
        let mut seen = std::collections::HashSet::new();
        for switch in Dialect::table() {
            let name = format!("{}.{}", switch.platform, switch.name);
            let mut dialect = Dialect::default();
            assert_eq!(dialect.set(&name, switch.default), Ok(()));
            assert_eq!(dialect.value(switch), switch.default, "{name}");
            assert_eq!(dialect, Dialect::default(), "{name}");
            assert!(seen.insert(name.clone()), "{name}");
            assert!(!switch.about.is_empty() && !switch.source.is_empty(), "{name}");
        }
    }
}
