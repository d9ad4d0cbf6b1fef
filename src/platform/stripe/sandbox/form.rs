//! Parameters as Stripe takes them: `a[b][0][c]=v`, in a form body or a query.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;
use url::form_urlencoded;

/// Deeper nesting than any of Stripe's parameters has.
const MAX_DEPTH: usize = 8;

/// A tree of parameters; leaves are text.
enum Node {
    Leaf(String),
    Branch(BTreeMap<String, Node>),
}

/// Reads encoded pairs into objects, arrays and strings; the error names the offending key.
pub(super) fn parse(encoded: &[u8]) -> Result<Value, String> {
    let mut root = Node::Branch(BTreeMap::new());
    for (key, value) in form_urlencoded::parse(encoded) {
        let path = path_of(&key).ok_or_else(|| key.to_string())?;
        insert(&mut root, &path, value.into_owned()).ok_or_else(|| key.to_string())?;
    }
    Ok(value_of(root))
}

fn path_of(key: &str) -> Option<Vec<&str>> {
    let (head, mut rest) = match key.find('[') {
        Some(at) => key.split_at(at),
        None => (key, ""),
    };
    let mut path = vec![head];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[')?;
        let end = inner.find(']')?;
        path.push(&inner[..end]);
        rest = &inner[end + 1..];
    }
    (!head.is_empty() && path.len() <= MAX_DEPTH).then_some(path)
}

fn insert(node: &mut Node, path: &[&str], value: String) -> Option<()> {
    let Node::Branch(children) = node else {
        return None;
    };
    let (first, rest) = path.split_first()?;
    // `a[]=x` appends.
    let key = if first.is_empty() {
        children.len().to_string()
    } else {
        (*first).to_owned()
    };
    if rest.is_empty() {
        return match children.insert(key, Node::Leaf(value)) {
            Some(Node::Branch(_)) => None,
            _ => Some(()),
        };
    }
    let child = children
        .entry(key)
        .or_insert_with(|| Node::Branch(BTreeMap::new()));
    insert(child, rest, value)
}

/// A branch with the keys 0 to n-1 is an array.
fn value_of(node: Node) -> Value {
    match node {
        Node::Leaf(text) => Value::String(text),
        Node::Branch(mut children) => {
            let count = children.len();
            let is_array = count > 0 && (0..count).all(|i| children.contains_key(&i.to_string()));
            if is_array {
                let items = (0..count).filter_map(|i| children.remove(&i.to_string()));
                return Value::Array(items.map(value_of).collect());
            }
            Value::Object(
                children
                    .into_iter()
                    .map(|(k, v)| (k, value_of(v)))
                    .collect::<Map<_, _>>(),
            )
        }
    }
}

/// The first parameter that no pattern of `allowed` covers, spelled as Stripe spells it. In a
/// pattern `[]` stands for any index and `[*]` for any key.
pub(super) fn unknown_parameter(params: &Value, allowed: &[&str]) -> Option<String> {
    let mut leaves = Vec::new();
    collect(params, String::new(), String::new(), &mut leaves);
    leaves
        .into_iter()
        .find(|(pattern, _)| !allowed.iter().any(|known| covers(known, pattern)))
        .map(|(_, name)| name)
}

fn covers(known: &str, pattern: &str) -> bool {
    match known.strip_suffix("[*]") {
        Some(parent) => pattern
            .strip_prefix(parent)
            .is_some_and(|rest| rest.starts_with('[') && rest.matches('[').count() == 1),
        None => known == pattern,
    }
}

fn collect(value: &Value, pattern: String, name: String, leaves: &mut Vec<(String, String)>) {
    let step = |outer: &str, key: &str| match outer {
        "" => key.to_owned(),
        outer => format!("{outer}[{key}]"),
    };
    match value {
        Value::Object(children) => {
            for (key, child) in children {
                collect(child, step(&pattern, key), step(&name, key), leaves);
            }
        }
        Value::Array(children) => {
            for (index, child) in children.iter().enumerate() {
                let index = index.to_string();
                collect(child, format!("{pattern}[]"), step(&name, &index), leaves);
            }
        }
        _ => leaves.push((pattern, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn nested_keys_become_objects_and_arrays() {
        let read = parse(b"mode=payment&line_items[0][quantity]=1&line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=usd&metadata[order_id]=o+1&expand[]=a&expand[]=b");
        assert_eq!(
            read.unwrap(),
            json!({
                "mode": "payment",
                "line_items": [{"quantity": "1", "price_data": {"currency": "usd"}}],
                "metadata": {"order_id": "o 1"},
                "expand": ["a", "b"],
            })
        );
        assert_eq!(parse(b"").unwrap(), json!({}));
    }

    #[test]
    fn malformed_or_contradicting_keys_are_named() {
        for key in ["a[b", "a[b]c", "[a]", "a[1][2][3][4][5][6][7][8]"] {
            assert_eq!(parse(format!("{key}=1").as_bytes()), Err(key.to_owned()));
        }
        assert_eq!(parse(b"a=1&a[b]=2"), Err("a[b]".to_owned()));
        assert_eq!(parse(b"a[b]=2&a=1"), Err("a".to_owned()));
    }

    #[test]
    fn unknown_parameters_are_found_at_any_depth() {
        let allowed = ["mode", "line_items[][quantity]", "metadata[*]"];
        let unknown = |text: &str| unknown_parameter(&parse(text.as_bytes()).unwrap(), &allowed);
        assert_eq!(
            unknown("mode=a&line_items[0][quantity]=1&metadata[x]=y"),
            None
        );
        assert_eq!(unknown("modus=a"), Some("modus".to_owned()));
        assert_eq!(
            unknown("line_items[0][size]=1"),
            Some("line_items[0][size]".to_owned())
        );
        assert_eq!(
            unknown("metadata[x][y]=1"),
            Some("metadata[x][y]".to_owned())
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
