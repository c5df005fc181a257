//! The check digits of identifiers of people and institutions.

/// Whether text is an ORCID identifier, `0000-0002-1825-0097`, with the right check digit (ISO 7064 MOD 11-2).
pub(super) fn is_orcid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != 4 || groups.iter().any(|group| group.len() != 4) {
        return false;
    }
    let digits: Vec<char> = groups.concat().chars().collect();
    let Some((last, first)) = digits.split_last() else { return false };
    let total = first.iter().try_fold(0, |sum: u32, digit| Some((sum + digit.to_digit(10)?) * 2));
    let expected = total.map(|total| match (12 - total % 11) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('X'),
    });
    expected == Some(*last)
}

/// Whether text is the address of a ROR record, `https://ror.org/02mhbdp94`: a zero, six characters of
/// Crockford's base 32, and two check digits (ISO 7064 MOD 97-10).
pub(super) fn is_ror(text: &str) -> bool {
    const ALPHABET: &str = "0123456789abcdefghjkmnpqrstvwxyz";
    let Some(id) = text.strip_prefix("https://ror.org/0") else { return false };
    if id.len() != 8 || !id.is_ascii() {
        return false;
    }
    let (number, check) = id.split_at(6);
    let number = number.chars().try_fold(0u64, |sum, c| Some(sum * 32 + ALPHABET.find(c)? as u64));
    let expected = number.map(|number| 98 - (number * 100) % 97);
    expected.is_some() && check.parse().ok() == expected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orcid_check_digits_hold() {
        // The examples of ORCID's own documentation.
        for good in ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"] {
            assert!(is_orcid(good), "{good}");
        }
        for bad in [
            "0000-0002-1825-0098",
            "0000-0002-1852-0097",
            "0000000218250097",
            "",
            "0000-0002-1694-233x",
            "é000-0002-1825-0097",
            "0000-0002-1825-00977",
        ] {
            assert!(!is_orcid(bad), "{bad}");
        }
    }

    #[test]
    fn ror_check_digits_hold() {
        for good in ["https://ror.org/02mhbdp94", "https://ror.org/03yrm5c26"] {
            assert!(is_ror(good), "{good}");
        }
        for bad in ["https://ror.org/02mhbdp95", "02mhbdp94", "https://ror.org/02mhbdpé", ""] {
            assert!(!is_ror(bad), "{bad}");
        }
    }
}
