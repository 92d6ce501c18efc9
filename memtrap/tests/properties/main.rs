//! Random blocks, random accesses: both doors do the same, which is what an independent model says.
//!
//! The blocks are in `blocks`, which `generate.rs` writes, so that the attribute sees them as it sees a user's. What is
//! done to them is another matter with each `MEMTRAP_SEED`; `MEMTRAP_SEQUENCES` says how often. A sequence that fails is
//! shortened before it is shown.

mod block;
mod blocks;
#[path = "../support/doors.rs"]
mod doors;
mod generate;
mod operation;
mod oracle;
#[path = "../support/random.rs"]
mod random;
mod subject;
#[path = "../support/uvm.rs"]
mod uvm;

use block::Block;
use doors::Door;
use memtrap::{Violation, trace::Direction};
use operation::{Operation, Policies};
use oracle::{Oracle, Seen};
use random::Numbers;
use std::{collections::BTreeSet, env, fs, path::Path};
use subject::Subject;

/// Operations of one sequence; fewer where an interpreter carries them out.
const LENGTH: usize = if cfg!(miri) { 6 } else { 60 };

#[test]
fn the_source_is_what_the_generator_writes() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/properties/blocks");
    let sources = generate::sources(&generate::blocks());
    if env::var_os("MEMTRAP_BLESS").is_some() {
        for (file, text) in &sources {
            fs::write(directory.join(file), text).expect("the source can be written");
        }
    }
    assert_eq!(sources.len(), blocks::SOURCES.len(), "MEMTRAP_BLESS=1 writes {}", directory.display());
    for ((file, text), is) in sources.iter().zip(blocks::SOURCES) {
        assert_eq!(is, text, "MEMTRAP_BLESS=1 writes {}", directory.join(file).display());
    }
}

#[test]
fn every_effect_is_declared_by_some_block() {
    let blocks = generate::blocks();
    let rules: BTreeSet<[char; 3]> = blocks
        .iter()
        .flat_map(|block| &block.registers)
        .flat_map(|register| &register.rules)
        .map(|rule| [rule.read, rule.zero, rule.one])
        .collect();
    for (policy, rule) in uvm::TABLE {
        assert!(rules.contains(&[rule.read, rule.zero, rule.one]), "no block has a bit that is `{policy}`");
    }
    let reserved = blocks.iter().flat_map(|block| &block.registers).flat_map(|register| &register.reserved);
    let reserved: BTreeSet<Option<bool>> = reserved.copied().collect();
    assert_eq!(reserved.len(), 3, "bits are reserved as zero, as one, or not");
    let storages: BTreeSet<String> = blocks
        .iter()
        .flat_map(|block| &block.registers)
        .map(|register| format!("{:?}", register.storage))
        .map(|storage| storage.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(storages.into_iter().collect::<Vec<_>>(), ["Both", "Constant", "Fifo", "Own", "View"]);
}

#[test]
fn both_doors_do_what_an_independent_model_says() {
    let blocks = generate::blocks();
    assert_eq!(blocks.len(), blocks::SUBJECTS.len());
    let seed = number("MEMTRAP_SEED").unwrap_or(1);
    let sequences = number("MEMTRAP_SEQUENCES").unwrap_or(if cfg!(miri) { 1 } else { 8 });
    let (mut accesses, mut refused) = (0, 0);
    for (number, (block, subject)) in blocks.iter().zip(blocks::SUBJECTS).enumerate() {
        for sequence in 0..sequences {
            // Another policy for each block, so that a short run has accesses of both kinds.
            let mut numbers = Numbers::new((seed << 32) + ((number as u64) << 16) + sequence);
            numbers.next();
            let policies = Policies::random(&mut numbers);
            let operations: Vec<_> = (0..LENGTH).map(|_| Operation::random(block, &policies, &mut numbers)).collect();
            match compare(block, *subject, policies, &operations) {
                Ok(seen) => {
                    accesses += seen.len();
                    refused += seen.iter().filter(|access| access.is_refused).count();
                }
                Err(_) => fail(block, *subject, policies, operations, (seed, sequence)),
            }
        }
    }
    println!(
        "properties seed={seed} blocks={} sequences={sequences} accesses={accesses} refused={refused} doors={:?}",
        blocks.len(),
        Door::ALL
    );
    assert!(accesses > refused && refused > 0, "a run has accesses of both kinds");
}

/// Does the operations through each door; where the outcomes, the state or the trace are not what they should be.
fn compare(
    block: &Block,
    subject: fn() -> Box<dyn Subject>,
    policies: Policies,
    operations: &[Operation],
) -> Result<Vec<Seen>, String> {
    let mut oracle = Oracle::new(block, policies);
    let expected: Vec<_> = operations.iter().map(|operation| operation.expected(&mut oracle)).collect();
    let mut first: Option<(Vec<Result<u64, String>>, String)> = None;
    for door in Door::ALL {
        let subject = subject();
        for violation in Violation::ALL {
            subject.set_policy(violation, policies.of(violation));
        }
        subject.fill();
        let outcomes: Vec<_> = operations.iter().map(|operation| operation.outcome(*door, &*subject)).collect();
        for (position, (outcome, expected)) in outcomes.iter().zip(&expected).enumerate() {
            if outcome.as_ref().ok() != expected.as_ref() {
                return Err(format!("{door:?}: operation {position} gives {outcome:x?} instead of {expected:x?}"));
            }
        }
        let (stored, wanted) = (subject.stored(), oracle.stored());
        if stored != wanted {
            return Err(format!("{door:?}: the state is\n{stored:x?}\ninstead of\n{wanted:x?}"));
        }
        let trace = subject.trace();
        let seen: Vec<_> = trace
            .accesses()
            .map(|event| Seen {
                is_write: event.direction == Direction::Write,
                offset: event.access.offset,
                bytes: event.access.width.bytes(),
                value: event.value,
                is_refused: event.error.is_some(),
            })
            .collect();
        if seen != oracle.seen {
            return Err(format!("{door:?}: the trace is\n{seen:x?}\ninstead of\n{:x?}", oracle.seen));
        }
        let (outcomes_before, trace_before) = first.get_or_insert_with(|| (outcomes.clone(), trace.to_string()));
        if *outcomes_before != outcomes || *trace_before != trace.to_string() {
            return Err(format!(
                "the doors differ:\n{outcomes_before:x?}\n{trace_before}\n{door:?}:\n{outcomes:x?}\n{trace}"
            ));
        }
    }
    Ok(oracle.seen)
}

/// Leaves out the operations without which the sequence fails as well, and shows what remains.
fn fail(
    block: &Block,
    subject: fn() -> Box<dyn Subject>,
    policies: Policies,
    mut operations: Vec<Operation>,
    (seed, sequence): (u64, u64),
) -> ! {
    let mut length = operations.len() / 2;
    while length > 0 {
        let mut start = 0;
        while start < operations.len() {
            let mut fewer = operations.clone();
            fewer.drain(start..operations.len().min(start + length));
            if compare(block, subject, policies, &fewer).is_err() {
                operations = fewer;
            } else {
                start += length;
            }
        }
        length /= 2;
    }
    let difference = compare(block, subject, policies, &operations).expect_err("it failed before");
    panic!(
        "{} does not do what its declaration says (MEMTRAP_SEED={seed}, sequence {sequence}):\n{difference}\n{policies:?}\n\
         {operations:#x?}",
        block.name
    );
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not `{text}`")))
}
