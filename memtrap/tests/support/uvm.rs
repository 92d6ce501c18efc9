//! The 25 field access policies, bit by bit and independent of the library's own: by the table in IEEE 1800.2, 18.5.4.

/// What accesses do to one bit: what a read leaves, and what a write of zero and of one leave.
///
/// `0` and `1` are values, `=` is the bit as it was, `~` its inverse, `f` and `F` are 0 and 1 for the first write after reset
/// only. A read of `-` returns zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) read: char,
    pub(crate) zero: char,
    pub(crate) one: char,
}

impl Rule {
    pub(crate) const fn new(read: char, zero: char, one: char) -> Self {
        Self { read, zero, one }
    }

    /// Reads the bit.
    pub(crate) fn read(self, stored: &mut bool) -> bool {
        let value = *stored && self.read != '-';
        match self.read {
            '0' => *stored = false,
            '1' => *stored = true,
            _ => {}
        }
        value
    }

    /// Writes the bit, for the `first` time after reset or again.
    pub(crate) fn write(self, stored: &mut bool, value: bool, first: bool) {
        *stored = match if value { self.one } else { self.zero } {
            '0' => false,
            '1' => true,
            '~' => !*stored,
            'f' if first => false,
            'F' if first => true,
            _ => *stored,
        };
    }
}

/// The policies with their names.
pub(crate) const TABLE: [(&str, Rule); 25] = [
    ("ro", Rule::new('=', '=', '=')),
    ("rw", Rule::new('=', '0', '1')),
    ("rc", Rule::new('0', '=', '=')),
    ("rs", Rule::new('1', '=', '=')),
    ("wrc", Rule::new('0', '0', '1')),
    ("wrs", Rule::new('1', '0', '1')),
    ("wc", Rule::new('=', '0', '0')),
    ("ws", Rule::new('=', '1', '1')),
    ("wsrc", Rule::new('0', '1', '1')),
    ("wcrs", Rule::new('1', '0', '0')),
    ("w1c", Rule::new('=', '=', '0')),
    ("w1s", Rule::new('=', '=', '1')),
    ("w1t", Rule::new('=', '=', '~')),
    ("w0c", Rule::new('=', '0', '=')),
    ("w0s", Rule::new('=', '1', '=')),
    ("w0t", Rule::new('=', '~', '=')),
    ("w1src", Rule::new('0', '=', '1')),
    ("w1crs", Rule::new('1', '=', '0')),
    ("w0src", Rule::new('0', '1', '=')),
    ("w0crs", Rule::new('1', '0', '=')),
    ("wo", Rule::new('-', '0', '1')),
    ("woc", Rule::new('-', '0', '0')),
    ("wos", Rule::new('-', '1', '1')),
    ("w1", Rule::new('=', 'f', 'F')),
    ("wo1", Rule::new('-', 'f', 'F')),
];
