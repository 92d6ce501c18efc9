//! A key unlocks registers that can be written.

use super::banked::unknown;
use crate::{model::Block, report::Report};

pub(super) fn check(block: &Block, report: &mut Report) {
    for register in block.sound() {
        for name in register.key.iter().flat_map(|key| &key.unlocks) {
            let Some(found) = block.registers.iter().find(|candidate| candidate.name == *name) else {
                unknown(block, register, name, report);
                continue;
            };
            if found.name == register.name {
                report.error(name, "a key that is locked by itself opens nothing: name other registers");
            } else if !found.access.is_writable() {
                report.error(name, format!("`{name}` is declared `ro`, so there is nothing to unlock"));
            }
        }
    }
}
