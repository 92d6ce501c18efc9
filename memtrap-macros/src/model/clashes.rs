//! Names that would clash in the expansion. Such registers are reported and left out, because rustc would report each of
//! their generated items again.

use super::{
    Part, Register,
    names::{camel_case, constant_case, identifier, plain, snake_case},
};
use crate::report::Report;
use proc_macro2::Ident;
use std::collections::HashMap;

/// Methods of every handle.
const METHODS: [&str; 8] = ["new", "at", "as_ptr", "shared", "exclusive", "split", "simulate", "simulate_at"];

/// Name of the block's module: its own name in snake case.
pub(super) fn module(block: &Ident, report: &mut Report) -> Ident {
    let name = plain(block);
    let module = snake_case(&name);
    if module != name {
        return identifier(&module);
    }
    report.error(
        block,
        format!(
            "the module of the block would be called `{module}`, too: write the struct's name in camel case, `{}`",
            camel_case(&name)
        ),
    );
    identifier(&format!("{module}_"))
}

/// The registers and nested blocks without those whose names clash.
pub(super) fn distinct(registers: Vec<Register>, parts: Vec<Part>, report: &mut Report) -> (Vec<Register>, Vec<Part>) {
    let mut taken = HashMap::new();
    let registers = registers.into_iter().filter(|register| is_distinct(&register.name, &mut taken, report)).collect();
    let parts = parts.into_iter().filter(|part| is_distinct(&part.name, &mut taken, report)).collect();
    (registers, parts)
}

fn is_distinct(ident: &Ident, taken: &mut HashMap<String, String>, report: &mut Report) -> bool {
    let name = plain(ident);
    if METHODS.contains(&name.as_str()) {
        report.error(
            ident,
            format!("`{name}` is a method of every handle: give the register another name, for example `{name}_reg`"),
        );
        return false;
    }
    for case in [camel_case(&name), constant_case(&name)] {
        // A single capital is the name in both cases.
        match taken.insert(case.clone(), name.clone()) {
            Some(other) if other == name && taken.get(&format!("field {name}")).is_some() => {
                report.error(ident, format!("a second register called `{name}`: rename one of them"));
                return false;
            }
            Some(other) if other != name => {
                report.error(
                    ident,
                    format!("`{name}` and `{other}` would both be called `{case}`: rename one of the registers"),
                );
                return false;
            }
            _ => {}
        }
    }
    taken.insert(format!("field {name}"), name);
    true
}
