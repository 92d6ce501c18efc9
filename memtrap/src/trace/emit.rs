//! What a trace records, as events of the `tracing` crate.

use super::event::{Event, EventKind};

/// Emits an event.
///
/// The target is `memtrap`. Accesses, DMA transfers, scheduled events and interrupt lines are at the level `TRACE`, the remarks of models
/// and resets at `DEBUG`, and accesses that a device refused at `WARN`.
pub(crate) fn emit(event: &Event) {
    let Event { sequence, region, .. } = *event;
    let time_ns = u64::try_from(event.time.as_nanos()).unwrap_or(u64::MAX);
    match &event.kind {
        EventKind::Access(access) => {
            let register = access.describe(region);
            let direction = access.direction.to_string();
            let (value, width) = (access.value, access.access.width.bytes());
            match &access.error {
                None => tracing::trace!(target: "memtrap", sequence, time_ns, register, direction, width, value),
                Some(error) => {
                    tracing::warn!(target: "memtrap", sequence, time_ns, register, direction, width, value, %error);
                }
            }
        }
        EventKind::Note(text) => tracing::debug!(target: "memtrap", sequence, time_ns, region, "{text}"),
        EventKind::Fault(text) => tracing::debug!(target: "memtrap", sequence, time_ns, region, "fault: {text}"),
        EventKind::Event(event) => tracing::trace!(target: "memtrap", time_ns, region, event, "event"),
        EventKind::Reset => tracing::debug!(target: "memtrap", time_ns, region, "reset"),
        EventKind::Dma { direction, length, .. } => {
            let direction = direction.to_string();
            tracing::trace!(target: "memtrap", sequence, time_ns, region, direction, length, "dma");
        }
        EventKind::Interrupt { line, change } => {
            tracing::trace!(target: "memtrap", time_ns, region, line, %change, "interrupt");
        }
    }
}
