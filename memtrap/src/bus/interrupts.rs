//! Interrupt lines: raised by models, served by handlers on the driver's thread.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Serves an interrupt.
pub(super) type Handler = Arc<Mutex<dyn FnMut() + Send>>;

/// The interrupt lines of a bus, and which handlers are running.
#[derive(Debug, Default)]
pub(crate) struct Interrupts(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    lines: BTreeMap<u32, Line>,
    masked: bool,
    /// Only lines of a higher priority are served.
    threshold: Option<u8>,
    /// Rises and pulses of all enabled lines so far.
    signals: u64,
    /// Lines and priorities of the handlers that are running, in the order in which they began.
    running: Vec<(u32, u8)>,
}

#[derive(Default)]
struct Line {
    /// A model holds the line.
    level: bool,
    /// A pulse that no handler has served.
    latched: bool,
    disabled: bool,
    priority: u8,
    handler: Option<Handler>,
    served: u64,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("level", &self.level)
            .field("latched", &self.latched)
            .field("disabled", &self.disabled)
            .field("priority", &self.priority)
            .field("served", &self.served)
            .finish_non_exhaustive()
    }
}

/// What happens to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Raise,
    Lower,
    Pulse,
}

impl Interrupts {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a line; whether that is a change.
    pub(super) fn signal(&self, line: u32, signal: Signal) -> bool {
        let mut state = self.state();
        let line = state.lines.entry(line).or_default();
        let changes = match signal {
            Signal::Raise => !std::mem::replace(&mut line.level, true),
            Signal::Lower => std::mem::take(&mut line.level),
            Signal::Pulse => {
                line.latched = true;
                true
            }
        };
        let wakes = changes && signal != Signal::Lower && !line.disabled;
        state.signals += u64::from(wakes);
        changes
    }

    /// Whether a model holds the line, or a pulse waits.
    pub(super) fn is_pending(&self, line: u32) -> bool {
        self.state().lines.get(&line).is_some_and(Line::is_pending)
    }

    /// Whether any line is pending that is enabled.
    pub(super) fn any_pending(&self) -> bool {
        self.state().lines.values().any(|line| line.is_pending() && !line.disabled)
    }

    /// Rises and pulses of all enabled lines so far.
    pub(super) fn signals(&self) -> u64 {
        self.state().signals
    }

    /// How often the line's handler was called.
    pub(super) fn served(&self, line: u32) -> u64 {
        self.state().lines.get(&line).map_or(0, |line| line.served)
    }

    pub(super) fn set_handler(&self, line: u32, handler: Handler) {
        self.state().lines.entry(line).or_default().handler = Some(handler);
    }

    pub(super) fn set_enabled(&self, line: u32, enabled: bool) {
        self.state().lines.entry(line).or_default().disabled = !enabled;
    }

    pub(super) fn set_priority(&self, line: u32, priority: u8) {
        self.state().lines.entry(line).or_default().priority = priority;
    }

    /// Whether the line is enabled: unless it was disabled it is.
    pub(super) fn is_enabled(&self, line: u32) -> bool {
        self.state().lines.get(&line).is_none_or(|line| !line.disabled)
    }

    /// Whether the line's handler is running.
    pub(super) fn is_active(&self, line: u32) -> bool {
        self.state().running.iter().any(|(running, _)| *running == line)
    }

    /// Forgets a pulse that was not served yet.
    pub(super) fn forget(&self, line: u32) {
        if let Some(line) = self.state().lines.get_mut(&line) {
            line.latched = false;
        }
    }

    /// Has only lines of a higher priority served.
    pub(crate) fn set_threshold(&self, threshold: Option<u8>) {
        self.state().threshold = threshold;
    }

    /// Whether all lines are masked.
    pub(crate) fn is_masked(&self) -> bool {
        self.state().masked
    }

    /// Whether all lines are masked, and how many handlers are running.
    #[cfg(trap)]
    pub(crate) fn snapshot(&self) -> (bool, usize) {
        let state = self.state();
        (state.masked, state.running.len())
    }

    /// Goes back to a snapshot: what came since was abandoned.
    #[cfg(trap)]
    pub(crate) fn restore(&self, (masked, handlers): (bool, usize)) {
        let mut state = self.state();
        state.masked = masked;
        state.running.truncate(handlers);
    }

    /// Masks or unmasks all lines; whether they were masked.
    pub(crate) fn set_masked(&self, masked: bool) -> bool {
        std::mem::replace(&mut self.state().masked, masked)
    }

    /// Whether a handler would be called now.
    pub(super) fn has_work(&self) -> bool {
        self.state().next().is_some()
    }

    /// Begins to serve the most urgent line, if one may be served now.
    pub(super) fn begin(&self) -> Option<(u32, Handler)> {
        let mut state = self.state();
        let number = state.next()?;
        let line = state.lines.get_mut(&number)?;
        line.latched = false;
        line.served += 1;
        let (priority, handler) = (line.priority, line.handler.clone()?);
        state.running.push((number, priority));
        Some((number, handler))
    }

    /// Ends what the last [`begin`](Self::begin) began.
    pub(super) fn end(&self) {
        self.state().running.pop();
    }
}

impl State {
    /// The most urgent line that a handler may serve now: of a higher priority than all that are being served.
    fn next(&self) -> Option<u32> {
        if self.masked {
            return None;
        }
        let running = self.running.iter().map(|(_, priority)| *priority).chain(self.threshold).max();
        let ready = |line: &&Line| {
            line.is_pending() && !line.disabled && line.handler.is_some() && running.is_none_or(|p| line.priority > p)
        };
        let candidates = self.lines.iter().filter(|(_, line)| ready(line));
        // Among equals the lowest number, as interrupt controllers do.
        candidates.max_by_key(|(number, line)| (line.priority, std::cmp::Reverse(**number))).map(|(number, _)| *number)
    }
}

impl Line {
    fn is_pending(&self) -> bool {
        self.level || self.latched
    }
}

#[cfg(test)]
mod tests {
    use super::{Interrupts, Signal};
    use std::sync::{Arc, Mutex};

    fn with_handlers(lines: &[(u32, u8)]) -> Interrupts {
        let interrupts = Interrupts::default();
        for (line, priority) in lines {
            interrupts.set_handler(*line, Arc::new(Mutex::new(|| {})));
            interrupts.set_priority(*line, *priority);
        }
        interrupts
    }

    #[test]
    fn a_level_stays_and_a_pulse_is_served_once() {
        let interrupts = with_handlers(&[(1, 0)]);
        assert!(interrupts.signal(1, Signal::Raise));
        assert!(!interrupts.signal(1, Signal::Raise), "it is high already");
        assert!(interrupts.begin().is_some());
        interrupts.end();
        assert!(interrupts.has_work(), "the level is still high");
        interrupts.signal(1, Signal::Lower);
        assert!(!interrupts.has_work());
        interrupts.signal(1, Signal::Pulse);
        assert!(interrupts.begin().is_some());
        interrupts.end();
        assert!(!interrupts.has_work());
        assert_eq!(interrupts.served(1), 2);
    }

    #[test]
    fn only_the_more_urgent_interrupts_a_handler() {
        let interrupts = with_handlers(&[(1, 0), (2, 0), (3, 5)]);
        interrupts.signal(2, Signal::Pulse);
        interrupts.signal(1, Signal::Pulse);
        assert_eq!(interrupts.begin().map(|(line, _)| line), Some(1), "the lowest of equals");
        assert!(!interrupts.has_work(), "equals do not nest");
        interrupts.signal(3, Signal::Pulse);
        assert_eq!(interrupts.begin().map(|(line, _)| line), Some(3));
        interrupts.end();
        interrupts.end();
        assert_eq!(interrupts.begin().map(|(line, _)| line), Some(2));
    }

    #[test]
    fn masked_and_disabled_lines_wait() {
        let interrupts = with_handlers(&[(1, 0)]);
        interrupts.signal(1, Signal::Pulse);
        assert!(!interrupts.set_masked(true));
        assert!(!interrupts.has_work());
        assert!(interrupts.set_masked(false));
        interrupts.set_enabled(1, false);
        assert!(!interrupts.has_work());
        interrupts.set_enabled(1, true);
        assert!(interrupts.has_work() && interrupts.is_pending(1));
    }
}
