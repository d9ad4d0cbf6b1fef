// The watch page: borrows the keys, puts the worker in place, starts the film where it was left,
// saves how far it got, and says in plain words whatever stands in the way.

import { Controls } from './player-controls.js';
import { explain, resumeAt, tampered, troubled, unplayable } from './player-words.js';
import { Refusal } from './ask.js';
import { Layout } from './container.js';
import { beat, borrow, giveBack } from './lease.js';
import { LeaseStore } from './lease-store.js';

const WORKER = '/player-worker.js';
const SCOPE = '/watch/';
const WORKER_WAIT_MS = 4_000;
const BEAT_MS = 15_000;
const RETRY_WITHIN_MS = 30_000;
const { MEDIA_ERR_DECODE, MEDIA_ERR_SRC_NOT_SUPPORTED } = globalThis.MediaError ?? {};

class Player {
  constructor(root) {
    this.root = root;
    this.video = root.querySelector('video');
    this.message = root.querySelector('[data-part=message]');
    this.slug = root.dataset.title;
    this.container = root.dataset.container;
    this.position = leftHere(this.container) ?? (Number(root.dataset.position) || 0);
    const { periods } = new Layout(Number(root.dataset.length));
    this.firstPeriods = [0, 1].slice(0, periods);
    this.retriedAt = -Infinity;
    this.controls = new Controls(root, this.video);
  }

  async start() {
    this.#listen();
    navigator.serviceWorker?.addEventListener('message', ({ data }) => this.#hear(data));
    // The keys and the worker are fetched at the same time, before anybody presses play.
    const inPlace = putWorkerInPlace();
    try {
      this.store = await LeaseStore.open();
      this.lease = await this.#borrow();
    } catch (fault) {
      return this.#refuse(fault);
    }
    await inPlace;
    this.#toWorker('leased');
    this.#toWorker('warm');
    this.#load(this.position);
    globalThis.setInterval(() => this.#beatWhilePlaying(), BEAT_MS);
  }

  #borrow() {
    return borrow(this.store, {
      edition: this.slug,
      container: this.container,
      // What was never played says nothing: a beat of another page may be newer.
      position: this.video.currentTime > 0 ? this.video.currentTime : undefined,
      periods: this.firstPeriods,
    });
  }

  #toWorker(type) {
    navigator.serviceWorker?.controller?.postMessage({ type, container: this.container });
  }

  // -- The picture -------------------------------------------------------------------------------

  #load(position) {
    const { video } = this;
    this.message.hidden = true;
    this.stopped = false;
    video.src = this.root.dataset.src;
    video.addEventListener('loadedmetadata', () => {
      const start = resumeAt(position, video.duration);
      if (start > 0) video.currentTime = start;
      this.controls.ready(start);
    }, { once: true });
    video.load();
  }

  #listen() {
    const { video } = this;
    video.addEventListener('error', () => video.getAttribute('src') && this.#mediaError());
    video.addEventListener('pause', () => !this.stopped && this.#beat());
    video.addEventListener('play', () => this.#wake());
    video.addEventListener('ended', () => { this.ended = true; });
    video.addEventListener('playing', () => { this.ended = false; });
    globalThis.addEventListener('pagehide', () => this.#leave());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden' && !video.paused) this.#beat({ keepalive: true });
    });
  }

  #now() {
    return this.video.currentTime > 0 ? this.video.currentTime : this.position;
  }

  /** `<video>` says only that it failed; the store knows why, if there is a why. */
  async #mediaError() {
    if (this.stopped) return;
    const { code } = this.video.error ?? {};
    const played = this.video.readyState > 0 || this.video.currentTime > 0;
    if (code === MEDIA_ERR_DECODE) return this.#stop(unplayable);
    const position = this.#now();
    try {
      this.lease = await this.#borrow();
    } catch (fault) {
      return this.#refuse(fault);
    }
    if (this.stopped) return;
    if (performance.now() - this.retriedAt < RETRY_WITHIN_MS) {
      return this.#stop(code === MEDIA_ERR_SRC_NOT_SUPPORTED && !played ? unplayable : troubled);
    }
    this.retriedAt = performance.now();
    const wasPlaying = this.controls.wanted;
    this.#load(position);
    if (wasPlaying) this.video.play().catch(() => {});
  }

  // -- The worker's news -------------------------------------------------------------------------

  #hear(news) {
    if (news.container !== this.container) return;
    if (news.type === 'tampered') this.#stop(tampered);
    if (news.type === 'refused') this.#refuse(new Refusal(news.status, news.message, news.code, news.devices));
  }

  #refuse(fault) {
    const refusal = fault instanceof Refusal ? fault : new Refusal(-1);
    this.#stop(explain(refusal, this.slug));
  }

  /** Takes the film off the screen and says why, with one way out. */
  #stop([sentence, way]) {
    if (this.stopped) return;
    this.position = this.#now();
    this.stopped = true;
    this.video.pause();
    this.video.removeAttribute('src');
    this.video.load();
    const text = document.createElement('p');
    text.textContent = sentence;
    this.message.replaceChildren(text, way.href ? link(way) : this.#againButton(way));
    this.message.hidden = false;
    this.controls.stop();
  }

  #againButton({ label }) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button button--primary';
    button.textContent = label;
    button.addEventListener('click', () => this.#again());
    return button;
  }

  async #again() {
    this.message.hidden = true;
    this.controls.loading();
    try {
      this.store ??= await LeaseStore.open();
      this.lease = await this.#borrow();
    } catch (fault) {
      this.stopped = false;
      return this.#refuse(fault);
    }
    this.#toWorker('leased');
    this.#load(this.position);
    this.video.play().catch(() => {});
  }

  // -- Beats -------------------------------------------------------------------------------------

  #beatWhilePlaying() {
    if (!this.video.paused && !this.stopped) this.#beat();
  }

  /** Saves the position and renews the lease; a refusal ends the film here and now. */
  async #beat({ keepalive = false } = {}) {
    if (!this.lease) return;
    this.beatAt = performance.now();
    try {
      const options = { position: this.#now(), keepalive };
      this.lease = await beat(this.store, this.lease, options);
      this.#toWorker('leased');
    } catch (fault) {
      if ([404, 410].includes(fault.status)) return this.#reopen();
      // A line that is down for a moment is no reason to stop what is already here.
      if ([401, 403, 409].includes(fault.status)) {
        await this.store.forget(this.container);
        this.#toWorker('forget');
        this.#refuse(fault);
      }
    }
  }

  async #reopen() {
    try {
      this.lease = await this.#borrow();
      this.#toWorker('leased');
    } catch (fault) {
      if (fault.status !== 0) this.#refuse(fault);
    }
  }

  /** After a long pause the lease is renewed at once, not at the next beat. */
  #wake() {
    if (this.stopped) return this.video.pause(); // media keys know nothing of a film that ended
    const asleep = performance.now() - (this.beatAt ?? performance.now());
    if (asleep > BEAT_MS) this.#beat();
  }

  #leave() {
    if (!this.lease || this.stopped) return;
    leaveHere(this.container, this.ended ? 0 : this.#now());
    if (this.ended) giveBack(this.store, this.lease).catch(() => {});
    else this.#beat({ keepalive: true });
  }
}

/**
 * A reload is faster than the beat that saves the position, so the tab itself remembers for a
 * moment where it was. Longer than that, another device may know better.
 */
const REMEMBER_MS = 20_000;

function leaveHere(container, position) {
  try {
    sessionStorage.setItem(`position-${container}`, JSON.stringify({ position, at: Date.now() }));
  } catch {
    // Storage is switched off; the store knows the position in a moment.
  }
}

function leftHere(container) {
  try {
    const { position, at } = JSON.parse(sessionStorage.getItem(`position-${container}`)) ?? {};
    return Date.now() - at < REMEMBER_MS ? position : undefined;
  } catch {
    return undefined;
  }
}

function link({ label, href }) {
  const way = document.createElement('a');
  way.className = 'button button--primary';
  way.href = href;
  way.textContent = label;
  return way;
}

/**
 * Resolves when a worker answers for this page, or when it is clear that none will: then the
 * server answers the same address.
 */
async function putWorkerInPlace() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const patience = new Promise((resolve) => { setTimeout(resolve, WORKER_WAIT_MS); });
  const controlled = new Promise((resolve) => {
    workers.addEventListener('controllerchange', resolve, { once: true });
  });
  try {
    const registering = workers.register(WORKER, { scope: SCOPE });
    if (workers.controller) return;
    await Promise.race([patience, registering]);
    workers.ready.then(({ active }) => {
      if (!workers.controller) active.postMessage({ type: 'claim' });
    });
    await Promise.race([patience, controlled]);
  } catch {
    // Switched off, or not allowed here.
  }
}

for (const root of document.querySelectorAll('[data-player]')) new Player(root).start();
