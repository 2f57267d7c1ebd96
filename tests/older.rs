//! The product of the release before `category.renamed`, as far as reading events goes.

use std::process::ExitCode;

fn main() -> ExitCode {
    events_schema::older::be_older_than("category.renamed");
    jangteo::program::main()
}
