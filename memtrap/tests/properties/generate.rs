//! Random register blocks, and their source text.

use crate::{
    block::{Block, Register, Storage},
    random::Numbers,
    uvm::{Rule, TABLE},
};
use std::fmt::Write as _;

/// Number of blocks.
const BLOCKS: usize = 12;

/// What a read, and what a write, can be declared to do to a register as a whole.
const READS: [(&str, char); 2] = [("clear", '0'), ("set", '1')];
const WRITES: [(&str, char, char); 9] = [
    ("w1c", '=', '0'),
    ("w1s", '=', '1'),
    ("w1t", '=', '~'),
    ("w0c", '0', '='),
    ("w0s", '1', '='),
    ("w0t", '~', '='),
    ("wc", '0', '0'),
    ("ws", '1', '1'),
    ("once", 'f', 'F'),
];

/// The blocks whose source is in `blocks`.
pub(crate) fn blocks() -> Vec<Block> {
    let mut numbers = Numbers::new(4);
    (0..BLOCKS).map(|index| block(index, &mut numbers)).collect()
}

fn block(index: usize, numbers: &mut Numbers) -> Block {
    let bus = [4, 4, 8, 2, 4, 8, 1][index % 7];
    let mut block = Block { name: format!("Block{index}"), size: 0, bus, registers: Vec::new() };
    let mut end = 0_usize;
    for position in 0..8 + numbers.below(6) {
        let mut register = register(position, &block, numbers);
        let aligned = end.next_multiple_of(register.bytes);
        register.offset = aligned + if numbers.below(3) == 0 { numbers.below(3) * register.bytes } else { 0 };
        end = register.end();
        block.registers.push(register);
    }
    // Some space behind the last register, where nothing answers.
    block.size = (end + 16).next_multiple_of(16);
    block
}

fn register(position: usize, block: &Block, numbers: &mut Numbers) -> Register {
    let widths: Vec<usize> = [1, 2, 4, 8].into_iter().filter(|bytes| *bytes <= block.bus).collect();
    let bytes = widths[numbers.below(widths.len())];
    let count = (numbers.below(5) < 2).then(|| 1 + numbers.below(4));
    let mut register = Register {
        offset: 0,
        bytes,
        count,
        stride: if count.is_some() && numbers.below(3) == 0 { 2 * bytes } else { bytes },
        is_readable: true,
        is_writable: true,
        reset: 0,
        rules: vec![Rule::new('=', '0', '1'); 8 * bytes],
        reserved: vec![None; 8 * bytes],
        storage: Storage::Own,
        facts: String::new(),
        value_type: format!("u{}", 8 * bytes),
        definition: String::new(),
    };
    match numbers.below(20) {
        0..10 => declare_effects(&mut register, numbers),
        10..14 => declare_fields(&mut register, &format!("{}R{position}", block.name), numbers),
        14..17 => declare_view(&mut register, block, numbers),
        17 => declare_computed(&mut register, block, numbers),
        18 => declare_constant(&mut register, numbers),
        _ => declare_fifo(&mut register, numbers),
    }
    if matches!(register.storage, Storage::Own | Storage::Fifo { .. }) && numbers.below(4) > 0 {
        register.reset = numbers.next() & register.mask();
        for (bit, must) in register.reserved.iter().enumerate() {
            match must {
                Some(true) => register.reset |= 1 << bit,
                Some(false) => register.reset &= !(1 << bit),
                None => {}
            }
        }
        let _ = write!(register.facts, ", reset = {:#x}", register.reset);
    }
    register
}

/// An access kind, and effects on the register as a whole.
fn declare_effects(register: &mut Register, numbers: &mut Numbers) {
    match numbers.below(6) {
        0 => register.is_readable = false,
        1 => register.is_writable = false,
        _ => {}
    }
    let mut rule = Rule::new('=', '0', '1');
    if !register.is_readable {
        rule.read = '-';
    } else if numbers.below(3) == 0 {
        let (word, left) = READS[numbers.below(READS.len())];
        let _ = write!(register.facts, ", read = {word}");
        rule.read = left;
    }
    if !register.is_writable {
        (rule.zero, rule.one) = ('=', '=');
    } else if numbers.below(3) > 0 {
        let (word, zero, one) = WRITES[numbers.below(WRITES.len())];
        let _ = write!(register.facts, ", write = {word}");
        (rule.zero, rule.one) = (zero, one);
    }
    register.rules.fill(rule);
}

/// A value type with fields, each with a policy of its own or that of the register.
fn declare_fields(register: &mut Register, name: &str, numbers: &mut Numbers) {
    let bits = 8 * register.bytes;
    if numbers.below(3) == 0 {
        let (word, zero, one) = WRITES[numbers.below(WRITES.len())];
        let _ = write!(register.facts, ", write = {word}");
        register.rules.fill(Rule::new('=', zero, one));
    }
    let kinds = [("", None), (", reserved = zero", Some(false)), (", reserved = one", Some(true))];
    let (reserved, must) = kinds[numbers.below(kinds.len())];
    register.reserved.fill(must);
    let mut fields = String::new();
    let mut read_has_effect = false;
    let (mut bit, mut number) = (numbers.below(3), 0);
    while bit < bits {
        let length = (1 + if numbers.below(2) == 0 { 0 } else { numbers.below(8) }).min(bits - bit);
        let range = if length == 1 { bit.to_string() } else { format!("{bit}..={}", bit + length - 1) };
        let policy = TABLE[numbers.below(TABLE.len())];
        let policy = (numbers.below(4) > 0).then_some(policy);
        let word = policy.map_or_else(String::new, |(word, _)| format!(", {word}"));
        let ty = if length == 1 { "bool" } else { "u8" };
        let _ = write!(fields, "    #[bits({range}{word})]\n    pub f{number}: {ty},\n");
        register.reserved[bit..bit + length].fill(None);
        if let Some((_, rule)) = policy {
            register.rules[bit..bit + length].fill(rule);
            read_has_effect |= matches!(rule.read, '0' | '1');
        }
        number += 1;
        bit += length + numbers.below(4);
    }
    if read_has_effect {
        register.facts = format!(", read = fields{}", register.facts);
    }
    name.clone_into(&mut register.value_type);
    register.definition = format!(
        "/// Value of a register of a random block.\n#[register(u{bits}{reserved})]\npub struct {name} {{\n{fields}}}\n\n"
    );
}

/// A second window on an earlier register, with effects of its own.
fn declare_view(register: &mut Register, block: &Block, numbers: &mut Numbers) {
    declare_effects(register, numbers);
    let suitable = |other: &Register| {
        other.storage == Storage::Own && other.bytes == register.bytes && other.count == register.count
    };
    let suitable: Vec<usize> = (0..block.registers.len()).filter(|index| suitable(&block.registers[*index])).collect();
    if !suitable.is_empty() {
        let other = suitable[numbers.below(suitable.len())];
        let _ = write!(register.facts, ", state = r{other}");
        register.storage = Storage::View(other);
    }
}

/// A value computed from two earlier registers.
fn declare_computed(register: &mut Register, block: &Block, numbers: &mut Numbers) {
    let single = |other: &Register| other.storage == Storage::Own && other.count.is_none() && other.is_readable;
    let single: Vec<usize> = (0..block.registers.len()).filter(|index| single(&block.registers[*index])).collect();
    if single.len() < 2 {
        return;
    }
    let position = numbers.below(single.len());
    let (one, other) = (single[position], single[(position + 1 + numbers.below(single.len() - 1)) % single.len()]);
    (register.count, register.stride) = (None, register.bytes);
    register.is_writable = false;
    let _ = write!(register.facts, ", value = r{one} & r{other}");
    register.storage = Storage::Both(one, other);
}

fn declare_constant(register: &mut Register, numbers: &mut Numbers) {
    let values: Vec<u64> = (0..register.len()).map(|_| numbers.next() & register.mask()).collect();
    register.is_writable = false;
    let text: Vec<String> = values.iter().map(|value| format!("{value:#x}")).collect();
    let text = if register.count.is_some() { format!("[{}]", text.join(", ")) } else { text[0].clone() };
    let _ = write!(register.facts, ", constant = {text}");
    register.storage = Storage::Constant(values);
}

fn declare_fifo(register: &mut Register, numbers: &mut Numbers) {
    let (pops, pushes) = [(true, true), (true, false), (false, true)][numbers.below(3)];
    if pops {
        register.facts += ", read = pop";
    }
    if pushes {
        register.facts += ", write = push";
    }
    register.storage = Storage::Fifo { pops, pushes };
}

/// What begins each file.
const HEAD: &str = "written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.\n\n";

/// The files in `blocks` by their names, with their source: one for each block, and one that names them all.
pub(crate) fn sources(blocks: &[Block]) -> Vec<(String, String)> {
    let files = blocks.iter().map(|block| (format!("{}.rs", module(block)), block_source(block)));
    files.chain([("mod.rs".to_owned(), list_source(blocks))]).collect()
}

/// The module of a block: that of its file, and in there the one that is made of its declaration.
fn module(block: &Block) -> String {
    block.name.to_lowercase()
}

fn list_source(blocks: &[Block]) -> String {
    let mut text = format!("//! All random register blocks, {HEAD}");
    let mut modules: Vec<_> = blocks.iter().map(module).collect();
    // As `cargo fmt` has them.
    modules.sort();
    for module in modules {
        let _ = writeln!(text, "mod {module};");
    }
    text += "\nuse crate::subject::{Subject, simulate};\n\n";
    text += "/// A simulation of each block.\n#[rustfmt::skip]\npub(crate) const SUBJECTS: &[fn() -> Box<dyn Subject>] = &[\n";
    for block in blocks {
        let _ = writeln!(text, "    simulate::<{}::{}>,", module(block), block.name);
    }
    text += "];\n\n/// The files of this directory, as `generate.rs` lists them.\n";
    text += "#[rustfmt::skip]\npub(crate) const SOURCES: &[&str] = &[\n";
    for file in blocks.iter().map(module).chain(["mod".to_owned()]) {
        let _ = writeln!(text, "    include_str!(\"{file}.rs\"),");
    }
    text + "];\n"
}

fn block_source(block: &Block) -> String {
    let mut text = format!("//! A random register block, {HEAD}");
    let has_queues = block.registers.iter().any(|register| matches!(register.storage, Storage::Fifo { .. }));
    let has_fields = block.registers.iter().any(|register| !register.definition.is_empty());
    text += if has_queues {
        "use crate::subject::{Plain, Stored, bits, fill, queues};\n"
    } else {
        "use crate::subject::{Plain, Stored, bits};\n"
    };
    text += if has_fields { "use memtrap::{register, simulated};\n\n" } else { "use memtrap::simulated;\n\n" };
    for register in &block.registers {
        text += &register.definition;
    }
    let Block { name, size, bus, registers } = block;
    let _ = writeln!(
        text,
        "/// A random block.\n#[rustfmt::skip]\n#[simulated(size = {size:#x}, width = {})]\npub struct {name} {{",
        8 * bus
    );
    for (index, register) in registers.iter().enumerate() {
        let access = match (register.is_readable, register.is_writable) {
            (true, true) => "rw",
            (true, false) => "ro",
            _ => "wo",
        };
        let stride =
            if register.stride == register.bytes { String::new() } else { format!(", stride = {}", register.stride) };
        let ty = match register.count {
            Some(count) => format!("[{}; {count}]", register.value_type),
            None => register.value_type.clone(),
        };
        let _ = writeln!(
            text,
            "    #[reg({:#x}, {access}{stride}{})]\n    pub r{index}: {ty},",
            register.offset, register.facts
        );
    }
    let module = module(block);
    let _ = writeln!(text, "}}\n\nimpl {module}::Model for Plain {{}}\n");
    let (mut stored, mut filled) = (String::new(), String::new());
    for (index, register) in registers.iter().enumerate() {
        let place = if register.count.is_some() { format!("&self.r{index}") } else { format!("&[self.r{index}]") };
        match register.storage {
            Storage::Own => _ = writeln!(stored, "            bits({place}),"),
            Storage::Fifo { .. } => {
                let slice = |mutable: &str| match register.count {
                    Some(_) => format!("&{mutable}self.r{index}"),
                    None => format!(
                        "std::slice::from_{}(&{mutable}self.r{index})",
                        if mutable.is_empty() { "ref" } else { "mut" }
                    ),
                };
                let _ = writeln!(stored, "            queues({}),", slice(""));
                let _ = writeln!(filled, "        fill({});", slice("mut "));
            }
            _ => {}
        }
    }
    let _ = writeln!(
        text,
        "#[rustfmt::skip]\nimpl Stored for {module}::State {{\n    fn stored(&self) -> Vec<Vec<u64>> {{\n        vec![\n{stored}        \
         ]\n    }}\n\n    fn fill(&mut self) {{\n{filled}    }}\n}}\n"
    );
    text.truncate(text.trim_end().len());
    text + "\n"
}
