//! Prints what an access of a driver costs, one line a figure: times, and ratios of medians of the same run.
//!
//! ```console
//! cargo run --release -p memtrap-benches                            # everything
//! cargo run --release -p memtrap-benches -- access                  # one group: access, regions, threads, setup
//! cargo run --release -p memtrap-benches -- access book/src/costs.svg   # and the chart
//! ```

use memtrap_benches::{GROUPS, chart, compare};
use std::{env, fs, process::ExitCode};

fn main() -> ExitCode {
    let (groups, files): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|word| GROUPS.contains(&word.as_str()));
    let results = compare(groups.first().map(String::as_str));
    for file in &files {
        if let Err(error) = fs::write(file, chart::svg(&results)) {
            eprintln!("{file} cannot be written: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
