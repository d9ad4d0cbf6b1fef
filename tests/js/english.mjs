// Gives scripts the English messages, as a page does. Import it before the script.

import { readFileSync } from 'node:fs';

const path = new URL('../../messages/en.ftl', import.meta.url);
const messages = {};
for (const line of readFileSync(path, 'utf8').split('\n')) {
  const [, key, text] = /^([\w-]+-says-[\w-]+) = (.*)$/.exec(line) ?? [];
  if (key) messages[key] = text.replace(/\{ \$(\w+) \}/g, '{$1}');
}
const root = { dataset: { words: JSON.stringify(messages) } };
globalThis.document = { querySelector: () => root, documentElement: { lang: 'en' } };
