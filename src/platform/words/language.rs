//! One language: the messages of one file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use fluent_bundle::FluentArgs;
use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use fluent_syntax::ast;
use icu_experimental::displaynames::multi::RegionDisplayNames;
use icu_locale::LocaleDirectionality;
use icu_locale_core::Locale;
use icu_locale_core::subtags::Region;
use unic_langid::LanguageIdentifier;

use super::catalog::MessagesFault;

/// What the keys of messages for scripts have in their middle: `player-says-pause`.
const OF_SCRIPTS: &str = "-says-";

/// The messages of one language.
pub struct Language {
    id: LanguageIdentifier,
    tag: String,
    direction: &'static str,
    /// Messages without arguments, ready to be shown. Most are.
    plain: HashMap<String, String>,
    bundle: FluentBundle<FluentResource>,
    /// Names of countries, where CLDR has them in this language.
    countries: Option<RegionDisplayNames>,
    /// Whose messages stand in for missing ones; English has none.
    fallback: Option<Arc<Self>>,
}

impl Language {
    /// Reads the text of `messages/<tag>.ftl`.
    pub(super) fn parse(
        tag: &str,
        text: String,
        fallback: Option<Arc<Self>>,
    ) -> Result<Self, MessagesFault> {
        let id: LanguageIdentifier = tag
            .parse()
            .map_err(|_| MessagesFault::Name(tag.to_owned()))?;
        let resource = FluentResource::try_new(text)
            .map_err(|(_, faults)| MessagesFault::broken(tag, faults.first()))?;
        let keys: Vec<(String, Vec<String>)> = resource.entries().filter_map(outline).collect();
        let mut bundle = FluentBundle::new_concurrent(vec![id.clone()]);
        bundle.set_use_isolating(false); // names are isolated by `dir="auto"` where it matters
        bundle
            .add_resource(resource)
            .map_err(|faults| MessagesFault::broken(tag, faults.first()))?;
        let tag = id.to_string();
        let direction = direction(&tag);
        let countries = tag.parse::<Locale>().ok();
        let countries = countries.and_then(|locale| {
            RegionDisplayNames::try_new((&locale).into(), Default::default()).ok()
        });
        let mut language = Self {
            id,
            tag,
            direction,
            plain: HashMap::new(),
            bundle,
            countries,
            fallback,
        };
        for (key, names) in keys {
            let mut marks = FluentArgs::new();
            for name in &names {
                marks.set(name.as_str(), format!("{{{name}}}"));
            }
            let of_script = key.contains(OF_SCRIPTS);
            if !of_script && !names.is_empty() {
                continue;
            }
            let text = language.format(&key, Some(&marks)).map(Cow::into_owned);
            if let Ok(text) = text {
                language.plain.insert(key, text);
            }
        }
        Ok(language)
    }

    /// The name of the language, `en` or `pt-BR`.
    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    pub(super) const fn id(&self) -> &LanguageIdentifier {
        &self.id
    }

    pub(super) const fn direction(&self) -> &'static str {
        self.direction
    }

    /// The name of a country.
    pub(super) fn country(&self, code: &str) -> String {
        let region = code.parse::<Region>().ok();
        let name = region.and_then(|region| self.countries.as_ref()?.of(region));
        name.unwrap_or(code).to_owned()
    }

    /// A message without arguments.
    pub(super) fn plain<'a>(&'a self, key: &'a str) -> &'a str {
        if let Some(text) = self.plain.get(key) {
            return text;
        }
        if let Some(fallback) = &self.fallback {
            return fallback.plain(key);
        }
        tracing::error!(key, "there is no such message without arguments");
        key
    }

    /// The messages that the scripts of a page say, by their keys; arguments stand as `{name}`.
    pub(super) fn of_scripts(&self, page: &str) -> BTreeMap<&str, &str> {
        let mut texts = match &self.fallback {
            Some(fallback) => fallback.of_scripts(page),
            None => BTreeMap::new(),
        };
        let prefix = format!("{page}{OF_SCRIPTS}");
        let ours = self
            .plain
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix));
        texts.extend(ours.map(|(key, text)| (key.as_str(), text.as_str())));
        texts
    }

    /// A message with its arguments filled in.
    pub(super) fn filled<'a>(
        &'a self,
        key: &'a str,
        arguments: &'a FluentArgs<'_>,
    ) -> Cow<'a, str> {
        match (self.format(key, Some(arguments)), &self.fallback) {
            (Ok(text), _) => text,
            (Err(fault), Some(fallback)) => {
                tracing::warn!(key, language = self.tag, "a message falls back: {fault}");
                fallback.filled(key, arguments)
            }
            (Err(fault), None) => {
                tracing::error!(key, "a message cannot be shown: {fault}");
                Cow::Borrowed(key)
            }
        }
    }

    /// Fills a message in, or says what is missing.
    fn format<'a>(
        &'a self,
        key: &str,
        arguments: Option<&'a FluentArgs<'_>>,
    ) -> Result<Cow<'a, str>, String> {
        let message = self.bundle.get_message(key).ok_or("it does not exist")?;
        let pattern = message.value().ok_or("it has no text")?;
        let mut faults = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut faults);
        match faults.first() {
            None => Ok(text),
            Some(fault) => Err(fault.to_string()),
        }
    }
}

/// The key of a message and the names of its arguments, outside of choices.
fn outline(entry: &ast::Entry<&str>) -> Option<(String, Vec<String>)> {
    let ast::Entry::Message(message) = entry else {
        return None;
    };
    let elements = message.value.iter().flat_map(|value| &value.elements);
    let names = elements.filter_map(|element| match element {
        ast::PatternElement::Placeable {
            expression: ast::Expression::Inline(ast::InlineExpression::VariableReference { id }),
        } => Some(id.name.to_owned()),
        ast::PatternElement::Placeable {
            expression:
                ast::Expression::Select {
                    selector: ast::InlineExpression::VariableReference { id },
                    ..
                },
        } => Some(id.name.to_owned()),
        _ => None,
    });
    Some((message.id.name.to_owned(), names.collect()))
}

/// Which way a language is read.
fn direction(tag: &str) -> &'static str {
    let is_rtl = tag
        .parse()
        .is_ok_and(|id| LocaleDirectionality::new_common().is_right_to_left(&id));
    if is_rtl { "rtl" } else { "ltr" }
}
