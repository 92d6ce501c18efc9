//! `derivedFrom`: an element that takes from another what it does not say itself.

use super::{
    super::limits,
    source::{Element, Result, Source, child, child_text, children, path},
};
use roxmltree::NodeId;
use std::collections::HashMap;

/// The elements that others may derive from, by the last part of their names.
pub(super) struct Index<'d> {
    by_name: HashMap<&'d str, Vec<NodeId>>,
    /// Those whose names stand for several.
    arrays: Vec<NodeId>,
}

impl<'d> Index<'d> {
    pub(super) fn new(source: &Source<'d>) -> Self {
        let mut index = Self { by_name: HashMap::new(), arrays: Vec::new() };
        for element in source.document().descendants().filter(|node| node.is_element()) {
            let tag = element.tag_name().name();
            if !matches!(tag, "peripheral" | "cluster" | "register" | "field" | "enumeratedValues") {
                continue;
            }
            if let Some(name) = child_text(element, "name") {
                index.by_name.entry(name).or_default().push(element.id());
                if name.contains("%s") {
                    index.arrays.push(element.id());
                }
            }
        }
        index
    }

    /// The element that `reference` means when `from` says it: of the same kind, with a path that ends with the
    /// reference, and as near as possible.
    fn find(&self, source: &Source<'d>, from: Element<'d>, reference: &str) -> Option<Element<'d>> {
        let parts: Vec<_> = reference.split('.').collect();
        let last = parts.last()?;
        let around: Vec<_> = from.ancestors().map(|ancestor| ancestor.id()).collect();
        let known = self.by_name.get(last).map_or(&[][..], |known| &known[..]);
        let fits = |id: &NodeId| {
            let element = source.document().get_node(*id)?;
            let names = path(element);
            let same = |(name, part): (&&str, &&str)| name == part || is_element_of(part, name);
            let same_kind = element.tag_name() == from.tag_name() && element.id() != from.id();
            (same_kind && names.len() >= parts.len() && names.iter().rev().zip(parts.iter().rev()).all(same))
                .then_some(element)
        };
        // How far one has to go up from the referring element to come to one that is around the other as well.
        let distance = |element: &Element<'d>| {
            let other = |id: &NodeId| element.ancestors().any(|ancestor| ancestor.id() == *id);
            around.iter().position(other).unwrap_or(usize::MAX)
        };
        let nearest = |ids: &[NodeId]| ids.iter().filter_map(fits).min_by_key(distance);
        nearest(known).or_else(|| nearest(&self.arrays))
    }
}

/// Whether `name` is what an array called `pattern` has: `CH3` or `CH[3]` for `CH%s` or `CH[%s]`.
fn is_element_of(name: &str, pattern: &str) -> bool {
    let Some((before, after)) = pattern.split_once("%s") else { return false };
    let middle = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    middle.is_some_and(|index| !index.is_empty() && index.bytes().all(|letter| letter.is_ascii_alphanumeric()))
}

/// An element and those it derives from, nearest first.
#[derive(Clone)]
pub(super) struct Item<'d>(Vec<Element<'d>>);

impl<'d> Item<'d> {
    /// The element with what it derives from.
    pub(super) fn new(source: &Source<'d>, index: &Index<'d>, element: Element<'d>) -> Result<Self> {
        source.visit(element)?;
        let mut chain = vec![element];
        let mut last = element;
        while let Some(reference) = last.attribute("derivedFrom").map(str::trim).filter(|text| !text.is_empty()) {
            let Some(base) = index.find(source, last, reference) else {
                let shown: String = reference.chars().take(limits::NAME).collect();
                let tag = element.tag_name().name();
                return source
                    .error(last, format!("is derived from the {tag} `{shown}`, which the file does not have"));
            };
            if chain.iter().any(|other| other.id() == base.id()) || chain.len() > limits::DERIVATIONS {
                return source.error(element, "is derived from itself");
            }
            chain.push(base);
            last = base;
        }
        Ok(Self(chain))
    }

    /// The element itself.
    pub(super) fn element(&self) -> Element<'d> {
        self.0[0]
    }

    /// The first child element with this tag, of the element itself or else of what it derives from.
    pub(super) fn child(&self, tag: &str) -> Option<Element<'d>> {
        self.0.iter().find_map(|element| child(*element, tag))
    }

    /// The text of that child; an empty one counts as absent.
    pub(super) fn text(&self, tag: &str) -> Option<&'d str> {
        self.0.iter().find_map(|element| child_text(*element, tag))
    }

    /// The number in that child.
    pub(super) fn number(&self, source: &Source<'d>, tag: &str) -> Result<Option<u64>> {
        for element in &self.0 {
            if let Some(number) = source.child_number(*element, tag)? {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// The number in that child, which must be there.
    pub(super) fn required(&self, source: &Source<'d>, tag: &str) -> Result<u64> {
        match self.number(source, tag)? {
            Some(number) => Ok(number),
            None => source.error(self.element(), format!("has no `{tag}`")),
        }
    }

    /// The name of the element itself.
    pub(super) fn name(&self, source: &Source<'d>) -> Result<&'d str> {
        let Some(name) = self.text("name") else {
            return source.error(self.element(), "has no `name`");
        };
        if child_text(self.element(), "name").is_none() {
            source.warn(self.element(), format!("has no `name`: it takes `{name}` from what it is derived from"));
        }
        if name.len() > limits::NAME {
            return source.error(self.element(), format!("has a name of more than {} bytes", limits::NAME));
        }
        Ok(name)
    }

    /// The first in the chain that has a child with one of these tags.
    pub(super) fn with_any(&self, tags: &[&str]) -> Option<Element<'d>> {
        self.0.iter().copied().find(|element| tags.iter().any(|tag| child(*element, tag).is_some()))
    }

    /// All children with this tag, of the first in the chain that has any.
    pub(super) fn children(&self, tag: &'static str) -> Vec<Element<'d>> {
        let all = |element: &Element<'d>| children(*element, tag).collect::<Vec<_>>();
        self.0.iter().map(all).find(|children| !children.is_empty()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::is_element_of;

    #[test]
    fn an_array_has_the_elements_that_fit_its_name() {
        for name in ["CH0", "CH12", "CHA"] {
            assert!(is_element_of(name, "CH%s"), "{name}");
        }
        assert!(is_element_of("CH[3]", "CH[%s]"));
        for name in ["CH", "C0", "CH[3]", "CH.0"] {
            assert!(!is_element_of(name, "CH%s"), "{name}");
        }
    }
}
