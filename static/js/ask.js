// Questions to the store, answered in JSON.

/** An answer of the store that is not a success; status 0 if there was no answer at all. */
export class Refusal extends Error {
  constructor(status, message = '', code = '', devices = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.devices = devices;
  }
}

/** Reads the store's own words out of an error; what others answered is not shown to people. */
export function refusalOf(status, text) {
  try {
    const { message = '', error = '', devices = [] } = JSON.parse(text);
    return new Refusal(status, message, error, devices);
  } catch {
    return new Refusal(status);
  }
}

/**
 * Asks and returns the parsed answer. Times in answers are the store's; `skew` is how far this
 * computer's clock is ahead of it.
 */
export async function ask(url, { method = 'GET', body, keepalive = false } = {}) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let answer;
  let text;
  try {
    answer = await fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      keepalive,
      credentials: 'same-origin',
    });
    text = await answer.text();
  } catch {
    throw new Refusal(0);
  }
  if (!answer.ok) throw refusalOf(answer.status, text);
  const date = Date.parse(answer.headers.get('Date') ?? '');
  const skew = Number.isNaN(date) ? 0 : Date.now() - date;
  return { value: text ? JSON.parse(text) : {}, skew };
}
