//! Prints what an access of a driver costs, one line a figure: times, and ratios of medians of the same run.
//!
//! ```console
//! cargo run --release -p memtrap-benches                            # everything
//! cargo run --release -p memtrap-benches -- access                  # one group: access, regions, threads, setup
//! cargo run --release -p memtrap-benches -- access book/src/costs.svg   # and the chart
//! cargo run --release -p memtrap-benches -- 5                       # in 5 rounds instead of 61
//! ```

use memtrap_benches::{GROUPS, chart, compare, rounds::ROUNDS};
use std::{env, fs, process::ExitCode};

fn main() -> ExitCode {
    let (groups, others): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| GROUPS.contains(&word.as_str()));
    let (rounds, files): (Vec<_>, Vec<_>) = others.into_iter().partition(|word| word.parse::<usize>().is_ok());
    let rounds = rounds.first().and_then(|word| word.parse().ok()).unwrap_or(ROUNDS);
    let results = compare(groups.first().map(String::as_str), rounds);
    for file in &files {
        if let Err(error) = fs::write(file, chart::svg(&results)) {
            eprintln!("{file} cannot be written: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
