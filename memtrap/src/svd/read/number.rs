//! Numbers and truth values, as the schema and as vendors write them.

use super::source::{Element, Result, Source, child, text};

/// A number, and the bits of it that the text cares about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: u64,
    pub(super) mask: u64,
    /// What is unusual about the way it is written.
    pub(super) odd: Option<&'static str>,
}

/// Parses a `scaledNonNegativeInteger`: decimal, `0x` hexadecimal, `#` or `0b` binary with `x` for bits that do not matter,
/// and a suffix `k`, `M`, `G` or `T`. Beyond that, `_` between digits and the suffixes of C.
pub(super) fn parse(text: &str) -> Option<Number> {
    let mut odd = None;
    let text = text.strip_prefix('+').unwrap_or(text);
    let mut digits = text.to_ascii_lowercase();
    if digits.contains('_') {
        odd = Some("has underscores");
        digits.retain(|letter| letter != '_');
    }
    let without_suffix = digits.trim_end_matches(['u', 'l']);
    if without_suffix.len() < digits.len() {
        odd = Some("has a suffix of C");
        digits.truncate(without_suffix.len());
    }
    let (radix, digits) = if let Some(hexadecimal) = digits.strip_prefix("0x") {
        (16, hexadecimal)
    } else if let Some(binary) = digits.strip_prefix('#').or_else(|| digits.strip_prefix("0b")) {
        return binary_with_gaps(binary, odd);
    } else {
        (10, &*digits)
    };
    // Of the scales only those that are not digits of the number.
    let scale = ["k", "m", "g", "t"]
        .iter()
        .zip([10, 20, 30, 40])
        .find_map(|(scale, shift)| Some((digits.strip_suffix(scale)?, shift)));
    let (digits, shift) = scale.unwrap_or((digits, 0));
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?.checked_mul(1 << shift)?;
    Some(Number { value, mask: u64::MAX, odd })
}

fn binary_with_gaps(digits: &str, odd: Option<&'static str>) -> Option<Number> {
    if digits.is_empty() || digits.len() > 64 {
        return None;
    }
    digits.bytes().try_fold(Number { value: 0, mask: u64::MAX, odd }, |number, digit| {
        let (bit, matters) = match digit {
            b'0' => (0, 1),
            b'1' => (1, 1),
            b'x' => (0, 0),
            _ => return None,
        };
        Some(Number { value: number.value << 1 | bit, mask: number.mask << 1 | matters, odd })
    })
}

impl<'d> Source<'d> {
    /// The number in an element.
    pub(super) fn number(&self, element: Element<'d>) -> Result<Number> {
        let text = text(element);
        let tag = element.tag_name().name();
        let parent = element.parent().unwrap_or(element);
        let Some(number) = parse(text) else {
            let shown: String = text.chars().take(40).collect();
            return self.error(parent, format!("`{tag}` is not a number: `{shown}`"));
        };
        if let Some(odd) = number.odd {
            self.warn(parent, format!("`{tag}` {odd}: `{text}`"));
        }
        Ok(number)
    }

    /// The number in the child element with this tag, if there is one.
    pub(super) fn child_number(&self, element: Element<'d>, tag: &str) -> Result<Option<u64>> {
        match child(element, tag) {
            Some(child) if text(child).is_empty() => {
                self.warn(element, format!("`{tag}` is empty: it is ignored"));
                Ok(None)
            }
            Some(child) => self.number(child).map(|number| Some(number.value)),
            None => Ok(None),
        }
    }
}

/// The truth value in an element.
pub(super) fn is_true(text: &str) -> bool {
    matches!(text, "1") || text.eq_ignore_ascii_case("true")
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers_are_those_of_the_schema_and_of_vendors() {
        let values = ["0", "42", "0x4000_4000", "0XfF", "#101", "0b11", "4k", "0x10K", "1M", "+7", "0x10UL", "08"];
        let parsed: Vec<_> = values.iter().map(|text| parse(text).map(|number| number.value)).collect();
        let expected = [0, 42, 0x4000_4000, 0xff, 5, 3, 4096, 0x4000, 1 << 20, 7, 0x10, 8].map(Some);
        assert_eq!(parsed, expected);
        for wrong in
            ["", "0x", "x", "-1", "+-1", "1.5", "0b", "#", "#2", "99999999999999999999", "4G4", "0xfffffffffffffffft"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn bits_that_do_not_matter_are_masked() {
        let number = parse("#1x0x").expect("it is a number");
        assert_eq!((number.value, number.mask & 0xf), (0b1000, 0b1010));
    }
}
