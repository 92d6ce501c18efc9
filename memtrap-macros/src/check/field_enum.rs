//! An enumeration has a value. That its variants differ in their values is checked by rustc.

use crate::{attributes::EnumDeclaration, report::Report};

pub(crate) fn check(declaration: &EnumDeclaration, report: &mut Report) {
    if declaration.variants.is_empty() && declaration.other.is_none() && report.is_empty() {
        report.error(&declaration.name, "an enumeration without variants has no value");
    }
}
