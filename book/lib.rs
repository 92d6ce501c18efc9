//! The chapters of the book and the README, as documentation whose examples the test command compiles and runs.

/// One module for each file, with its text as documentation.
macro_rules! texts {
    ($($module:ident = $file:literal,)*) => {
        $(
            #[doc = include_str!($file)]
            pub mod $module {}
        )*

        /// The files whose examples are tested.
        pub const TEXTS: &[&str] = &[$($file),*];
    };
}

texts! {
    readme = "../README.md",
    introduction = "src/introduction.md",
    typed = "src/typed.md",
    language = "src/language.md",
    trapped = "src/trapped.md",
    guide = "src/guide.md",
    hal = "src/hal.md",
    drivers = "src/drivers.md",
    models = "src/models.md",
    blocks = "src/blocks.md",
    svd = "src/svd.md",
    time = "src/time.md",
    memory = "src/memory.md",
    reports = "src/reports.md",
    trace = "src/trace.md",
    scripts = "src/scripts.md",
    faults = "src/faults.md",
    guarantees = "src/guarantees.md",
    promotion = "src/promotion.md",
    internals = "src/internals.md",
    coverage = "src/coverage.md",
}

#[cfg(test)]
mod tests {
    use super::TEXTS;
    use std::{collections::BTreeSet, fs, path::Path};

    fn sources() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
    }

    fn tested() -> BTreeSet<String> {
        TEXTS.iter().filter_map(|file| file.strip_prefix("src/")).map(str::to_owned).collect()
    }

    #[test]
    fn every_chapter_in_the_summary_is_tested() {
        let summary = fs::read_to_string(sources().join("SUMMARY.md")).expect("the book has a summary");
        let chapters: BTreeSet<_> =
            summary.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect();
        assert_eq!(chapters, tested());
    }

    #[test]
    fn every_file_of_the_book_is_in_the_summary() {
        let entries = fs::read_dir(sources()).expect("the book has chapters");
        let files = entries.map(|entry| entry.expect("a directory can be listed").file_name());
        let files = files.map(|name| name.to_string_lossy().into_owned());
        let files: BTreeSet<_> = files.filter(|name| name.ends_with(".md")).collect();
        assert_eq!(files, tested().into_iter().chain(["SUMMARY.md".to_owned()]).collect());
    }

    #[test]
    fn links_between_chapters_lead_somewhere() {
        for file in tested() {
            let text = fs::read_to_string(sources().join(&file)).expect("a tested chapter exists");
            for link in text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)) {
                let target = link.split('#').next().unwrap_or(link);
                let external = target.contains("://") || target.is_empty();
                assert!(external || sources().join(target).exists(), "{file}: {link}");
            }
        }
    }

    /// A code block without a language, or with another one, is not compiled; it must say what it is.
    #[test]
    fn every_code_block_says_what_it_is() {
        for file in TEXTS {
            let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("the text exists");
            let fences = text.lines().filter_map(|line| line.trim_start().strip_prefix("```")).step_by(2);
            for language in fences {
                let known =
                    ["rust", "text", "console", "toml", "c,ignore"].iter().any(|known| language.starts_with(known));
                assert!(known && !language.contains("rust,ignore"), "{file}: a code block of {language:?}");
            }
        }
    }
}
