//! The devices and mocks whose accesses the benchmarks time. All of them do the same work: they count the reads, answer
//! with the count, and keep what was written.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod barest;
pub mod device;
pub mod instruction;
pub mod mock;
