//! Arrays: `dim`, `dimIncrement` and `dimIndex`.

use super::{
    super::limits,
    derive::Item,
    source::{Result, Source, child, text},
};
use std::borrow::Cow;

/// The elements of what may be an array.
pub(super) struct Elements<'d> {
    name: &'d str,
    /// `None` for what is not an array.
    dim: Option<Dim<'d>>,
}

struct Dim<'d> {
    count: u64,
    increment: u64,
    /// What takes the place of `%s`, if it is not the number of the element.
    indexes: Option<Vec<Cow<'d, str>>>,
}

impl<'d> Elements<'d> {
    pub(super) fn new(source: &Source<'d>, item: &Item<'d>) -> Result<Self> {
        let name = item.name(source)?;
        let element = item.element();
        let has_place = name.contains("%s");
        let own = child(element, "dim").is_some();
        // An element with a plain name that derives from an array is one of its elements.
        if !own && !has_place {
            return Ok(Self { name, dim: None });
        }
        let Some(count) = item.number(source, "dim")? else {
            source.warn(element, "has `%s` in its name but no `dim`: it is no array");
            return Ok(Self { name, dim: None });
        };
        if count == 0 || count > limits::DIM {
            return source.error(element, format!("has {count} elements; `dim` is from 1 to {}", limits::DIM));
        }
        if !has_place {
            source.warn(element, "is an array without `%s` in its name: the index is put behind it");
        }
        let increment = match item.number(source, "dimIncrement")? {
            Some(increment) => increment,
            None if count == 1 => 0,
            None => return source.error(element, "is an array without `dimIncrement`"),
        };
        let indexes = item.child("dimIndex").map(text).filter(|text| !text.is_empty());
        let indexes = indexes.and_then(|text| {
            let indexes = parse_indexes(text, count);
            if indexes.is_none() {
                let shown: String = text.chars().take(80).collect();
                source.warn(
                    element,
                    format!("has {count} elements, but `dimIndex` is `{shown}`: they are numbered from 0"),
                );
            }
            indexes
        });
        // Not worth keeping if they are the numbers.
        let indexes = indexes.filter(|indexes| indexes.iter().enumerate().any(|(n, index)| **index != n.to_string()));
        Ok(Self { name, dim: Some(Dim { count, increment, indexes }) })
    }

    /// Number of the elements and the distance of their starts, in bytes (in bits for fields), if it is an array whose
    /// elements have the same name but for an index in brackets: the name without the brackets.
    pub(super) fn as_array(&self) -> Option<(&'d str, u64, u64)> {
        let dim = self.dim.as_ref()?;
        let name = self.name.strip_suffix("[%s]").filter(|name| !name.contains("%s") && !name.is_empty())?;
        dim.indexes.is_none().then_some((name, dim.count, dim.increment))
    }

    /// Each element: its name, and its distance from the first.
    pub(super) fn each(&self) -> impl Iterator<Item = (Cow<'d, str>, u64)> {
        let count = self.dim.as_ref().map_or(1, |dim| dim.count);
        (0..count).map(|number| match &self.dim {
            None => (Cow::Borrowed(self.name), 0),
            Some(dim) => {
                let index =
                    dim.indexes.as_ref().and_then(|indexes| indexes.get(usize::try_from(number).ok()?).cloned());
                let index = index.unwrap_or_else(|| Cow::Owned(number.to_string()));
                let name = if self.name.contains("%s") {
                    self.name.replacen("%s", &index, 1)
                } else {
                    format!("{}{index}", self.name)
                };
                (Cow::Owned(name), number.saturating_mul(dim.increment))
            }
        })
    }
}

/// `0-3`, `A-D` or `A,B,C`, if they are `count`.
fn parse_indexes(text: &str, count: u64) -> Option<Vec<Cow<'_, str>>> {
    let indexes: Vec<_> = match text.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (first.trim(), last.trim());
            if let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.parse::<u64>()) {
                if last.checked_sub(first)?.checked_add(1)? != count {
                    return None;
                }
                (first..=last).map(|index| Cow::Owned(index.to_string())).collect()
            } else {
                let (&[first], &[last]) = (first.as_bytes(), last.as_bytes()) else { return None };
                let letters = first.is_ascii_uppercase() && last.is_ascii_uppercase()
                    || first.is_ascii_lowercase() && last.is_ascii_lowercase();
                letters.then(|| (first..=last).map(|letter| Cow::Owned(char::from(letter).to_string())).collect())?
            }
        }
        None => {
            text.split(',').take(usize::try_from(count).ok()? + 1).map(|index| Cow::Borrowed(index.trim())).collect()
        }
    };
    (indexes.len() as u64 == count).then_some(indexes)
}

#[cfg(test)]
mod tests {
    use super::parse_indexes;

    #[test]
    fn indexes_are_numbers_letters_or_a_list() {
        assert_eq!(parse_indexes("3-5", 3).expect("a range"), ["3", "4", "5"]);
        assert_eq!(parse_indexes("A-C", 3).expect("letters"), ["A", "B", "C"]);
        assert_eq!(parse_indexes("TX, RX", 2).expect("a list"), ["TX", "RX"]);
        for (wrong, count) in [("3-5", 2), ("5-3", 3), ("A-c", 3), ("0-4294967295", 3), ("a,b", 3), ("a,b,c,d", 3)] {
            assert_eq!(parse_indexes(wrong, count), None, "{wrong}");
        }
    }
}
