//! The text of a Parquet value.

use std::fmt::{Debug, Write as _};

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::schema::types::ColumnDescriptor;

use super::super::cell::float_text;
use super::time::{date, time, timestamp};

/// The most digits after the point of a decimal.
const MAX_SCALE: u32 = 38;

/// How the values of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Numbers and truth as they are.
    Plain,
    /// Integers whose sign bit is a digit.
    Unsigned,
    /// Digits with so many after the point.
    Decimal(u32),
    /// Days since 1970.
    Date,
    /// So many parts of a second since midnight.
    Time(i64),
    /// So many parts of a second since 1970, in UTC or where the reader is.
    Timestamp { parts: i64, utc: bool },
    /// UTF-8.
    Text,
    /// 16 bytes.
    Uuid,
}

/// A value has no text: the file is damaged, or the bytes are none of UTF-8.
#[derive(Debug)]
pub(super) struct Unspelt;

impl Spelling {
    /// How the values of a column are written, or what it holds that cannot be.
    pub(super) fn of(column: &ColumnDescriptor) -> Result<Self, String> {
        let physical = column.physical_type();
        let spelling = match column.logical_type_ref() {
            Some(logical) => Self::of_logical(logical),
            None => Self::of_converted(column),
        };
        let spelling = match (spelling, physical) {
            (Some(Self::Plain), Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY) => Some(Self::Text),
            (spelling, _) => spelling,
        };
        let what = || match column.logical_type_ref() {
            Some(logical) => format!("{logical:?}"),
            None => format!("{}", column.converted_type()),
        };
        let spelling = spelling.ok_or_else(what)?;
        if spelling.suits(physical, column.type_length()) { Ok(spelling) } else { Err(what()) }
    }

    fn of_logical(logical: &LogicalType) -> Option<Self> {
        let parts = |unit: &TimeUnit| match unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        };
        match logical {
            LogicalType::String | LogicalType::Enum | LogicalType::Json => Some(Self::Text),
            LogicalType::Integer(int) if int.is_signed => Some(Self::Plain),
            LogicalType::Integer(_) => Some(Self::Unsigned),
            LogicalType::Unknown => Some(Self::Plain),
            LogicalType::Decimal(decimal) => Self::decimal(decimal.scale),
            LogicalType::Date => Some(Self::Date),
            LogicalType::Time(time) => Some(Self::Time(parts(&time.unit))),
            LogicalType::Timestamp(time) => {
                let utc = time.is_adjusted_to_u_t_c;
                Some(Self::Timestamp { parts: parts(&time.unit), utc })
            }
            LogicalType::Uuid => Some(Self::Uuid),
            _ => None,
        }
    }

    /// The older way of saying it.
    fn of_converted(column: &ColumnDescriptor) -> Option<Self> {
        match column.converted_type() {
            ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64 => Some(Self::Plain),
            ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Some(Self::Text),
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64 => Some(Self::Unsigned),
            ConvertedType::DECIMAL => Self::decimal(column.type_scale()),
            ConvertedType::DATE => Some(Self::Date),
            ConvertedType::TIME_MILLIS => Some(Self::Time(1_000)),
            ConvertedType::TIME_MICROS => Some(Self::Time(1_000_000)),
            ConvertedType::TIMESTAMP_MILLIS => Some(Self::Timestamp { parts: 1_000, utc: true }),
            ConvertedType::TIMESTAMP_MICROS => {
                Some(Self::Timestamp { parts: 1_000_000, utc: true })
            }
            _ => None,
        }
    }

    fn decimal(scale: i32) -> Option<Self> {
        u32::try_from(scale).ok().filter(|scale| *scale <= MAX_SCALE).map(Self::Decimal)
    }

    /// Whether it is meant for values of a physical type; only text may be of any length.
    fn suits(self, physical: Type, length: i32) -> bool {
        let is_integer = matches!(physical, Type::INT32 | Type::INT64);
        let is_bytes = matches!(physical, Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY);
        match self {
            Self::Plain => !is_bytes,
            Self::Unsigned | Self::Time(_) | Self::Timestamp { .. } => is_integer,
            Self::Date => physical == Type::INT32,
            Self::Decimal(_) => is_integer || is_bytes,
            Self::Text => is_bytes,
            Self::Uuid => physical == Type::FIXED_LEN_BYTE_ARRAY && length == 16,
        }
    }

    /// Appends a 32-bit integer.
    pub(super) fn int32(self, value: i32, text: &mut String) {
        match self {
            Self::Unsigned => self.int64(i64::from(value.cast_unsigned()), text),
            _ => self.int64(i64::from(value), text),
        }
    }

    /// Appends a 64-bit integer.
    pub(super) fn int64(self, value: i64, text: &mut String) {
        match self {
            Self::Unsigned => text.push_str(&value.cast_unsigned().to_string()),
            Self::Decimal(scale) => decimal(i128::from(value), scale, text),
            Self::Date => date(value, text),
            Self::Time(parts) => time(value, parts, text),
            Self::Timestamp { parts, utc } => {
                timestamp(value, parts, text);
                text.push_str(if utc { "Z" } else { "" });
            }
            Self::Plain | Self::Text | Self::Uuid => {
                // Writing to a string cannot fail.
                let _ = write!(text, "{value}");
            }
        }
    }

    /// Appends bytes.
    pub(super) fn bytes(self, value: &[u8], text: &mut String) -> Result<(), Unspelt> {
        match self {
            Self::Decimal(scale) => decimal(big_endian(value).ok_or(Unspelt)?, scale, text),
            Self::Uuid => {
                for (at, byte) in value.iter().enumerate() {
                    text.push_str(if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" });
                    let _ = write!(text, "{byte:02x}");
                }
            }
            _ => text.push_str(std::str::from_utf8(value).map_err(|_| Unspelt)?),
        }
        Ok(())
    }
}

/// Appends a float unless it is NaN.
pub(super) fn float(value: impl Debug, is_nan: bool, text: &mut String) {
    if !is_nan {
        float_text(value, text);
    }
}

/// A number of up to 16 bytes in two's complement.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let negative = bytes.first()? >> 7 == 1;
    let mut all = [if negative { 0xff } else { 0 }; 16];
    let start = all.len().checked_sub(bytes.len())?;
    all[start..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(all))
}

/// Appends an integer with so many of its digits after the point.
fn decimal(value: i128, scale: u32, text: &mut String) {
    let sign = if value < 0 { "-" } else { "" };
    let scale = scale as usize;
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let point = if scale > 0 { "." } else { "" };
    for part in [sign, whole, point, fraction] {
        text.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_all_their_digits() {
        for (value, scale, expected) in [
            (12345, 2, "123.45"),
            (-5, 2, "-0.05"),
            (0, 3, "0.000"),
            (7, 0, "7"),
            (i128::MIN, 38, "-1.70141183460469231731687303715884105728"),
        ] {
            let mut text = String::new();
            decimal(value, scale, &mut text);
            assert_eq!(text, expected);
        }
        assert_eq!(big_endian(&[0xff, 0x85]), Some(-123));
        assert_eq!(big_endian(&[0x7b]), Some(123));
        assert_eq!(big_endian(&[]), None);
        assert_eq!(big_endian(&[0; 17]), None);
    }
}
