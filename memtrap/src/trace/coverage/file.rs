//! Coverage that goes from one process to another.
//!
//! A line for each register: block, register, offset, width, access, number of elements, reads, writes, and for each
//! element that was touched its number, the bits seen as 1 and those seen as 0. Tabs separate.

use super::{Bits, Coverage, Used, table::keyword};
use crate::map::{AccessKind, Width};
use std::{
    borrow::Cow,
    fs,
    io::{self, ErrorKind},
    path::Path,
};

/// First line of a file.
const HEADER: &str = "memtrap coverage 1";

/// How the name of a file ends.
pub(super) const EXTENSION: &str = "coverage";

impl Coverage {
    /// What the tests of a run have covered: the sum of all files in `directory`.
    ///
    /// While the environment variable `MEMTRAP_COVERAGE` names a directory, every process writes what its buses have
    /// covered to a file there. Remove the directory before a run, or its files add up with those of earlier runs.
    ///
    /// # Errors
    ///
    /// If the directory or one of its files cannot be read, or a file is not what memtrap has written.
    pub fn load(directory: impl AsRef<Path>) -> io::Result<Self> {
        let mut sum = Self::default();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == EXTENSION) {
                let text = fs::read_to_string(&path)?;
                let malformed = || io::Error::new(ErrorKind::InvalidData, format!("{} is malformed", path.display()));
                sum.merge(&Self::parse(&text).ok_or_else(malformed)?);
            }
        }
        Ok(sum)
    }

    pub(super) fn to_file(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for (block, registers) in &self.blocks {
            for ((offset, name), used) in registers {
                let Used { width, access, count, reads, writes, elements } = used;
                let (width, access) = (width.bytes(), access.map_or("-", keyword));
                text += &format!("{block}\t{name}\t{offset}\t{width}\t{access}\t{count}\t{reads}\t{writes}");
                for (element, Bits { ones, zeros }) in elements {
                    text += &format!("\t{element}\t{ones}\t{zeros}");
                }
                text.push('\n');
            }
        }
        text
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return None;
        }
        let mut coverage = Self::default();
        for line in lines {
            let mut cells = line.split('\t');
            let block = Cow::Owned(cells.next()?.to_owned());
            let name = Cow::Owned(cells.next()?.to_owned());
            let offset = cells.next()?.parse().ok()?;
            let used = used(&mut cells)?;
            coverage.blocks.entry(block).or_default().insert((offset, name), used);
        }
        Some(coverage)
    }
}

fn used<'t>(cells: &mut impl Iterator<Item = &'t str>) -> Option<Used> {
    let mut used = Used {
        width: Width::from_bytes(cells.next()?.parse().ok()?)?,
        access: match cells.next()? {
            "-" => None,
            "ro" => Some(AccessKind::ReadOnly),
            "wo" => Some(AccessKind::WriteOnly),
            "rw" => Some(AccessKind::ReadWrite),
            _ => return None,
        },
        count: cells.next()?.parse().ok()?,
        reads: cells.next()?.parse().ok()?,
        writes: cells.next()?.parse().ok()?,
        elements: Default::default(),
    };
    while let Some(element) = cells.next() {
        let bits = Bits { ones: cells.next()?.parse().ok()?, zeros: cells.next()?.parse().ok()? };
        used.elements.insert(element.parse().ok()?, bits);
    }
    Some(used)
}
