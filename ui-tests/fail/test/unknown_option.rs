// The options of `#[memtrap::test]` are named in the message.

#[memtrap::test(time_out = 5)]
fn typo() {}

#[memtrap::test(timeout = "5")]
fn text() {}

#[memtrap::test(timeout = 0)]
fn zero() {}

fn main() {}
