use super::super::testing::{note, read, refused, trace, with, write};
use crate::{
    bus::CodeLocation,
    map::{AccessKind, Field, NamedValue, Register, RegisterMap, Width},
    trace::Event,
};

#[test]
fn names_are_aligned_and_values_as_wide_as_the_access() {
    let text = trace([write(1, 0x00, 0x41), read(2, 0x18, 0x90), read(3, 0x28, 0xf0), read(4, 0x104, 7)]).to_string();
    assert_eq!(
        text,
        "#1     W uart.dr     0x00000041\n\
         #2     R uart.fr     0x0090\n\
         #3     R uart.id[2]  0xf0\n\
         #4     R uart+0x104  0x00000007\n"
    );
}

/// A write to a register with fields.
fn write_line(sequence: u64, value: u64) -> Event {
    static MAP: RegisterMap = RegisterMap::new("uart", 0x100, Width::U32, {
        const REGISTERS: &[Register] = &[Register::new("line", 0x1c, Width::U32, AccessKind::ReadWrite, 0)
            .with_fields(&[
                Field::new("break", 0, 1, None),
                Field::new("parity", 1, 2, None),
                Field::new("length", 5, 2, None),
            ])];
        REGISTERS
    });
    with(write(sequence, 0x1c, value), |access| access.registers = Some(&MAP))
}

#[test]
fn fields_that_are_not_zero_are_named() {
    let text = trace([write_line(1, 0x61), write_line(2, 0x06), write_line(3, 0), write_line(4, 0x8000)]).to_string();
    assert_eq!(
        text,
        "#1     W uart.line  0x00000061  {break length=3}\n\
         #2     W uart.line  0x00000006  {parity=3}\n\
         #3     W uart.line  0x00000000\n\
         #4     W uart.line  0x00008000\n"
    );
}

#[test]
fn fields_of_a_part_of_a_register_are_not_guessed() {
    let part = |offset| {
        with(write_line(1, 0x61), |access| {
            access.access.offset = offset;
            access.access.width = Width::U8;
        })
    };
    let text = trace([part(0x1c), part(0x1d)]).to_string();
    assert!(!text.contains('{'), "{text}");
}

#[test]
fn a_poll_is_one_line_with_its_count() {
    let text = trace([read(1, 0x18, 0x30), read(2, 0x18, 0x30), read(3, 0x18, 0x30), read(4, 0x18, 0x10)]).to_string();
    assert_eq!(text, "#1     R uart.fr  0x0030  x 3\n#4     R uart.fr  0x0010\n");
}

#[test]
fn what_differs_is_not_joined() {
    let events = [read(1, 0x18, 1), refused(read(2, 0x18, 1)), write(3, 0x18, 1), read(4, 0x20, 1), read(5, 0x24, 1)];
    assert_eq!(trace(events).to_string().lines().count(), 5);
}

#[test]
fn a_remark_stands_below_the_access_it_belongs_to() {
    let text = trace([write(1, 0x00, 0x41), note(1, "sent 'A'"), note(1, "FIFO empty")]).to_string();
    assert_eq!(text, "#1     W uart.dr  0x00000041\n       . uart     sent 'A'\n       . uart     FIFO empty\n");
}

#[test]
fn a_refusal_is_shown_with_its_reason() {
    assert_eq!(
        trace([refused(read(1, 0x00, 0xffff_ffff))]).to_string(),
        "#1     R uart.dr  0xffffffff  refused: the register is write-only\n"
    );
}

#[test]
fn a_read_modify_write_instruction_looks_like_a_read_and_a_write() {
    let separate = [read(1, 0x00, 1), write(2, 0x00, 3)];
    let joined = separate.clone().map(|event| {
        with(event, |access| {
            access.access.read_modify_write = true;
            access.access.locked = true;
            access.access.location = CodeLocation::Instruction(0xffff);
        })
    });
    assert_eq!(trace(joined).to_string(), trace(separate).to_string());
}

#[test]
fn what_was_dropped_is_counted() {
    let mut trace = trace([read(8, 0x18, 0x90)]);
    trace.dropped = 7;
    assert_eq!(trace.to_string(), "(7 earlier events)\n#8     R uart.fr  0x0090\n");
}

#[test]
fn an_empty_trace_is_empty() {
    assert_eq!(trace([]).to_string(), "");
}

#[test]
fn values_and_alternates_have_the_names_of_their_direction() {
    static MAP: RegisterMap = RegisterMap::new("uart", 0x100, Width::U32, {
        const SPEEDS: &[NamedValue] = &[
            NamedValue { write: false, ..NamedValue::new("slowly", 1) },
            NamedValue { read: false, ..NamedValue::new("slow", 1) },
            NamedValue { mask: 0, ..NamedValue::new("other", 0) },
        ];
        const REGISTERS: &[Register] = &[
            Register::new("thr", 0x0, Width::U32, AccessKind::WriteOnly, 0),
            Register::new("low", 0x0, Width::U8, AccessKind::ReadWrite, 0),
            Register::new("rbr", 0x0, Width::U32, AccessKind::ReadOnly, 0),
            Register::new("mode", 0x4, Width::U32, AccessKind::ReadWrite, 0)
                .with_fields(&[Field::new("speed", 4, 2, None).with_values(SPEEDS)]),
        ];
        REGISTERS
    });
    let mapped = |event| with(event, |access| access.registers = Some(&MAP));
    let narrow = with(mapped(write(3, 0x0, 3)), |access| access.access.width = Width::U8);
    let events = [
        mapped(write(1, 0x0, 1)),
        mapped(read(2, 0x0, 2)),
        narrow,
        mapped(write(4, 0x4, 0x10)),
        mapped(with(read(5, 0x4, 0x10), |access| access.access.width = Width::U32)),
        mapped(write(6, 0x4, 0x20)),
    ];
    assert_eq!(
        trace(events).to_string(),
        "#1     W uart.thr   0x00000001\n\
         #2     R uart.rbr   0x00000002\n\
         #3     W uart.low   0x03\n\
         #4     W uart.mode  0x00000010  {speed=slow}\n\
         #5     R uart.mode  0x00000010  {speed=slowly}\n\
         #6     W uart.mode  0x00000020  {speed=other}\n"
    );
}
