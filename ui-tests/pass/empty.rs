//! A block without registers.
#![deny(warnings)]

#[memtrap::simulated(size = 0x10)]
struct Nothing {}

struct Model;
impl nothing::Model for Model {}

fn main() {
    let sim = Nothing::simulate(Model).unwrap();
    assert!(format!("{:?}", sim.regs()).starts_with("Nothing("));
    assert_eq!(*sim.state(), nothing::State::default());
}
