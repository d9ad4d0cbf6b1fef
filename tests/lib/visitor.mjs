// A person without a browser: keeps cookies, fills in forms. For tests that are not about pages.

/** Undoes the five escapes that a template writes. */
const plain = (text) =>
  text.replace(/&(?:amp|lt|gt|quot|#x27|#39|#38|#60|#62|#34);/g, (entity) =>
    ({ "&amp;": "&", "&#38;": "&", "&lt;": "<", "&#60;": "<", "&gt;": ">", "&#62;": ">", "&quot;": '"', "&#34;": '"' })[entity] ?? "'",
  );

/** The value of an attribute of the first tag that matches `pattern`. */
export function attribute(html, pattern, name) {
  const tag = new RegExp(`<[^>]*${pattern}[^>]*>`).exec(html)?.[0];
  const value = tag && new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : plain(value);
}

export class Visitor {
  #cookies = new Map();

  /** Someone new at `origin`, or someone who comes back with the cookies of then. */
  constructor(origin, cookies = "") {
    this.origin = origin;
    for (const pair of cookies.split("; ").filter(Boolean)) {
      const [, name, value] = /^([^=]+)=(.*)/.exec(pair);
      this.#cookies.set(name, value);
    }
  }

  get cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** One request; redirects are not followed. */
  async fetch(path, options = {}) {
    const url = new URL(path, this.origin);
    const headers = { ...options.headers };
    if (url.origin === this.origin && this.#cookies.size) headers.cookie = this.cookie;
    const answer = await fetch(url, { redirect: "manual", ...options, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }

  /** GET a page, following redirects; it must be a 200. */
  async page(path) {
    let answer = await this.fetch(path);
    for (let hops = 0; answer.status >= 300 && answer.status < 400 && hops < 5; hops += 1) {
      answer = await this.fetch(new URL(answer.headers.get("location"), answer.url));
    }
    const html = await answer.text();
    if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${html.slice(0, 300)}`);
    return html;
  }

  /** POST a form; answers where it leads. Anything but a redirect is an error that shows why. */
  async submit(path, fields) {
    const file = Object.values(fields).some((value) => value instanceof Blob);
    const body = file ? new FormData() : new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) {
      for (const one of [value].flat()) body.append(name, one);
    }
    const answer = await this.fetch(path, { method: "POST", body });
    if (answer.status !== 303) throw new Error(`POST ${path}: ${answer.status} ${plain(await answer.text()).replace(/<[^>]*>|\s+/g, " ").slice(0, 2000)}`);
    return new URL(answer.headers.get("location"), answer.url).href;
  }
}
