//! On hardware nothing is paid: without the runtime, each typed accessor compiles to the instructions of a hand-written
//! volatile access.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/bare.rs"]
mod bare;

use std::{collections::BTreeMap, fs};

/// The instructions of each exported function.
fn compile(configuration: &[&str]) -> BTreeMap<String, Vec<String>> {
    let name = if configuration.is_empty() { "typed.s" } else { "raw.s" };
    let assembly = bare::library().join(name);
    let mut rustc = bare::rustc("zero_cost/functions.rs", &assembly);
    rustc
        .args(["--crate-type", "lib", "--emit", "asm", "-C", "codegen-units=1", "--check-cfg", "cfg(raw)"])
        .args(configuration);
    bare::succeed(&mut rustc);
    functions(&fs::read_to_string(&assembly).expect("rustc wrote the assembly"))
}

/// Splits a compiler's assembly into functions. Labels are numbered anew in each, as they are local to it.
fn functions(assembly: &str) -> BTreeMap<String, Vec<String>> {
    let mut functions = BTreeMap::new();
    let mut current: Option<(String, Vec<String>)> = None;
    for line in assembly.lines().map(str::trim) {
        if let Some((name, value)) = line.strip_prefix(".set ").and_then(|line| line.split_once(", ")) {
            // Functions with equal instructions are merged.
            let same: Vec<String> = functions.get(value).cloned().unwrap_or_default();
            functions.insert(name.to_owned(), same);
        } else if line.starts_with(".cfi_endproc") || line.starts_with(".size") {
            functions.extend(current.take());
        } else if let Some(label) = line.strip_suffix(':') {
            match &mut current {
                Some((_, body)) => body.push(format!("{label}:")),
                None if !label.starts_with('.') => current = Some((label.to_owned(), Vec::new())),
                None => {}
            }
        } else if let Some((_, body)) = &mut current
            && !line.is_empty()
            && !line.starts_with(['.', '#'])
        {
            body.push(line.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    functions.into_iter().map(|(name, body)| (name, without_label_names(body))).collect()
}

fn without_label_names(body: Vec<String>) -> Vec<String> {
    let labels: Vec<String> = body.iter().filter_map(|line| line.strip_suffix(':')).map(str::to_owned).collect();
    let rename = |line: String| {
        labels.iter().enumerate().fold(line, |line, (number, label)| line.replace(label, &format!("label{number}")))
    };
    body.into_iter().map(rename).collect()
}

/// The target on which an access is an instruction that memtrap writes out.
const AARCH64: &str = "aarch64-unknown-none";

/// Whether an instruction of aarch64 that accesses memory is one that a hypervisor can emulate: a load or a store of one
/// general register, whose address register it leaves alone.
fn can_be_emulated(instruction: &str) -> bool {
    let Some((operation, operands)) = instruction.split_once(' ') else { return false };
    let plain_address = operands.split_once(", [x").and_then(|(_, address)| address.strip_suffix(']'));
    ["ldr", "ldrb", "ldrh", "str", "strb", "strh"].contains(&operation)
        && plain_address.is_some_and(|number| number.parse::<u8>().is_ok())
}

/// On aarch64 the instructions are not those of a volatile access, and that is the point.
#[test]
fn on_aarch64_every_access_can_be_emulated_by_a_hypervisor() {
    if !bare::has_target(AARCH64) {
        let text = format!("NOT TESTED for {AARCH64}, whose core library is not installed\n");
        // Past the capture of the harness: a case that is skipped says so.
        std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes()).expect("there is a standard error");
        return;
    }
    let assembly = bare::library().join("aarch64.s");
    let mut rustc = bare::rustc_for(AARCH64, "zero_cost/functions.rs", &assembly);
    rustc.args(["--crate-type", "lib", "--emit", "asm", "-C", "codegen-units=1", "--check-cfg", "cfg(raw)"]);
    bare::succeed(&mut rustc);
    let functions = functions(&fs::read_to_string(&assembly).expect("rustc wrote the assembly"));
    let accesses = |name: &str| -> Vec<&String> {
        // The compiler marks what it was given as it is. The handle itself is in memory, too, and is loaded as it likes.
        let lines = &functions[name];
        lines.iter().zip(&lines[1..]).filter(|(mark, _)| *mark == "//APP").map(|(_, line)| line).collect()
    };
    for (name, loads, stores) in
        [("read", 1, 0), ("write", 0, 1), ("modify", 1, 1), ("poll_and_put", 1, 1), ("element", 1, 1), ("widths", 3, 3)]
    {
        let accesses = accesses(name);
        let with = |operation: &str| accesses.iter().filter(|line| line.starts_with(operation)).count();
        assert_eq!((with("ld"), with("st")), (loads, stores), "`{name}`: {:?}", functions[name]);
    }
    // Beside those that the file exports there is what it instantiates of the core library.
    let exported: Vec<_> = functions.iter().filter(|(name, _)| !name.starts_with('_')).collect();
    assert!(exported.len() >= 26, "{:?}", functions.keys());
    for (name, instructions) in exported {
        assert!(!accesses(name).is_empty(), "`{name}` accesses nothing: {instructions:?}");
        for instruction in accesses(name) {
            assert!(can_be_emulated(instruction), "`{name}`: {instruction}");
        }
        let leaves = |line: &String| {
            line.starts_with("bl") || line.starts_with("brk") || line.starts_with("b ") && !line.contains("label")
        };
        assert!(!instructions.iter().any(leaves), "`{name}` leaves the function: {instructions:?}");
    }
    assert!(
        !can_be_emulated("ldr w0, [x1], #4") && !can_be_emulated("ldp w0, w1, [x2]") && !can_be_emulated("bl panic")
    );
}

#[test]
fn typed_accessors_are_volatile_accesses() {
    let typed = compile(&[]);
    let raw = compile(&["--cfg", "raw"]);
    assert_eq!(raw.len(), 26, "{:?}", raw.keys());
    for (name, instructions) in &raw {
        assert!(!instructions.is_empty(), "{name} has no instructions");
        assert_eq!(typed[name], *instructions, "`{name}` differs");
        // A panic is a call, or a jump to what is no label of the function.
        let leaves = |line: &String| {
            line.starts_with("call") || line.starts_with("ud2") || line.starts_with('j') && !line.contains("label")
        };
        assert!(!instructions.iter().any(leaves), "`{name}` leaves the function: {instructions:?}");
    }
}
