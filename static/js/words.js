// What scripts say. The page brings the messages along, in the reader's language, as JSON in a
// `data-words` attribute; they stand with all others in `messages/<language>.ftl`.

const page = globalThis.document;
const messages = JSON.parse(page?.querySelector('[data-words]')?.dataset.words ?? '{}');
const language = page?.documentElement.lang || 'en';

/** A message with its arguments filled in. A missing one shows its key, never an error. */
export function say(key, values = {}) {
  const text = messages[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const counters = new Map();

/** A number of units in words: `1 minute`, `2 minutes`. */
export function count(number, unit) {
  if (!counters.has(unit)) {
    const style = { style: 'unit', unit, unitDisplay: 'long' };
    counters.set(unit, new Intl.NumberFormat(language, style));
  }
  return counters.get(unit).format(number);
}
