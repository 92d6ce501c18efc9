//! The keywords of the 25 field access policies.

/// Keywords in the order of `memtrap::map::Policy::ALL`.
pub(crate) const POLICIES: [&str; 25] = [
    "ro", "rw", "rc", "rs", "wrc", "wrs", "wc", "ws", "wsrc", "wcrs", "w1c", "w1s", "w1t", "w0c", "w0s", "w0t",
    "w1src", "w1crs", "w0src", "w0crs", "wo", "woc", "wos", "w1", "wo1",
];

/// Whether a write of one or zero to a single bit has a meaning of its own.
pub(crate) fn is_bitwise(policy: &str) -> bool {
    policy.starts_with("w1c") || policy.starts_with("w1s") || policy == "w1t" || policy.starts_with("w0")
}
