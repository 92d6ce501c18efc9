//! What to run, from the environment.

use std::{env, time::Duration};

/// How instances come to the devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Each is a trap.
    Trapped,
    /// Each has trapped once before, and is a jump to a pad since.
    Promoted,
}

impl Door {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trapped => "trapped",
            Self::Promoted => "promoted",
        }
    }
}

/// How a run is varied.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// `MEMTRAP_SEED`: every seed makes other instances.
    pub(crate) seed: u64,
    /// `MEMTRAP_INSTANCES`: how many of each form.
    pub(crate) instances: u64,
    /// `MEMTRAP_CODE`: only this form.
    pub(crate) code: Option<String>,
    /// `MEMTRAP_INSTANCE`: only this one of each form.
    pub(crate) instance: Option<u64>,
    /// `MEMTRAP_FORMS=integer`: only the integer subset.
    pub(crate) integer_only: bool,
    /// `MEMTRAP_STORM`: microseconds between timer signals.
    pub(crate) storm: Option<Duration>,
    /// `MEMTRAP_DOOR=trapped` or `promoted`: only this door. The one that runs at the moment comes first.
    pub(crate) doors: Vec<Door>,
    /// `MEMTRAP_DOOR=native`: run every instance on memory twice, to check the suite itself.
    pub(crate) native_only: bool,
    /// `MEMTRAP_ORACLE`: how many instances of each form the access oracle looks at.
    pub(crate) probed: u64,
    /// `MEMTRAP_COVERAGE_PAGE`: write the book's coverage page here.
    pub(crate) coverage: Option<String>,
}

impl Options {
    pub(crate) fn from_environment() -> Self {
        let quick = cfg!(debug_assertions);
        let default_instances = if quick { 3 } else { 24 };
        let code = env::var("MEMTRAP_CODE").ok();
        let door = env::var("MEMTRAP_DOOR").ok();
        let instances = number("MEMTRAP_INSTANCES").unwrap_or(if code.is_some() { 1000 } else { default_instances });
        Self {
            seed: number("MEMTRAP_SEED").unwrap_or(1),
            instances,
            instance: number("MEMTRAP_INSTANCE"),
            integer_only: env::var("MEMTRAP_FORMS").is_ok_and(|forms| forms == "integer"),
            storm: number("MEMTRAP_STORM").map(Duration::from_micros),
            doors: match door.as_deref() {
                Some("trapped") => vec![Door::Trapped],
                Some("promoted") => vec![Door::Promoted],
                None | Some("native") => vec![Door::Trapped, Door::Promoted],
                Some(door) => panic!("MEMTRAP_DOOR must be `trapped`, `promoted` or `native`, not `{door}`"),
            },
            native_only: door.is_some_and(|door| door == "native"),
            probed: number("MEMTRAP_ORACLE").unwrap_or(if code.is_some() {
                instances
            } else if quick {
                1
            } else {
                12
            }),
            coverage: env::var("MEMTRAP_COVERAGE_PAGE").ok(),
            code,
        }
    }

    /// The indices of the instances of a form.
    pub(crate) fn indices(&self) -> std::ops::Range<u64> {
        self.instance.map_or(0..self.instances, |instance| instance..instance + 1)
    }
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not `{text}`")))
}
