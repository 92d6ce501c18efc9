// `#[memtrap::test]` runs a function without parameters, and not a future.

#[memtrap::test]
async fn waits() {}

#[memtrap::test]
fn takes(parameter: u32, another: u32) {
    let _ = (parameter, another);
}

#[memtrap::test]
fn generic<T>() {}

#[memtrap::test]
#[test]
fn twice() {}

fn main() {}
