//! Reading parameters, with Stripe's words for what is wrong with them.

use serde_json::Value;

use super::api::ApiError;
use super::records::Metadata;

pub(super) fn text(params: &Value, pointer: &str) -> Option<String> {
    params
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
}

pub(super) fn required(params: &Value, name: &str, pointer: &str) -> Result<String, ApiError> {
    text(params, pointer)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| {
            ApiError::parameter(
                "parameter_missing",
                name,
                &format!("Missing required param: {name}."),
            )
        })
}

pub(super) fn integer(params: &Value, name: &str, pointer: &str) -> Result<Option<i64>, ApiError> {
    let Some(text) = text(params, pointer) else {
        return Ok(None);
    };
    let message = format!("Invalid integer: {text}");
    let fault = |_| ApiError::parameter("parameter_invalid_integer", name, &message);
    text.parse().map(Some).map_err(fault)
}

pub(super) fn currency(code: &str) -> Result<String, ApiError> {
    let known = crate::kernel::Currency::parse(code).is_ok();
    let lower = code.bytes().all(|b| b.is_ascii_lowercase());
    (known && lower).then(|| code.to_owned()).ok_or_else(|| {
        let message = format!("Invalid currency: {code}");
        ApiError::parameter("parameter_invalid_enum", "currency", &message)
    })
}

/// Stripe takes amounts of three decimals only if the last one is 0.
pub(super) fn chargeable(amount: i64, code: &str) -> bool {
    let exponent = crate::kernel::Currency::parse(code).map_or(2, |c| c.exponent());
    exponent < 3 || amount % 10 == 0
}

pub(super) fn address(params: &Value, name: &str, pointer: &str) -> Result<String, ApiError> {
    let text = required(params, name, pointer)?;
    match url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(text),
        _ => Err(ApiError::parameter("url_invalid", name, "Not a valid URL")),
    }
}

pub(super) fn metadata(params: &Value, pointer: &str) -> Metadata {
    let entries = params.pointer(pointer).and_then(Value::as_object);
    let pairs = entries.into_iter().flatten();
    pairs
        .filter_map(|(k, v)| v.as_str().map(|v| (k.clone(), v.to_owned())))
        .collect()
}
