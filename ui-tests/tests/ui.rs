//! Compiles every case with a mistake and compares what the compiler says.

#[test]
fn refused() {
    // Nothing else here: with a case that passes, trybuild would compile one after the other, and link them.
    trybuild::TestCases::new().compile_fail("fail/*/*.rs");
}
