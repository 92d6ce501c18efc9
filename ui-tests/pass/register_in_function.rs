//! Value types and enumerations in a function, with names that are keywords.
use memtrap::{FieldEnum, register};

#[test]
fn runs() {
    #[derive(Clone, Copy, Debug, PartialEq, FieldEnum)]
    enum Speed {
        Low,
        High,
    }

    #[register(u8)]
    struct Line {
        #[bits(0)]
        r#type: Speed,
        #[bits(1..4)]
        r#loop: u8,
    }

    let line = Line::new().with_type(Speed::High).with_loop(5);
    assert_eq!((line.r#type(), line.r#loop(), line.bits()), (Speed::High, 5, 0b1011));
}
