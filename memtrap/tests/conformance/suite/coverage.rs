//! The page of the book that a run makes.

use crate::suite::{
    class,
    options::Options,
    report::{FormResult, Summary, Verdict},
};
use std::{
    arch::x86_64::__cpuid,
    collections::BTreeMap,
    fmt::{Display, Write},
};

/// How many forms have each verdict.
#[derive(Default)]
struct Count {
    identical: usize,
    refused: usize,
    differing: usize,
    absent: usize,
}

impl Count {
    fn add(&mut self, result: &FormResult) {
        *match result.verdict() {
            Verdict::Identical => &mut self.identical,
            Verdict::Refused => &mut self.refused,
            Verdict::Differs => &mut self.differing,
            Verdict::NotExecutable => &mut self.absent,
        } += 1;
    }

    fn total(&self) -> usize {
        self.identical + self.refused + self.differing + self.absent
    }
}

/// The page.
pub(crate) fn page(summary: &Summary, options: &Options) -> String {
    let mut all = Count::default();
    let mut classes: BTreeMap<&str, Count> = BTreeMap::new();
    let mut features: BTreeMap<String, Count> = BTreeMap::new();
    for result in &summary.results {
        all.add(result);
        classes.entry(class::of(result.form)).or_default().add(result);
        features.entry(feature(result)).or_default().add(result);
    }
    let mut page = String::new();
    introduction(&mut page, summary, options, &all);
    table(&mut page, "How memory is used", classes);
    refused(&mut page, summary);
    not_built(&mut page, summary);
    others(&mut page, &all);
    line(&mut page, "## By processor feature\n");
    table(&mut page, "Processor feature", features);
    page.truncate(page.trim_end().len() + 1);
    page
}

/// Where lines end.
const WIDTH: usize = 118;

/// Writes `text` in lines of at most [`WIDTH`] characters, the later ones indented by `indent`.
fn paragraph(page: &mut String, indent: &str, text: impl Display) {
    let text = text.to_string();
    let mut length = 0;
    for word in text.split(' ') {
        if length > 0 && length + 1 + word.len() > WIDTH {
            page.push('\n');
            page.push_str(indent);
            length = indent.len();
        } else if length > 0 {
            page.push(' ');
            length += 1;
        }
        page.push_str(word);
        length += word.len();
    }
    page.push('\n');
}

fn line(page: &mut String, text: impl Display) {
    writeln!(page, "{text}").expect("a string takes everything");
}

fn introduction(page: &mut String, summary: &Summary, options: &Options, all: &Count) {
    line(page, "# Instruction coverage\n");
    line(page, "<!-- Made by the conformance suite; see the command below. Do not edit. -->\n");
    paragraph(
        page,
        "",
        "The trap engine is proven form by form. A *form* is one encoding that can access memory in 64-bit user mode, as \
         the decoder iced-x86 names them: `add r32, m32` and `add r64, m64` are two. The suite makes random instances of \
         every form (addressing modes, registers, masks, prefixes, misaligned operands, operands across the edge of a \
         device, all of the machine state), runs each natively on memory and trapped on a device with the same contents, \
         and compares all registers, flags, memory, the signal if there is one, and what the device saw. The bytes that an \
         instruction touches are found out by placing its operand across the edge of a page, not by asking the decoder.",
    );
    line(page, "\n```console");
    let command = format!(
        "MEMTRAP_SEED={} MEMTRAP_INSTANCES={} cargo test -p memtrap --release --test conformance -- --nocapture",
        options.seed, options.instances
    );
    line(page, format_args!("$ {command}"));
    line(page, summary.line());
    line(page, "```\n");
    line(page, format_args!("The processor of this run: {}.\n", processor()));
    let Count { identical, refused, differing, absent } = all;
    let item = |page: &mut String, text: String| paragraph(page, "  ", text);
    item(page, format!("- **{identical} forms are identical**: every instance ended as it does natively."));
    item(page, format!("- **{refused} are refused**, with a report that names the instruction."));
    item(page, format!("- **{differing} differ.**"));
    let absent = format!(
        "- **{absent} are not executable here**: the processor lacks the feature and raises an invalid-opcode exception \
         before any memory is touched, also on a device. Of these it is only checked that they encode and decode to the \
         same form."
    );
    item(page, absent);
    line(page, "\nA run is varied by the environment, and a failing instance prints the command that runs it alone.\n");
    for option in [
        "- `MEMTRAP_SEED`: other instances. `MEMTRAP_INSTANCES`: how many of each form.",
        "- `MEMTRAP_STORM=100`: a timer interrupts the run every 100 µs.",
        "- `MEMTRAP_CODE=Add_rm32_r32`, `MEMTRAP_INSTANCE=7`: only this form, only this instance.",
        "- `MEMTRAP_FORMS=integer`: only what compilers make of volatile accesses and atomics, and block moves.",
        "- `MEMTRAP_COVERAGE_PAGE=book/src/coverage.md`: write this page.",
    ] {
        line(page, option);
    }
    line(page, "");
}

/// Family and model as in the processor's manual.
fn processor() -> String {
    let vendor = __cpuid(0);
    let name: Vec<u8> = [vendor.ebx, vendor.edx, vendor.ecx].iter().flat_map(|part| part.to_le_bytes()).collect();
    let signature = __cpuid(1).eax;
    let family = (signature >> 8 & 15) + (signature >> 20 & 255);
    let model = (signature >> 4 & 15) | (signature >> 12 & 0xf0);
    format!("{}, family {family}, model {model}", String::from_utf8_lossy(&name))
}

fn table<K: Display + Ord>(page: &mut String, heading: &str, rows: BTreeMap<K, Count>) {
    line(page, format_args!("| {heading} | forms | identical | refused | differ | not executable here |"));
    line(page, "|---|---:|---:|---:|---:|---:|");
    for (name, count) in rows {
        let Count { identical, refused, differing, absent } = count;
        let total = count.total();
        line(page, format_args!("| {name} | {total} | {identical} | {refused} | {differing} | {absent} |"));
    }
    line(page, "");
}

fn refused(page: &mut String, summary: &Summary) {
    line(page, "## Refused\n");
    for result in summary.results.iter().filter(|result| result.verdict() == Verdict::Refused) {
        let why = if result.refusal.is_empty() { "no reason was given" } else { &result.refusal };
        let (refused, instances) = (result.refused, result.instances);
        let name = result.form.name();
        paragraph(page, "  ", format_args!("- `{name}`, {refused} of {instances} instances: {why}."));
    }
    line(page, "");
}

fn not_built(page: &mut String, summary: &Summary) {
    let mut missing = summary.results.iter().filter(|result| result.instances == 0 && result.unbuilt > 0).peekable();
    if missing.peek().is_none() {
        return;
    }
    line(page, "## Not built\n");
    paragraph(page, "", "The decoder reads what its encoder makes of these as another form, or not at all.\n");
    for result in missing {
        line(page, format_args!("- `{}`: {}", result.form.name(), result.reason));
    }
    line(page, "");
}

/// What is known of other engines that carry out instructions on behalf of a program.
fn others(page: &mut String, all: &Count) {
    line(page, "## Beside other engines\n");
    line(page, "Counted in their sources; the units differ as said.\n");
    line(page, "| engine | what it carries out | how it is checked |");
    line(page, "|---|---|---|");
    for row in [
        "| RPCS3 (MMIO) | 17 forms: loads, stores and compares of general registers | none |",
        "| cloud-hypervisor | 36 forms with a memory operand | 47 unit tests; fuzzed for panics |",
        "| Linux, `insn_decode_mmio` | 28 forms: `mov`, `movzx`, `movsx`, `movs` | none of its own |",
        "| Xen, `x86_emulate` | about 1,355 opcode cases, by hand; no `xsave` family | 180 hand-written tests, 2,140 table rows, \
         self-checking programs |",
    ] {
        line(page, row);
    }
    line(page, format_args!("| memtrap | {} forms, by class | this page |\n", all.identical));
}

fn feature(result: &FormResult) -> String {
    let names: Vec<String> = result.form.code.cpuid_features().iter().map(|feature| format!("{feature:?}")).collect();
    names.join(" ")
}
