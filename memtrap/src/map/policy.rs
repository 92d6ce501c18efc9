//! What an access does to the bits it reaches.

/// What a read does to a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadEffect {
    /// It returns the bit.
    Pure,
    /// It returns the bit, then clears it.
    Clear,
    /// It returns the bit, then sets it.
    Set,
    /// The bit cannot be read; it reads as zero.
    Unreadable,
}

/// What a write does to a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WriteEffect {
    /// Nothing.
    Ignored,
    /// It stores the written bit.
    Store,
    /// It clears the bit, whatever is written.
    Clear,
    /// It sets the bit, whatever is written.
    Set,
    /// A one clears the bit.
    OneClears,
    /// A one sets the bit.
    OneSets,
    /// A one inverts the bit.
    OneToggles,
    /// A zero clears the bit.
    ZeroClears,
    /// A zero sets the bit.
    ZeroSets,
    /// A zero inverts the bit.
    ZeroToggles,
    /// The first write after reset stores the bit, later ones do nothing.
    Once,
}

/// What reads and writes do to a bit. The 25 constants are the field access policies of UVM (IEEE 1800.2, 18.5.4), which
/// name the combinations that hardware has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    /// What a read does.
    pub read: ReadEffect,
    /// What a write does.
    pub write: WriteEffect,
}

macro_rules! policies {
    ($($(#[$doc:meta])* $name:ident = $keyword:literal: $read:ident, $write:ident;)*) => {
        impl Policy {
            $($(#[$doc])* pub const $name: Self = Self { read: ReadEffect::$read, write: WriteEffect::$write };)*

            /// The named policies with their keywords.
            pub const ALL: &'static [(&'static str, Self)] = &[$(($keyword, Self::$name)),*];
        }
    };
}

policies! {
    /// Writes do nothing.
    RO = "ro": Pure, Ignored;
    /// Plain storage.
    RW = "rw": Pure, Store;
    /// A read clears.
    RC = "rc": Clear, Ignored;
    /// A read sets.
    RS = "rs": Set, Ignored;
    /// A write stores, a read clears.
    WRC = "wrc": Clear, Store;
    /// A write stores, a read sets.
    WRS = "wrs": Set, Store;
    /// Any write clears.
    WC = "wc": Pure, Clear;
    /// Any write sets.
    WS = "ws": Pure, Set;
    /// Any write sets, a read clears.
    WSRC = "wsrc": Clear, Set;
    /// Any write clears, a read sets.
    WCRS = "wcrs": Set, Clear;
    /// Writing one clears.
    W1C = "w1c": Pure, OneClears;
    /// Writing one sets.
    W1S = "w1s": Pure, OneSets;
    /// Writing one inverts.
    W1T = "w1t": Pure, OneToggles;
    /// Writing zero clears.
    W0C = "w0c": Pure, ZeroClears;
    /// Writing zero sets.
    W0S = "w0s": Pure, ZeroSets;
    /// Writing zero inverts.
    W0T = "w0t": Pure, ZeroToggles;
    /// Writing one sets, a read clears.
    W1SRC = "w1src": Clear, OneSets;
    /// Writing one clears, a read sets.
    W1CRS = "w1crs": Set, OneClears;
    /// Writing zero sets, a read clears.
    W0SRC = "w0src": Clear, ZeroSets;
    /// Writing zero clears, a read sets.
    W0CRS = "w0crs": Set, ZeroClears;
    /// A write stores, a read is not possible.
    WO = "wo": Unreadable, Store;
    /// Any write clears, a read is not possible.
    WOC = "woc": Unreadable, Clear;
    /// Any write sets, a read is not possible.
    WOS = "wos": Unreadable, Set;
    /// The first write after reset stores, later ones do nothing.
    W1 = "w1": Pure, Once;
    /// The first write after reset stores, later ones do nothing, a read is not possible.
    WO1 = "wo1": Unreadable, Once;
}
