//! The SDL with what things cost: `@cost` and `@listSize` as the guard counts them.

use super::model::{ASSUMED, COUNT, USUAL, WRITE};

const DIRECTIVES: &str = "\
\"\"\"
What a field costs each time it is selected (an object 1, a value nothing, where it is not said).
An alias costs 1 more, wherever it stands.
\"\"\"
directive @cost(weight: Int!) on FIELD_DEFINITION

\"\"\"
How long a list is taken for: as its slicing arguments say, a list among them by its length, else
as assumed. What is selected below its sized fields costs as often.
\"\"\"
directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION
";

/// Adds to a printed schema what its fields cost.
#[must_use]
pub fn with_costs(sdl: &str) -> String {
    let mut printed = String::with_capacity(sdl.len() + 16 * 1024);
    let (mut in_text, mut in_type, mut in_mutation) = (false, false, false);
    for line in sdl.lines() {
        let trimmed = line.trim();
        // A description: only its quotes matter.
        if in_text || trimmed.starts_with("\"\"\"") {
            in_text = (trimmed.matches("\"\"\"").count() % 2 == 1) != in_text;
        } else if line.starts_with("type ") || line.starts_with("interface ") {
            in_type = true;
            in_mutation = line.starts_with("type Mutation ");
        } else if line.starts_with('}') {
            in_type = false;
        } else if in_type && line.starts_with('\t') {
            printed.push_str(&field(line, in_mutation));
            printed.push('\n');
            continue;
        }
        printed.push_str(line);
        printed.push('\n');
    }
    printed.push('\n');
    printed.push_str(DIRECTIVES);
    printed
}

fn field(line: &str, in_mutation: bool) -> String {
    let (head, deprecated) = match line.find(" @deprecated") {
        Some(place) => line.split_at(place),
        None => (line, ""),
    };
    let name = head.trim().split(['(', ':']).next().unwrap_or_default();
    let is_list = head.trim_end().trim_end_matches('!').ends_with(']');
    let arguments = head.rsplit_once(')').map_or("", |(arguments, _)| arguments);
    let takes = |argument: &str| {
        [format!("({argument}:"), format!(" {argument}:")]
            .iter()
            .any(|text| arguments.contains(text.as_str()))
    };
    let cost = if in_mutation {
        format!(" @cost(weight: {WRITE})")
    } else if name == "totalCount" {
        format!(" @cost(weight: {COUNT})")
    } else if takes("first") {
        format!(
            " @listSize(assumedSize: {USUAL}, slicingArguments: [\"first\", \"last\"], \
             sizedFields: [\"edges\", \"nodes\"])"
        )
    } else if is_list && takes("ids") {
        " @listSize(slicingArguments: [\"ids\"])".to_owned()
    } else if is_list && !matches!(name, "nodes" | "edges") {
        format!(" @listSize(assumedSize: {ASSUMED})")
    } else {
        String::new()
    };
    format!("{head}{cost}{deprecated}")
}
