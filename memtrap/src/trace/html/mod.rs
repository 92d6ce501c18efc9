//! A trace as a picture: a page that shows it on a time line.
//!
//! The page is one file and asks nobody for anything: its style and its script are part of it, and the trace is in it as
//! JSON. What is drawn is decided here, how it is drawn in `timeline.js`.

mod collect;
mod lanes;
mod rows;

pub(crate) use collect::picture;

use self::{lanes::Lanes, rows::rows};
use super::{Trace, event::EventKind, json::Json};
use std::fmt::Write as _;

impl Trace {
    /// The trace as a web page with a time line: a lane for each register that was accessed, for what the models did, and
    /// for each interrupt line, over virtual time. Equal reads in a row are one bar, and times in which nothing happens
    /// are folded. Whatever is pointed at is explained, with its decoded fields and the driver's source line.
    ///
    /// The page is complete in itself: it needs no network. A trace of as many events as a bus keeps is drawn without delay.
    /// The address of the page may name an access: `trace.html#n=47` selects the one with this number.
    ///
    /// While the environment variable `MEMTRAP_TIMELINE` names a directory, every bus leaves such a page there when it is
    /// dropped, in a file with the name of its test. An earlier page is not replaced.
    ///
    /// As the text of a trace, it is free of addresses. The same driver gives the same page in debug and in release, except
    /// for the source lines of trapped accesses: in a debug build such an access is often made by a function of the
    /// standard library, and only its caller would be of interest.
    #[must_use]
    pub fn to_html(&self) -> String {
        let regions: Vec<_> = self.regions.iter().map(|region| region.name).collect();
        page(self, &if regions.is_empty() { "trace".to_owned() } else { regions.join(", ") })
    }
}

/// The page of a trace, with a title.
pub(super) fn page(trace: &Trace, title: &str) -> String {
    let title = escape(title);
    let style = include_str!("timeline.css");
    let script = include_str!("timeline.js");
    // Inside a script element only `<` could end the text.
    let data = data(trace).replace('<', "\\u003c");
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} - memtrap</title>\n\
         <style>\n{style}</style>\n</head>\n<body>\n<header><h1>{title}</h1><p id=\"summary\"></p></header>\n\
         <noscript>The time line is drawn by a script. As text, a trace is its <code>Display</code> form.</noscript>\n\
         <script id=\"trace\" type=\"application/json\">\n{data}</script>\n<script>\n{script}</script>\n</body>\n</html>\n"
    )
}

/// What the script draws.
fn data(trace: &Trace) -> String {
    let lanes = Lanes::new(trace);
    let rows = rows(trace, &lanes);
    let mut json = Json::default();
    json.object(|json| {
        json.key("dropped").number(trace.dropped + trace.left_out);
        json.key("events").size(trace.events.len());
        json.key("reads").size(count(trace, super::Direction::Read));
        json.key("writes").size(count(trace, super::Direction::Write));
        json.key("lanes").array(|json| lanes.write(json));
        json.key("sources").array(|json| rows.sources.iter().for_each(|source| json.string(source)));
        json.key("rows").array(|json| {
            for row in &rows.rows {
                json.line();
                json.object(|json| row.write(json));
            }
        });
    });
    json.finish()
}

fn count(trace: &Trace, direction: super::Direction) -> usize {
    let is = |kind: &EventKind| matches!(kind, EventKind::Access(access) if access.direction == direction);
    trace.events.iter().filter(|event| is(&event.kind)).count()
}

/// `text` as the content of an element.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            other => escaped.write_char(other).expect("a String takes any text"),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
