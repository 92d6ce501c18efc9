//! Registers that share bytes do so where they say, and something tells them apart.

use super::{may_share_a_byte, overlap::range};
use crate::{
    attributes::{When, nearest},
    model::{Block, Register, Storage},
    report::Report,
};

/// Fields that conditions may name: the simulation prepares for every combination of their values.
const MOST_CONDITIONS: usize = 4;

pub(super) fn check(block: &Block, report: &mut Report) {
    for register in block.sound() {
        for other in &register.overlaps {
            overlaps(block, register, other, report);
        }
        if let Some(when) = &register.when {
            condition(block, register, when, report);
        }
    }
    let conditions = block.conditions();
    if let Some((_, field)) = conditions.get(MOST_CONDITIONS) {
        report.error(field, format!("conditions name more than {MOST_CONDITIONS} fields in this block"));
    }
}

fn overlaps(block: &Block, register: &Register, other: &proc_macro2::Ident, report: &mut Report) {
    let name = register.plain_name();
    let Some(found) = block.registers.iter().find(|candidate| candidate.name == *other) else {
        unknown(block, register, other, report);
        return;
    };
    if found.name == register.name {
        report.error(other, "a register overlaps itself always: name the other one");
    } else if !may_share_a_byte(register, found) {
        report.error(
            other,
            format!(
                "`{name}` ({}) shares no byte with `{other}` ({}): remove `overlaps({other})`, or correct an offset",
                range(register),
                range(found)
            ),
        );
    } else if register.access.is_readable() && found.access.is_readable()
        || register.access.is_writable() && found.access.is_writable()
    {
        // Two that are there at once must differ in direction.
        if register.when.is_none() && found.when.is_none() {
            report.error(
                other,
                format!(
                    "nothing tells `{name}` and `{other}` apart: declare one `ro` and the other `wo`, or one \
                     `when = register.field`"
                ),
            );
        }
    }
}

fn condition(block: &Block, register: &Register, when: &When, report: &mut Report) {
    let Some(found) = block.registers.iter().find(|candidate| candidate.name == when.register) else {
        unknown(block, register, &when.register, report);
        return;
    };
    let name = found.plain_name();
    let problem = if found.name == register.name {
        Some(format!("`{name}` would not be there to be looked at"))
    } else if found.array.is_some() {
        Some(format!("`{name}` is an array, and the condition is a single bit"))
    } else if !matches!(found.storage, Storage::Own | Storage::View(_)) {
        Some(format!("`{name}` stores no value that could be looked at"))
    } else if found.value.bytes.is_some() {
        Some(format!("`{name}` has no fields: give it a value type with `#[register]`, and that a field of one bit"))
    } else {
        None
    };
    if let Some(problem) = problem {
        report.error(when, problem);
    }
}

pub(super) fn unknown(block: &Block, register: &Register, name: &proc_macro2::Ident, report: &mut Report) {
    let names: Vec<_> =
        block.registers.iter().filter(|other| other.name != register.name).map(Register::plain_name).collect();
    let hint = nearest(&name.to_string(), names.iter().map(String::as_str));
    let hint = hint.map(|hint| format!(": did you mean `{hint}`?")).unwrap_or_default();
    report.error(name, format!("no register of this block is called `{name}`{hint}"));
}
