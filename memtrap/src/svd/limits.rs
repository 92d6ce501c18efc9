//! What a file may ask for. Far above what any vendor's file needs, and low enough that no file takes the machine's memory.

/// Size of a file in bytes; the largest that vendors publish have some 30 MiB.
pub(super) const FILE: u64 = 64 << 20;

/// Nodes of the XML tree: elements, texts and comments.
pub(super) const NODES: u32 = 8_000_000;

/// Clusters inside each other.
pub(super) const NESTING: usize = 16;

/// Elements of one `dim`.
pub(super) const DIM: u64 = 65_536;

/// Elements that are looked at, each as often as arrays and `derivedFrom` repeat it.
pub(super) const VISITS: usize = 8_000_000;

/// Registers of the whole chip; an array is one.
pub(super) const REGISTERS: usize = 500_000;

/// Peripherals of a chip.
pub(super) const PERIPHERALS: usize = 4_096;

/// Elements that one derives from, that one from the next, and so on.
pub(super) const DERIVATIONS: usize = 32;

/// Letters of a name, also of one that is put together of the names of clusters.
pub(super) const NAME: usize = 512;

/// Warnings that are kept; what follows is counted.
pub(super) const WARNINGS: usize = 10_000;
