//! What is wrong with a file, and where.

use std::{error::Error, fmt, io};

/// A mistake in a file that other readers accept too: the file is used, as the text says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The line of the file, counted from 1.
    pub line: usize,
    /// The element: its tag and the names that lead to it, as in ``field `UART0.CR.EN` ``.
    pub element: String,
    /// What is wrong, and what was taken instead.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: {}", self.line, self.element, self.text)
    }
}

/// Why a file could not be loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The file could not be read.
    Io {
        /// Name of the file.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file cannot mean a chip.
    Invalid {
        /// Name of the file, unless its text was given.
        file: Option<String>,
        /// The line of the file, counted from 1.
        line: usize,
        /// The element: its tag and the names that lead to it, as in ``field `UART0.CR.EN` ``.
        element: String,
        /// What is wrong.
        text: String,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { file, source } => write!(f, "{file} cannot be read: {source}"),
            Self::Invalid { file, line, element, text } => {
                if let Some(file) = file {
                    write!(f, "{file}, ")?;
                }
                write!(f, "line {line}, {element}: {text}")
            }
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Invalid { .. } => None,
        }
    }
}
