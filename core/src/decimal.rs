//! A decimal number kept digit for digit.

use std::fmt;

use serde_json::value::RawValue;

use crate::Error;

/// A decimal number as its digits, `-?digits[.digits]`: a price never passes through a binary float. Two decimals are
/// equal when their digits are, so `19.9` is not `19.90`.
///
/// ```
/// let amount = bidden::Decimal::parse("19.90")?;
/// assert_eq!(amount.to_string(), "19.90");
/// assert!(bidden::Decimal::parse("19,90").is_err());
/// # Ok::<(), bidden::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Decimal(String);

/// No binary float that a JSON writer may print needs more places than this.
const LARGEST_EXPONENT: i64 = 400;

impl Decimal {
    /// Reads decimal text such as `19.90`.
    ///
    /// # Errors
    /// `invalid-input`, without a field name: anything but digits with at most one point between them and a minus in front.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Decimal::read(text).ok_or_else(|| Error::invalid_field("decimal", Decimal::EXPECTED))
    }

    /// What a wrong decimal is told.
    pub(crate) const EXPECTED: &'static str = "a decimal number like 19.90 is expected";

    /// As [`Decimal::parse`], for callers that know the field.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        // A JSON number has no leading zeros.
        let is_whole = are_digits(whole) && (whole == "0" || !whole.starts_with('0'));
        (is_whole && fraction.is_none_or(are_digits)).then(|| Decimal(text.to_owned()))
    }

    /// Reads the raw text of a JSON number; an exponent is written out.
    pub(crate) fn read_number(json: &str) -> Option<Self> {
        let json = json.trim();
        let Some((digits, exponent)) = json.split_once(['e', 'E']) else { return Decimal::read(json) };
        let exponent: i64 = exponent.parse().ok().filter(|exponent: &i64| exponent.abs() <= LARGEST_EXPONENT)?;
        let Decimal(digits) = Decimal::read(digits)?;
        let (sign, unsigned) = match digits.strip_prefix('-') {
            Some(unsigned) => ("-", unsigned),
            None => ("", digits.as_str()),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let point = i64::try_from(whole.len()).ok()? + exponent;
        let mut digits = format!("{whole}{fraction}");
        if point <= 0 {
            let zeros = usize::try_from(1 - point).ok()?;
            digits.insert_str(0, &"0".repeat(zeros));
        }
        let point = usize::try_from(point.max(1)).ok()?;
        if point > digits.len() {
            digits.push_str(&"0".repeat(point - digits.len()));
        }
        let (whole, fraction) = digits.split_at(point);
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        Decimal::read(&if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The JSON number with these digits.
    pub(crate) fn to_number(&self) -> Box<RawValue> {
        RawValue::from_string(self.0.clone()).unwrap_or_default()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Decimal({self})")
    }
}

impl std::str::FromStr for Decimal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Decimal::parse(text)
    }
}

/// Zero.
impl Default for Decimal {
    fn default() -> Self {
        Decimal("0".to_owned())
    }
}

/// The neutral form: text, since many readers of JSON turn a number into a binary float.
impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_one_by_one() {
        for text in ["0", "-0", "20", "20.00", "0.10", "19.90", "-19.90", "1234567890123456.78"] {
            let decimal = Decimal::parse(text).unwrap();
            assert_eq!(decimal.as_str(), text);
            assert_eq!(decimal.to_number().get(), text);
        }
    }

    #[test]
    fn what_is_not_a_decimal_is_refused() {
        for text in ["", "-", ".", ".5", "5.", "+5", "007", "-01.5", "1_000", "1,5", "1.2.3", "1e3", "0x1", "NaN", "٣", "19.90 EUR"] {
            assert!(Decimal::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_exponent_is_written_out() {
        for (json, expected) in [
            ("1e2", "100"),
            ("1.5E+1", "15"),
            ("-1.25e1", "-12.5"),
            ("12e-1", "1.2"),
            ("1e-7", "0.0000001"),
            ("-12.5e-2", "-0.125"),
            ("0.5e1", "5"),
            ("0e5", "0"),
            ("1e21", "1000000000000000000000"),
        ] {
            assert_eq!(Decimal::read_number(json).unwrap().as_str(), expected, "{json}");
        }
        assert_eq!(Decimal::read_number("1e999999999"), None);
        assert_eq!(Decimal::read_number("true"), None);
        assert_eq!(Decimal::read_number("\"1\""), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            if let Some(decimal) = Decimal::read_number(&text) {
                proptest::prop_assert!(serde_json::from_str::<f64>(decimal.as_str()).is_ok());
            }
        }

        #[test]
        fn an_exponent_keeps_the_value(number in proptest::num::f64::NORMAL) {
            let decimal = Decimal::read_number(&format!("{number:e}")).unwrap();
            proptest::prop_assert_eq!(decimal.as_str().parse::<f64>().unwrap(), number);
        }
    }
}
