//! Parses the kernel's tables, lines of fields separated by blanks, without allocating.

/// The lines of a file that are not empty.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
}

/// The fields of a line.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty())
}

/// Parses the digits of a field up to the first other character. `None` if it begins with none.
#[inline(never)]
pub(super) fn number(field: &[u8]) -> Option<u64> {
    let digits = field.iter().take_while(|byte| byte.is_ascii_digit());
    let mut any = None;
    for digit in digits {
        let number: u64 = any.unwrap_or(0);
        any = Some(
            number
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit - b'0')),
        );
    }
    any
}

/// The numbers in a line after `skipped` fields; missing ones are 0.
#[inline(never)]
pub(super) fn numbers<const N: usize>(line: &[u8], skipped: usize) -> [u64; N] {
    let mut numbers = [0; N];
    for (place, field) in numbers.iter_mut().zip(fields(line).skip(skipped)) {
        *place = number(field).unwrap_or(0);
    }
    numbers
}

/// The number in a line such as `MemFree:  123 kB` or `usage_usec 123`, given the key at its beginning.
#[inline(never)]
pub(super) fn value(text: &[u8], key: &str) -> Option<u64> {
    let rest = lines(text).find_map(|line| line.strip_prefix(key.as_bytes()))?;
    number(fields(rest).next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_numbers_where_they_begin_with_digits() {
        assert_eq!(numbers::<4>(b"cpu  12 0 x7 8kB", 1), [12, 0, 0, 8]);
        assert_eq!(numbers::<3>(b"intr 5", 1), [5, 0, 0]);
        assert_eq!(number(b""), None);
    }

    #[test]
    fn a_value_follows_its_key() {
        let text = b"MemTotal:  24 kB\nMemFree:   7 kB\n\nusage_usec 9\n";
        assert_eq!(value(text, "MemFree:"), Some(7));
        assert_eq!(value(text, "usage_usec "), Some(9));
        assert_eq!(value(text, "Dirty:"), None);
    }
}
