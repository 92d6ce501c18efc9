//! The chart in the book.

use crate::rounds::Results;
use std::fmt::Write as _;

const BAR: usize = 18;
const LABELS: usize = 190;
const WIDTH: usize = 760;
/// Pixels for a factor of ten.
const DECADE: f64 = 95.0;
/// Where the scale begins, in nanoseconds.
const LEAST: f64 = 0.1;

/// What the bars stand for.
const BARS: &[(&str, &str)] = &[
    ("plain-load", "plain memory"),
    ("dyn-load", "mock behind a trait"),
    ("mutex-dyn-load", "the same in a mutex"),
    ("typed-load", "typed door"),
    ("typed-load-quiet", "typed door, no trace"),
    ("promoted-load", "trapped door, promoted"),
    ("trapped-load", "trapped door"),
    ("bare-sigsegv-load", "barest SIGSEGV handler"),
    ("hard-wired-load", "hard-wired handler and mock"),
    ("userfaultfd-load", "userfaultfd"),
    ("ptrace-load", "ptrace supervisor"),
    ("single-step-load", "open, step, close"),
];

/// The chart as an SVG image, with a logarithmic scale. What was not measured is left out.
#[must_use]
pub fn svg(results: &Results) -> String {
    let bars: Vec<_> = BARS.iter().filter_map(|(name, label)| Some((label, results.get(name)?.median()))).collect();
    let height = BAR * (bars.len() + 2);
    let x = |nanoseconds: f64| LABELS as f64 + DECADE * (nanoseconds / LEAST).log10().max(0.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\" role=\"img\">\n<title>Time of one load, in nanoseconds</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (power, label) in [(0, "1 ns"), (1, "10 ns"), (2, "100 ns"), (3, "1 µs"), (4, "10 µs"), (5, "100 µs")] {
        let at = x(10_f64.powi(power));
        let bottom = height - BAR;
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.0} 4V{bottom}\" stroke=\"#ccc\"/><text x=\"{at:.0}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            height - 4
        );
    }
    for (row, (label, median)) in bars.iter().enumerate() {
        let (top, width) = (BAR * row + 6, x(*median) - LABELS as f64);
        let digits = if *median < 10.0 { 1 } else { 0 };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>\
             <rect x=\"{LABELS}\" y=\"{top}\" width=\"{width:.0}\" height=\"{}\" fill=\"#4878a8\"/>\
             <text x=\"{:.0}\" y=\"{}\">{median:.digits$}</text>",
            LABELS - 6,
            top + 11,
            BAR - 5,
            LABELS as f64 + width + 4.0,
            top + 11
        );
    }
    svg += "</svg>\n";
    svg
}
