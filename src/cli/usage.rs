//! Answers to a command line that is no command: help where it was asked for, else what is wrong
//! in one line.

use std::process::ExitCode;

use clap::error::ErrorKind;

use super::{complain, say};

/// What clap exits with, too.
const WRONG_USAGE: u8 = 2;

pub(super) fn answer(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match say(error.render()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                complain(&failure);
                ExitCode::from(failure.code())
            }
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            complain(&"a command is missing; `honglian --help` lists them");
            ExitCode::from(WRONG_USAGE)
        }
        _ => {
            complain(&one_line(&error.render().to_string()));
            ExitCode::from(WRONG_USAGE)
        }
    }
}

/// The paragraphs of the parser's message, one after the other: what is wrong, a tip, the usage.
fn one_line(text: &str) -> String {
    let text = text.trim().trim_start_matches("error: ");
    text.split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .map(|paragraph| {
            let end = "For more information, try '--help'.";
            let paragraph = paragraph.replace(end, "see `honglian --help`");
            paragraph.replace("Usage: ", "usage: ")
        })
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_become_parts_of_one_line() {
        let text = "error: the following required arguments were not provided:\n  <CODE>\n  \
                    <NAME>\n\nUsage: honglian district add <CODE> <NAME>\n\nFor more \
                    information, try '--help'.\n";
        assert_eq!(
            one_line(text),
            "the following required arguments were not provided: <CODE> <NAME>; usage: honglian \
             district add <CODE> <NAME>; see `honglian --help`"
        );
    }
}
