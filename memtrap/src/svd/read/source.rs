//! The XML tree of a file: its elements with their lines, the warnings so far, and what is left of the limits.

use super::super::{
    finding::{LoadError, Warning},
    limits,
};
use roxmltree::{Document, Node};
use std::cell::{Cell, RefCell};

/// An element of the file.
pub(super) type Element<'d> = Node<'d, 'd>;

/// What is wrong with an element that cannot be used.
pub(super) type Result<T> = std::result::Result<T, LoadError>;

/// The file, while it is read.
pub(super) struct Source<'d> {
    document: &'d Document<'d>,
    /// Offsets of the first byte of each line.
    lines: Vec<usize>,
    warnings: RefCell<Vec<Warning>>,
    more_warnings: Cell<usize>,
    visits: Cell<usize>,
    registers: Cell<usize>,
}

impl<'d> Source<'d> {
    pub(super) fn new(document: &'d Document<'d>) -> Self {
        let breaks = document.input_text().bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            document,
            lines: std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect(),
            warnings: RefCell::default(),
            more_warnings: Cell::new(0),
            visits: Cell::new(0),
            registers: Cell::new(0),
        }
    }

    pub(super) fn root(&self) -> Element<'d> {
        self.document.root_element()
    }

    pub(super) fn document(&self) -> &'d Document<'d> {
        self.document
    }

    fn line(&self, element: Element<'_>) -> usize {
        self.lines.partition_point(|start| *start <= element.range().start)
    }

    /// Takes note of a mistake that does no harm.
    pub(super) fn warn(&self, element: Element<'_>, text: impl Into<String>) {
        let mut warnings = self.warnings.borrow_mut();
        let warning = Warning { line: self.line(element), element: describe(element), text: text.into() };
        // An element that others derive from is read for each of them.
        if warnings.len() >= limits::WARNINGS {
            self.more_warnings.set(self.more_warnings.get() + 1);
        } else {
            warnings.push(warning);
        }
    }

    /// The warnings in the order of their lines, each once.
    pub(super) fn into_warnings(self) -> Vec<Warning> {
        let mut warnings = self.warnings.into_inner();
        warnings.sort_by(|a, b| (a.line, &a.element, &a.text).cmp(&(b.line, &b.element, &b.text)));
        warnings.dedup();
        if self.more_warnings.get() > 0 {
            let text = format!("{} more warnings", self.more_warnings.get());
            warnings.push(Warning { line: self.lines.len(), element: "device".to_owned(), text });
        }
        warnings
    }

    /// A mistake that makes the file useless.
    pub(super) fn error<T>(&self, element: Element<'_>, text: impl Into<String>) -> Result<T> {
        Err(LoadError::Invalid { file: None, line: self.line(element), element: describe(element), text: text.into() })
    }

    /// Counts an element that is looked at.
    pub(super) fn visit(&self, element: Element<'_>) -> Result<()> {
        self.visits.set(self.visits.get() + 1);
        if self.visits.get() > limits::VISITS {
            return self.error(
                element,
                format!("arrays and `derivedFrom` make more than {} elements of this file", limits::VISITS),
            );
        }
        Ok(())
    }

    /// Counts a register of the chip.
    pub(super) fn count_register(&self, element: Element<'_>) -> Result<()> {
        self.registers.set(self.registers.get() + 1);
        if self.registers.get() > limits::REGISTERS {
            return self.error(element, format!("the chip has more than {} registers", limits::REGISTERS));
        }
        Ok(())
    }
}

/// The child element with this tag.
pub(super) fn child<'d>(element: Element<'d>, tag: &str) -> Option<Element<'d>> {
    element.children().find(|child| child.is_element() && child.tag_name().name() == tag)
}

/// The child elements with this tag.
pub(super) fn children<'d>(element: Element<'d>, tag: &'static str) -> impl Iterator<Item = Element<'d>> {
    element.children().filter(move |child| child.is_element() && child.tag_name().name() == tag)
}

/// The text of an element without the space around it.
pub(super) fn text<'d>(element: Element<'d>) -> &'d str {
    element.text().unwrap_or("").trim()
}

/// The text of the child element with this tag; an empty one counts as absent.
pub(super) fn child_text<'d>(element: Element<'d>, tag: &str) -> Option<&'d str> {
    child(element, tag).map(text).filter(|text| !text.is_empty())
}

/// The names of the element and of the elements around it, outermost first, as they are written.
pub(super) fn path<'d>(element: Element<'d>) -> Vec<&'d str> {
    let mut names: Vec<_> = element
        .ancestors()
        .filter_map(|element| {
            let named = matches!(
                element.tag_name().name(),
                "peripheral" | "cluster" | "register" | "field" | "enumeratedValues" | "enumeratedValue" | "interrupt"
            );
            named.then(|| child_text(element, "name")).flatten()
        })
        .collect();
    names.reverse();
    names
}

/// ``field `UART0.CR.EN` ``, or the tag alone.
fn describe(element: Element<'_>) -> String {
    let tag = element.tag_name().name();
    let names = path(element);
    let shown = |name: &str| name.chars().take(limits::NAME).collect::<String>();
    match names.is_empty() {
        true => format!("`{}`", shown(tag)),
        false => format!("{} `{}`", shown(tag), shown(&names.join("."))),
    }
}
