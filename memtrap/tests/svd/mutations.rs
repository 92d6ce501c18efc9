//! Files that were damaged at random: each is a chip or an error, and neither a panic nor the memory of the machine.

use crate::TINY;
use memtrap::{Bus, svd::Chip};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ number >> 31) as usize % below
    }
}

/// What takes the place of numbers, names and keywords.
const TEXTS: [&str; 24] = [
    "",
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "63",
    "64",
    "65",
    "255",
    "65536",
    "0xffffffff",
    "0xffffffffffffffff",
    "18446744073709551616",
    "#1x",
    "%s",
    "[%s]",
    "UART0",
    "UART0.MODE.SPEED",
    "A,B",
    "0-65535",
    "read-only",
    "\u{1f980}",
];

/// The text between two tags, one of them chosen at random.
fn element_text(text: &str, random: &mut Random) -> Option<std::ops::Range<usize>> {
    let ends: Vec<_> = text.match_indices("</").map(|(at, _)| at).collect();
    let end = ends[random.next(ends.len())];
    let start = text[..end].rfind('>')? + 1;
    Some(start..end)
}

fn mutate(random: &mut Random) -> String {
    let mut text = TINY.to_owned();
    for _ in 0..=random.next(4) {
        match random.next(5) {
            0 | 1 => {
                if let Some(range) = element_text(&text, random) {
                    text.replace_range(range, TEXTS[random.next(TEXTS.len())]);
                }
            }
            2 => {
                // A whole line is missing, or there twice.
                let lines: Vec<_> = text.lines().collect();
                let (victim, copies) = (random.next(lines.len()), 2 * random.next(2));
                let all = lines.iter().enumerate();
                text = all
                    .flat_map(|(n, line)| vec![*line; if n == victim { copies } else { 1 }])
                    .collect::<Vec<_>>()
                    .join("\n");
            }
            3 => {
                // One tag instead of another.
                let tags =
                    ["dim", "size", "name", "cluster", "register", "access", "value", "bitRange", "lsb", "resetValue"];
                let (from, to) = (tags[random.next(tags.len())], tags[random.next(tags.len())]);
                text = text.replacen(&format!("<{from}>"), &format!("<{to}>"), 1).replacen(
                    &format!("</{from}>"),
                    &format!("</{to}>"),
                    1,
                );
            }
            _ => {
                let at = random.next(text.len());
                if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                    text.replace_range(at..=at, ["<", ">", "&", "\"", "0", "x"][random.next(6)]);
                }
            }
        }
    }
    text
}

#[memtrap::test]
fn damaged_files_are_chips_or_errors() {
    let mut random = Random(std::env::var("MEMTRAP_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1));
    let (mut chips, mut errors) = (0, 0);
    for _ in 0..500 {
        let text = mutate(&mut random);
        match Chip::parse(&text) {
            Ok(chip) => {
                chips += 1;
                assert!(chip.warnings().iter().all(|warning| warning.line > 0 && !warning.element.is_empty()));
                let bus = Bus::new();
                // An address may be out of range or in use: that is an error too.
                if let Ok(sim) = chip.simulate(&bus) {
                    let _ = format!("{:?}", sim.regions().collect::<Vec<_>>());
                }
            }
            Err(error) => {
                errors += 1;
                assert!(error.to_string().starts_with("line "), "{error}");
            }
        }
    }
    assert!(chips > 50 && errors > 50, "{chips} chips and {errors} errors");
}
