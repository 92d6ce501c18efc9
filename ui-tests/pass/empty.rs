//! A block without registers.

#[memtrap::simulated(size = 0x10)]
struct Nothing {}

struct Model;
impl nothing::Model for Model {}

#[test]
fn runs() {
    let sim = Nothing::simulate(Model).unwrap();
    assert!(format!("{:?}", sim.regs()).starts_with("Nothing("));
    assert_eq!(*sim.state(), nothing::State::default());
}
