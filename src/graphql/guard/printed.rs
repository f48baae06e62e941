//! The SDL with what things cost: `@cost` and `@listSize` as the guard counts them.

use super::model::{ASSUMED, COUNT, USUAL, WRITE};

const DIRECTIVES: &str = "\
\"\"\"
What a field costs each time it is selected (an object 1, a value nothing, where it is not said).
An alias costs 1 more, wherever it stands.
\"\"\"
directive @cost(
	\"\"\"
	What it adds.
	\"\"\"
	weight: Int!
) on FIELD_DEFINITION

\"\"\"
How long a list is taken for: as its slicing arguments say, a list among them by its length, else
as assumed. What is selected below its sized fields costs as often.
\"\"\"
directive @listSize(
	\"\"\"
	The length where no argument says it.
	\"\"\"
	assumedSize: Int
	\"\"\"
	The arguments that say it.
	\"\"\"
	slicingArguments: [String!]
	\"\"\"
	The fields that hold the rows.
	\"\"\"
	sizedFields: [String!]
) on FIELD_DEFINITION
";

/// The field that is being printed.
#[derive(Default)]
struct Field {
    name: String,
    arguments: Vec<String>,
}

/// Adds to a printed schema what its fields cost.
#[must_use]
pub fn with_costs(sdl: &str) -> String {
    let mut printed = String::with_capacity(sdl.len() + 32 * 1024);
    let (mut in_text, mut in_type, mut in_mutation) = (false, false, false);
    let mut field = Field::default();
    for line in sdl.lines() {
        let trimmed = line.trim();
        printed.push_str(line);
        // A description: only its quotes matter.
        if in_text || trimmed.starts_with("\"\"\"") {
            in_text = (trimmed.matches("\"\"\"").count() % 2 == 1) != in_text;
        } else if line.starts_with("type ") || line.starts_with("interface ") {
            in_type = true;
            in_mutation = line.starts_with("type Mutation ");
        } else if line.starts_with('}') {
            in_type = false;
        } else if in_type && !trimmed.is_empty() {
            let name = || {
                trimmed
                    .split(['(', ':'])
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            };
            if line.starts_with("\t\t") {
                field.arguments.push(name());
                printed.push('\n');
                continue;
            }
            if !trimmed.starts_with(')') {
                let inline = trimmed
                    .split_once('(')
                    .and_then(|(_, rest)| rest.rsplit_once("): "));
                let inline = inline.map_or("", |(arguments, _)| arguments);
                field = Field {
                    name: name(),
                    arguments: inline
                        .split(", ")
                        .filter_map(|argument| Some(argument.split_once(':')?.0.to_owned()))
                        .collect(),
                };
            }
            if !trimmed.ends_with('(') {
                let (_, ty) = trimmed.rsplit_once("): ").unwrap_or(("", trimmed));
                printed.push_str(&cost(&field, ty, in_mutation));
            }
        }
        printed.push('\n');
    }
    printed.push('\n');
    printed.push_str(DIRECTIVES);
    printed
}

fn cost(field: &Field, ty: &str, in_mutation: bool) -> String {
    let ty = ty.split(" @").next().unwrap_or_default();
    let is_list = ty.trim_end_matches('!').ends_with(']');
    let takes = |argument: &str| field.arguments.iter().any(|known| known == argument);
    match field.name.as_str() {
        _ if in_mutation => format!(" @cost(weight: {WRITE})"),
        "totalCount" => format!(" @cost(weight: {COUNT})"),
        _ if takes("first") => format!(
            " @listSize(assumedSize: {USUAL}, slicingArguments: [\"first\", \"last\"], \
             sizedFields: [\"edges\", \"nodes\"])"
        ),
        _ if is_list && takes("ids") => " @listSize(slicingArguments: [\"ids\"])".to_owned(),
        "nodes" | "edges" => String::new(),
        _ if is_list => format!(" @listSize(assumedSize: {ASSUMED})"),
        _ => String::new(),
    }
}
