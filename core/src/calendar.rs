//! The Gregorian calendar between milliseconds since 1970 UTC and the two ways in which moments are written: RFC 3339, and the
//! headers of HTTP.
//!
//! Written here, because a library of time zones behind two fixed formats is a sixth of libbidden; a test holds it to such a
//! library, day for day. Time zones themselves are that library's, behind the feature `zones`.

use std::fmt;

const MILLISECONDS_OF_A_DAY: i64 = 86_400_000;

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What a text says of a moment, in milliseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Written {
    /// A moment.
    Utc(i64),
    /// A date, with or without a time, whose zone is not given: as if it were UTC.
    Local(i64),
}

/// The days from 1970-01-01 to a date. `None` when the calendar has no such date.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=12).contains(&month) || !(1..=length).contains(&day) {
        return None;
    }
    // A year that begins in March ends with its leap day, so the lengths of the months before it follow one line.
    let year = if month < 3 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468)
}

/// The date that lies so many days after 1970-01-01: year, month, day.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (era * 400 + year_of_era + i64::from(month < 3), month, day)
}

/// A text that is read from its beginning.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// The next byte, if it is one of those.
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// A number of exactly so many digits, not larger than the largest.
    fn number(&mut self, digits: usize, largest: i64) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let value = number.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))?;
        self.0 = rest;
        (value <= largest).then_some(value)
    }

    /// `YYYY-MM-DD`, as days since 1970.
    fn date(&mut self) -> Option<i64> {
        let year = self.number(4, 9999)?;
        self.one_of(b"-")?;
        let month = self.number(2, 12)?;
        self.one_of(b"-")?;
        days(year, month, self.number(2, 31)?)
    }

    /// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fraction`, as milliseconds of the day. A leap second is the second before it.
    fn time(&mut self) -> Option<i64> {
        let hour = self.number(2, 23)?;
        self.one_of(b":")?;
        let minute = self.number(2, 59)?;
        let mut milliseconds = (hour * 60 + minute) * 60_000;
        if self.one_of(b":").is_some() {
            milliseconds += self.number(2, 60)?.min(59) * 1000;
            if self.one_of(b".").is_some() {
                let mut worth = 100;
                self.number(1, 9).map(|digit| milliseconds += digit * worth)?;
                while let Some(digit) = self.number(1, 9) {
                    worth /= 10;
                    milliseconds += digit * worth;
                }
            }
        }
        Some(milliseconds)
    }

    /// `Z`, `+hh:mm` or `+hhmm`, as milliseconds ahead of UTC.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = self.number(2, 23)?;
        self.one_of(b":");
        Some(sign * (hours * 60 + self.number(2, 59)?) * 60_000)
    }

    fn end<T>(self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

/// Reads RFC 3339, with or without seconds, and the same without a zone or a time.
pub fn read(text: &str) -> Option<Written> {
    let mut reader = Reader(text.as_bytes());
    let midnight = reader.date()? * MILLISECONDS_OF_A_DAY;
    if reader.one_of(b"Tt ").is_none() {
        return reader.end(Written::Local(midnight));
    }
    let moment = midnight + reader.time()?;
    if reader.0.is_empty() {
        return Some(Written::Local(moment));
    }
    let offset = reader.offset()?;
    reader.end(Written::Utc(moment - offset))
}

/// Writes RFC 3339 in UTC, with as many digits of a second as there are.
pub fn write(milliseconds: i64, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (year, month, day) = date(milliseconds.div_euclid(MILLISECONDS_OF_A_DAY));
    let (second, fraction) = (milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    let (hour, minute, second) = clock(second);
    write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
    match fraction {
        0 => {}
        _ if fraction % 100 == 0 => write!(formatter, ".{}", fraction / 100)?,
        _ if fraction % 10 == 0 => write!(formatter, ".{:02}", fraction / 10)?,
        _ => write!(formatter, ".{fraction:03}")?,
    }
    formatter.write_str("Z")
}

/// Hour, minute and second of a moment in seconds.
fn clock(seconds: i64) -> (i64, i64, i64) {
    let second = seconds.rem_euclid(86_400);
    (second / 3600, second / 60 % 60, second % 60)
}

/// The form of HTTP headers of a moment in seconds, e.g. `Tue, 14 Nov 2023 22:13:20 GMT` (RFC 9110, section 5.6.7).
pub fn to_http_date(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = clock(seconds);
    let name = |names: &[&'static str], index: i64| usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or("");
    let (weekday, month) = (name(&WEEKDAYS, (days + 4).rem_euclid(7)), name(&MONTHS, month - 1));
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Reads the form of HTTP headers, as milliseconds since 1970. The weekday follows from the date, so it is not looked at.
pub fn from_http_date(text: &str) -> Option<i64> {
    let (weekday, rest) = text.split_once(", ")?;
    let mut reader = Reader(rest.as_bytes());
    let day = reader.number(2, 31)?;
    reader.one_of(b" ")?;
    let (month, rest) = reader.0.split_at_checked(3)?;
    let month = (1..).zip(MONTHS).find_map(|(number, name)| (name.as_bytes() == month).then_some(number))?;
    reader.0 = rest;
    reader.one_of(b" ")?;
    let midnight = days(reader.number(4, 9999)?, month, day)? * MILLISECONDS_OF_A_DAY;
    reader.one_of(b" ")?;
    let moment = midnight + reader.time()?;
    (WEEKDAYS.contains(&weekday) && reader.0 == b" GMT").then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use jiff::civil::DateTime;
    use proptest::prelude::*;

    struct Rfc3339(i64);

    impl fmt::Display for Rfc3339 {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write(self.0, formatter)
        }
    }

    fn library(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    #[test]
    fn every_day_of_ten_thousand_years_is_the_librarys() {
        let first = days(0, 1, 1).unwrap();
        let last = days(9999, 12, 31).unwrap();
        let mut expected = jiff::civil::date(0, 1, 1);
        for day in first..=last {
            let (year, month, day_of_month) = date(day);
            let found = (i64::from(expected.year()), i64::from(expected.month()), i64::from(expected.day()));
            assert_eq!((year, month, day_of_month), found);
            assert_eq!(days(year, month, day_of_month), Some(day));
            if day < last {
                expected = expected.tomorrow().unwrap();
            }
        }
        assert_eq!(expected, jiff::civil::date(9999, 12, 31));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2026-02-29",
            "2100-02-29",
            "2026-04-31",
            "2026-00-10",
            "2026-13-10",
            "2026-01-00",
            "26-01-01",
            "+2026-01-01",
            "2026-01-31T24:00Z",
            "2026-01-31T09Z",
            "2026-01-31T09:60Z",
            "2026-01-31T09:00:61Z",
            "2026-01-31T09:00:00.Z",
            "2026-01-31T09:00:00+1",
            "2026-01-31T09:00:00+01:60",
            "2026-01-31T09:00:00Z ",
            "2026-01-31T",
            "",
            "heute",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn fractions_leap_seconds_and_offsets_are_read() {
        for (text, same) in [
            ("2026-01-31T09:00:00.5Z", "2026-01-31T09:00:00.500Z"),
            ("2026-01-31T09:00:00.123456789Z", "2026-01-31T09:00:00.123Z"),
            ("2026-01-31t09:00:00z", "2026-01-31T09:00:00Z"),
            ("2026-01-31 09:00:00+0530", "2026-01-31T03:30:00Z"),
            ("2026-01-31T09:00-08:00", "2026-01-31T17:00:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ] {
            let library: Timestamp = same.parse().unwrap();
            assert_eq!(read(text), Some(Written::Utc(library.as_millisecond())), "{text}");
        }
    }

    proptest! {
        #[test]
        fn moments_are_written_and_read_as_the_library_does(milliseconds in -62_167_219_200_000_i64..=253_402_300_799_999) {
            let text = Rfc3339(milliseconds).to_string();
            prop_assert_eq!(&text, &library(milliseconds).to_string());
            prop_assert_eq!(read(&text), Some(Written::Utc(milliseconds)));
            let local: DateTime = text.trim_end_matches('Z').parse().unwrap();
            prop_assert_eq!(read(&local.to_string()), Some(Written::Local(milliseconds)));
        }

        #[test]
        fn http_dates_are_the_librarys(seconds in -62_167_219_200_i64..=253_402_300_799) {
            let text = to_http_date(seconds);
            let expected = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&library(seconds * 1000)).unwrap();
            prop_assert_eq!(&text, &expected);
            prop_assert_eq!(from_http_date(&text), Some(seconds * 1000));
        }

        #[test]
        fn what_is_read_the_library_reads_alike(text in "20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{1,9})?)?(Z|[+-][01][0-9]:[0-5][0-9])") {
            let expected = text.parse::<Timestamp>().ok().map(|moment| Written::Utc(moment.as_nanosecond().div_euclid(1_000_000).try_into().unwrap()));
            prop_assert_eq!(read(&text), expected);
        }
    }
}
