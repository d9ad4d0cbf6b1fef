// Keeps the page of an upload true: while the store checks a film, it asks again how it stands.

const PAUSE_MS = 2_000;
const WAITING = ['checking', 'receiving'];

const region = () => document.querySelector('[data-film-state]');
let sent = false;

async function look() {
  try {
    const answer = await fetch(globalThis.location.pathname, { headers: { accept: 'text/html' } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('[data-film-state]');
    if (fresh && fresh.outerHTML !== region().outerHTML) region().replaceWith(fresh);
  } catch {
    // The line is down; the next look may find it up again.
  }
}

async function follow() {
  const state = region().dataset.filmState;
  if (state === 'checking' || (sent && WAITING.includes(state))) await look();
  setTimeout(follow, PAUSE_MS);
}

const done = document.querySelector('[data-part="done"]');
if (done) {
  new MutationObserver(() => {
    sent = !done.hidden;
    if (sent) look();
  }).observe(done, { attributes: true, attributeFilter: ['hidden'] });
}
if (region()) follow();
