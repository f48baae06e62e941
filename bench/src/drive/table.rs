//! What is told of it all.

use crate::asking::Operation;
use crate::load::Measured;

/// Prints the table, in Markdown.
pub fn print(results: &[(Operation, [Measured; 3])], peaks: &[f64]) {
    println!();
    println!(
        "| operation | limit, ms (server / PG) | ours | ours, ms (server / PG) | PostGraphile | \
         goal | p50 alone, ms: limit, ours, PostGraphile | answers a second |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (operation, [limit, ours, theirs]) in results {
        let whole = |measured: &Measured| measured.server() + measured.database();
        let (least, most) = (whole(limit), whole(ours) / whole(limit));
        let other = whole(theirs) / least;
        let verdict = if most <= operation.goal() && most < other {
            "met"
        } else {
            "missed"
        };
        println!(
            "| {} | {least:.2} ({:.2} / {:.2}) | **{most:.2}x** | {:.2} ({:.2} / {:.2}) | {other:.2}x | {}x {verdict} | \
             {:.2}, {:.2}, {:.2} | {:.0}, {:.0}, {:.0} |",
            operation.name(),
            limit.server(),
            limit.database(),
            whole(ours),
            ours.server(),
            ours.database(),
            operation.goal(),
            limit.alone,
            ours.alone,
            theirs.alone,
            limit.rate(),
            ours.rate(),
            theirs.rate(),
        );
    }
    if let [limit, ours, theirs] = peaks {
        println!();
        println!(
            "Peak memory: limit {limit:.0} MB, ours {ours:.0} MB, PostGraphile {theirs:.0} MB."
        );
    }
}
