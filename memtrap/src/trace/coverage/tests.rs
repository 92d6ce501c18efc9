use super::{
    super::testing::{read, refused, trace, with, write},
    *,
};

fn sample() -> Coverage {
    trace([
        write(1, 0x00, 0x41),
        write(2, 0x00, 0x42),
        read(3, 0x20, 1),
        read(4, 0x28, 2),
        read(5, 0x28, 3),
        read(6, 0x80, 5),
        refused(read(7, 0x18, 0)),
    ])
    .coverage()
}

#[test]
fn reads_writes_and_toggled_bits_are_counted() {
    let coverage = sample();
    let of = |name| coverage.registers().find(|register| register.register == name).expect("the register is known");
    let dr = of("dr");
    assert_eq!((dr.block, dr.reads, dr.writes, dr.toggled), ("uart", 0, 2, 3));
    let id = of("id");
    assert_eq!((id.elements, id.elements_touched, id.reads), (4, 2, 3));
    assert_eq!(id.toggled, 1, "bit 1 differs between two elements only");
    let unnamed = of("+0x080");
    assert_eq!((unnamed.access, unnamed.reads, unnamed.toggled), (None, 1, 0));
}

#[test]
fn what_was_refused_or_not_accessed_is_untouched() {
    let coverage = sample();
    assert_eq!(coverage.untouched().map(|register| register.register).collect::<Vec<_>>(), ["fr"]);
}

#[test]
fn an_access_to_a_part_shows_those_bits_only() {
    let part = |event| with(event, |access| access.access.width = Width::U8);
    let coverage = trace([part(write(1, 0x01, 0xff)), part(write(2, 0x01, 0x0f))]).coverage();
    assert_eq!(coverage.registers().next().map(|register| register.toggled), Some(0xf000));
}

#[test]
fn coverages_add_up_by_block() {
    let mut sum = sample();
    sum.merge(&trace([read(1, 0x18, 1), write(2, 0x00, 0x43), read(3, 0x28, 6)]).coverage());
    assert_eq!(sum.untouched().count(), 0);
    let toggled: Vec<_> = sum.registers().map(|register| register.toggled).collect();
    assert_eq!(toggled, [3, 0, 5, 0], "an element that was 2, 3 and 6");
    assert_eq!(sum.registers().map(|register| register.reads + register.writes).collect::<Vec<_>>(), [3, 1, 4, 1]);
    let mut nothing = Coverage::default();
    nothing.merge(&sum);
    assert_eq!(nothing, sum);
}

#[test]
fn the_table_has_a_line_for_each_register() {
    assert_eq!(
        sample().to_string(),
        "block  register    access      reads     writes  bits toggled\n\
         uart   dr          rw              0          2  0x00000003\n\
         \x20      fr          ro      never touched\n\
         \x20      id[2 of 4]  ro              3          0  0x01\n\
         \x20      +0x080                      1          0  0x00000000\n\
         3 of 4 registers touched\n"
    );
}

#[test]
fn the_json_has_an_object_for_each_register() {
    let json = sample().to_json();
    assert!(json.starts_with("{\"format\":\"memtrap-coverage\",\"version\":1,\"registers\":[\n"), "{json}");
    let id = "{\"block\":\"uart\",\"register\":\"id\",\"offset\":32,\"width\":1,\"access\":\"ro\",\"elements\":4,\
              \"elements_touched\":2,\"reads\":3,\"writes\":0,\"toggled\":\"0x01\"}";
    assert_eq!(json.lines().nth(3), Some(&*format!("{id},")));
}

#[test]
fn a_file_holds_everything() {
    let coverage = sample();
    assert_eq!(Coverage::parse(&coverage.to_file()), Some(coverage.clone()));
    for broken in
        ["", "something else\n", "memtrap coverage 1\nuart\tdr\t0\n", "memtrap coverage 1\nu\td\t0\t3\t-\t1\t0\t0\n"]
    {
        assert_eq!(Coverage::parse(broken), None, "{broken:?}");
    }
}
