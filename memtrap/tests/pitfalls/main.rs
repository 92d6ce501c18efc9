//! The pitfalls of trap-and-emulate engines, a test for each.
//!
//! The numbers are those of a survey of such engines and of the errors in their histories. The conformance suite meets
//! most of them at random; here they have names. Those that are not here have a test of their own elsewhere:
//!
//! | pitfall | test |
//! |---|---|
//! | 2 misaligned vector access, 3 non-canonical pointer, 46 code fetched from a device | `foreign_signals.rs` |
//! | 9 locked accesses of several threads, 34 nested devices | `many.rs` |
//! | 31 stack pointer in a region | `trapped.rs` |
//! | 33 chaining | `foreign_handlers.rs`, `foreign_signals.rs` |
//! | 36 a panic in a model, 38 the kernel does not trap | `reports.rs`, `dma.rs` |
//!
//! And the classes of errors in the history of the widest software engine:
//!
//! | errors | where |
//! |---|---|
//! | 1 a register read twice, 2 writes left out or preceded by a read, 4 wrong sizes | access log and oracle of the conformance suite; pitfalls 1, 7, 8, 12, 21 |
//! | 3 faults of empty and partial masks | pitfalls 5, 6, 7; the oracle, lane by lane |
//! | 5 alignment faults, 6 reserved and ignored bits, 7 illegal `lock`, 8 prefixes, 12 segments | the conformance suite's placements, encoder variants, `SIGILL` comparison, redundant prefixes and `fs`/`gs` modes |
//! | 9 repetition | pitfalls 15, 16, 17 |
//! | 10 flags | compared after every instance |
//! | 11 address arithmetic | pitfall 11; 32-bit addresses in the low arena |
//! | 13 x87 state | pitfall 26; the suite's x87 images |
//! | 14 wide and straddling accesses | pitfalls 1, 4, 10; the window with two devices |
//! | 15 compare-exchange | pitfall 12 |
//! | 16 plumbing of stubs | pitfalls 19, 44, 50; the signal storm |
//! | 17 forgotten writers | all tests of forms are generated |
//! | 18 selectors on the stack | the suite's stack forms |
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../support/child.rs"]
mod child;
mod code;
mod copies;
mod environment;
mod masks;
mod operands;
mod page;
mod state;
mod strings;
mod threads;
