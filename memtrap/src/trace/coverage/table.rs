//! Coverage as a table and as JSON.

use super::{super::json::Json, Coverage, RegisterCoverage};
use crate::map::AccessKind;
use std::fmt;

/// Version of the schema. It changes when a member changes its meaning or goes; members may be added.
const VERSION: u64 = 1;

impl fmt::Display for Coverage {
    /// A table with a line for each register, and a summary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |register: &RegisterCoverage<'_>| {
            let RegisterCoverage { register, elements, elements_touched, .. } = register;
            if *elements == 1 {
                (*register).to_owned()
            } else {
                format!("{register}[{elements_touched} of {elements}]")
            }
        };
        let width = |names: &dyn Fn(&RegisterCoverage<'_>) -> usize, title: &str| {
            self.registers().map(|register| names(&register)).max().unwrap_or(0).max(title.len())
        };
        let (blocks, names) = (width(&|register| register.block.len(), "block"), width(&|r| name(r).len(), "register"));
        writeln!(
            f,
            "{:blocks$}  {:names$}  access  {:>9}  {:>9}  bits toggled",
            "block", "register", "reads", "writes"
        )?;
        let mut block = "";
        for register in self.registers() {
            let shown = if register.block == block { "" } else { register.block };
            block = register.block;
            let access = register.access.map_or("", keyword);
            write!(f, "{shown:blocks$}  {:names$}  {access:6}  ", name(&register))?;
            if register.is_touched() {
                let digits = 2 + 2 * register.width.bytes();
                let (reads, writes) = (register.reads, register.writes);
                writeln!(f, "{reads:>9}  {writes:>9}  {:#0digits$x}", register.toggled)?;
            } else {
                writeln!(f, "never touched")?;
            }
        }
        let all = self.registers().count();
        writeln!(f, "{} of {all} registers touched", all - self.untouched().count())
    }
}

pub(super) fn keyword(access: AccessKind) -> &'static str {
    match access {
        AccessKind::ReadOnly => "ro",
        AccessKind::WriteOnly => "wo",
        AccessKind::ReadWrite => "rw",
    }
}

impl Coverage {
    /// The coverage as JSON, one register a line.
    ///
    /// An object with `format` (`"memtrap-coverage"`), `version` (1) and `registers`, a list of objects with the members
    /// of [`RegisterCoverage`]: `block`, `register`, `offset` and `width` in bytes, `access` (`ro`, `wo`, `rw`) if it is
    /// declared, `elements`, `elements_touched`, `reads`, `writes`, and `toggled` as hexadecimal text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        json.object(|json| {
            json.key("format").string("memtrap-coverage");
            json.key("version").number(VERSION);
            json.key("registers").array(|json| {
                for register in self.registers() {
                    json.line();
                    json.object(|json| entry(json, &register));
                }
            });
        });
        json.finish()
    }
}

fn entry(json: &mut Json, register: &RegisterCoverage<'_>) {
    json.key("block").string(register.block);
    json.key("register").string(register.register);
    json.key("offset").size(register.offset);
    json.key("width").size(register.width.bytes());
    if let Some(access) = register.access {
        json.key("access").string(keyword(access));
    }
    json.key("elements").size(register.elements);
    json.key("elements_touched").size(register.elements_touched);
    json.key("reads").number(register.reads);
    json.key("writes").number(register.writes);
    let digits = 2 + 2 * register.width.bytes();
    json.key("toggled").string(format_args!("{:#0digits$x}", register.toggled));
}
