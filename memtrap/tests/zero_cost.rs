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

#[test]
fn typed_accessors_are_volatile_accesses() {
    let typed = compile(&[]);
    let raw = compile(&["--cfg", "raw"]);
    assert_eq!(raw.len(), 20, "{:?}", raw.keys());
    for (name, instructions) in &raw {
        assert!(!instructions.is_empty(), "{name} has no instructions");
        assert_eq!(typed[name], *instructions, "`{name}` differs");
        assert!(
            !instructions.iter().any(|line| line.starts_with("call")),
            "`{name}` calls something: {instructions:?}"
        );
    }
}
