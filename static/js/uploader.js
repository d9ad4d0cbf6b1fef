// The upload card of the studio portal: choose a film, watch it go, pause, come back days later.
//
// The film is sealed by a worker and sent by tus-js-client. What must survive the page stands in
// the journal (upload-journal.js); the bytes that must survive the line stand on the server.

import { Upload } from 'tus-js-client';
import { Refusal, ask, refusalOf } from './ask.js';
import { commitment, fromBase64Url, importSecret, toBase64Url, toHex, uuidBytes, wrapForIngest } from './container.js';
import { SealWorker, SealedSource } from './sealed-source.js';
import { UploadJournal } from './upload-journal.js';
import { Pace, words } from './upload-words.js';

/* global SEAL_WORKER_URL -- set by bundle.mjs */

const PIECE_BYTES = 32 * 1024 * 1024;
const LONGEST_WAIT_MS = 30_000;
const SIGN_IN = 401;
const GONE = [403, 404, 410];
const NO_ROOM = [413, 507];
const WORTH_ANOTHER_TRY = [0, 408, 409, 423, 425, 429, 460, 500, 502, 503, 504];

function sameFile(record, file) {
  return record.name === file.name
    && record.length === file.size
    && record.modified === file.lastModified;
}

class Uploader {
  constructor(root) {
    this.root = root;
    this.title = root.dataset.title;
    this.parts = {};
    for (const part of root.querySelectorAll('[data-part]')) this.parts[part.dataset.part] = part;
    this.input = root.querySelector('input[type=file]');
    this.progress = root.querySelector('progress');
    this.record = undefined;
    this.tries = 0;
  }

  async start() {
    this.input.value = ''; // Firefox keeps a choice over a reload, and would not tell us of it
    this.input.addEventListener('change', () => {
      const [file] = this.input.files;
      this.input.value = ''; // so that choosing the same file again is news again
      this.#choose(file);
    });
    this.parts.pause.addEventListener('click', () => this.#pause());
    this.parts.resume.addEventListener('click', () => this.#run());
    this.parts.cancel.addEventListener('click', () => this.#cancel());
    this.parts['start-over'].addEventListener('click', () => this.#startOver());
    globalThis.addEventListener('online', () => this.timer && this.#run());
    this.#acceptDrops();
    if (!globalThis.isSecureContext) return this.#stop(words.insecure);
    try {
      this.journal = await UploadJournal.open();
      this.record = await this.journal.unfinished(this.title);
    } catch {
      return this.#stop(words.noJournal);
    }
    if (this.record) this.#inviteBack();
    this.root.dataset.state = 'ready';
  }

  #acceptDrops() {
    const area = this.parts.choose;
    area.addEventListener('dragover', (event) => {
      event.preventDefault();
      area.classList.add('is-over');
    });
    area.addEventListener('dragleave', () => area.classList.remove('is-over'));
    area.addEventListener('drop', (event) => {
      event.preventDefault();
      area.classList.remove('is-over');
      this.#choose(event.dataTransfer.files[0]);
    });
  }

  // -- Choosing ----------------------------------------------------------------------------------

  #inviteBack() {
    this.parts.invitation.textContent = words.comeBack(this.record);
    this.parts['start-over'].hidden = false;
    this.parts.choose.hidden = false;
    this.parts.running.hidden = true;
  }

  async #choose(file) {
    if (!file || !this.journal) return;
    this.#say('');
    if (file.size === 0) return this.#say(words.empty, 'warn');
    if (this.record && !sameFile(this.record, file)) {
      return this.#say(words.anotherFile(this.record), 'warn');
    }
    this.file = file;
    try {
      this.record ??= await this.#begin(file);
    } catch (fault) {
      return this.#explain(fault);
    }
    await this.#run();
  }

  /** A new upload: a new key, which from here on nobody can read, and its record. */
  async #begin(file) {
    const { public_key: storeKey } = (await ask(this.root.dataset.ingestUrl)).value;
    const id = crypto.randomUUID();
    const container = uuidBytes(id);
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const dek = await importSecret(secret);
    const wrapped = await wrapForIngest(secret, container, fromBase64Url(storeKey));
    secret.fill(0);
    const record = {
      container: id,
      title: this.title,
      name: file.name,
      length: file.size,
      modified: file.lastModified,
      startedAt: Date.now(),
      sent: 0,
      dek,
      wrapped: toBase64Url(wrapped),
      commitment: toHex(await commitment(dek, container)),
    };
    try {
      await this.journal.save(record);
    } catch {
      throw new Refusal(-1, words.noJournal);
    }
    return record;
  }

  async #startOver() {
    if (this.record && !globalThis.confirm(words.reallyStartOver(this.record))) return;
    await this.#drop();
    this.#say(words.startedOver);
    this.input.focus();
  }

  // -- Sending -----------------------------------------------------------------------------------

  async #run() {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.running) return;
    this.running = true;
    this.#show('running');
    this.#say(words.sending);
    try {
      await this.#holdLock();
      await this.#openSeal();
      await this.#send();
      await this.#finish();
    } catch (fault) {
      this.#explain(fault);
    } finally {
      this.running = false;
    }
  }

  /** One tab at a time may send an upload; the lock ends with the page. */
  async #holdLock() {
    if (this.locked || !navigator.locks) return;
    const name = `matinee-upload-${this.record.container}`;
    this.locked = await new Promise((resolve) => {
      navigator.locks.request(name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise((release) => { this.release = release; });
      });
    });
    if (!this.locked) throw new Refusal(-1, words.otherTab);
  }

  async #openSeal() {
    if (this.source) return;
    this.seal = new SealWorker(SEAL_WORKER_URL);
    const { container } = this.record;
    const size = await this.seal.call('open', { container, file: this.file });
    this.source = new SealedSource(this.seal, size);
  }

  /** Sends until the last byte is acknowledged; rejects with a fault, or `paused`. */
  #send() {
    const pace = new Pace(this.source.size);
    return new Promise((resolve, reject) => {
      this.upload = new Upload(this.file, {
        // With an address there is no way back to creating another upload by accident.
        ...(this.record.url ? { uploadUrl: this.record.url } : { endpoint: this.root.dataset.endpoint }),
        fileReader: { openFile: async () => this.source },
        uploadSize: this.source.size,
        chunkSize: PIECE_BYTES,
        metadata: this.#metadata(),
        headers: { Accept: 'application/json' },
        retryDelays: null,
        storeFingerprintForResuming: false,
        onUploadUrlAvailable: () => this.#remember({ url: this.upload.url }),
        onChunkComplete: (_, sent) => {
          this.tries = 0;
          this.#remember({ sent });
        },
        onProgress: (sent) => this.#draw(pace, sent),
        onSuccess: () => resolve(),
        onError: reject,
      });
      this.interrupt = () => reject(new Refusal(-1, ''));
      this.upload.start();
    });
  }

  #metadata() {
    return {
      title: this.title,
      container: this.record.container,
      length: String(this.record.length),
      wrapped_dek: this.record.wrapped,
      commitment: this.record.commitment,
      kind: 'feature',
    };
  }

  #remember(news) {
    Object.assign(this.record, news);
    this.journal.save(this.record).catch(() => this.#stop(words.noJournal));
  }

  #draw(pace, sent) {
    const figures = pace.at(sent, performance.now());
    this.progress.value = figures.permille;
    this.figures = figures;
    if (!figures.worthShowing) return;
    this.parts.sent.textContent = figures.sent;
    this.parts.speed.textContent = figures.speed;
  }

  async #finish() {
    this.#say(words.finishing);
    this.parts.pause.hidden = true;
    const root = await this.seal.call('root');
    const { value } = await ask(`${this.record.url}/finish`, { method: 'POST', body: { root } });
    await this.#forget();
    this.#show('done');
    this.#say('');
    this.root.dispatchEvent(new CustomEvent('upload:done', { bubbles: true, detail: value }));
  }

  // -- Stopping ----------------------------------------------------------------------------------

  async #pause() {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.upload?.abort();
    this.interrupt?.();
    this.#show('paused');
    this.parts.sent.textContent = this.figures?.sent ?? '';
    this.#say(words.paused);
  }

  async #cancel() {
    await this.#pause();
    if (!globalThis.confirm(words.reallyCancel)) return;
    await this.#drop();
    this.#say(words.canceled);
  }

  /** Gives up an upload here and, as far as it can be reached, on the server. */
  async #drop() {
    if (this.record?.url) {
      await Upload.terminate(this.record.url, { retryDelays: null }).catch(() => {});
    }
    await this.#forget();
    this.parts.invitation.textContent = words.choose;
    this.parts['start-over'].hidden = true;
    this.#show('ready');
  }

  async #forget() {
    this.seal?.close();
    if (this.record) await this.journal.forget(this.record.container);
    this.release?.();
    Object.assign(this, { seal: undefined, source: undefined, record: undefined, locked: false });
  }

  /** Says what went wrong and what comes next; some faults mend themselves. */
  #explain(error) {
    const fault = error.causingError?.fault ?? error.fault;
    if (fault === 'changed') return this.#endForGood(words.changed);
    if (fault === 'lost') return this.#endForGood(words.lost);
    const refusal = this.#refusal(error);
    if (refusal.status === -1) return refusal.message && this.#stop(refusal.message);
    if (refusal.status === SIGN_IN) return this.#signIn();
    if (GONE.includes(refusal.status)) return this.#endForGood(refusal.message || words.gone);
    if (NO_ROOM.includes(refusal.status)) return this.#stop(refusal.message || words.noRoom);
    if (WORTH_ANOTHER_TRY.includes(refusal.status)) return this.#waitAndTry();
    return this.#stop(refusal.message || words.unexpected(refusal.status));
  }

  #refusal(error) {
    if (error instanceof Refusal) return error;
    if (!error.originalRequest) return new Refusal(-1, words.unexpected(error.message));
    const answer = error.originalResponse;
    return refusalOf(answer?.getStatus() ?? 0, answer?.getBody() ?? '');
  }

  #waitAndTry() {
    const wait = Math.min(1_000 * 2 ** this.tries, LONGEST_WAIT_MS);
    this.tries += 1;
    this.parts.speed.textContent = '';
    this.#say(navigator.onLine ? words.waiting : words.offline, 'warn');
    this.root.dataset.state = 'waiting';
    this.timer = setTimeout(() => (this.record ? this.#run() : this.#choose(this.file)), wait);
  }

  /** This upload cannot go on; another one, with another key, can. */
  async #endForGood(message) {
    await this.#drop();
    this.#say(message, 'bad');
    this.root.dataset.state = 'stopped';
  }

  #stop(message) {
    this.#show(this.record && this.file ? 'paused' : 'ready');
    this.#say(message, 'bad');
    this.root.dataset.state = 'stopped';
  }

  #signIn() {
    this.#stop(words.signedOut);
    const link = document.createElement('a');
    link.href = `/login?next=${encodeURIComponent(globalThis.location.pathname)}`;
    link.textContent = words.signIn;
    this.parts.status.append(' ', link);
  }

  // -- Showing -----------------------------------------------------------------------------------

  #show(state) {
    this.root.dataset.state = state;
    const { choose, running, pause, resume, cancel, done, name } = this.parts;
    choose.hidden = state !== 'ready';
    running.hidden = state === 'ready';
    pause.hidden = state !== 'running';
    resume.hidden = state !== 'paused';
    cancel.hidden = state === 'done';
    done.hidden = state !== 'done';
    name.textContent = this.file?.name ?? '';
    if (state !== 'running') this.parts.speed.textContent = '';
    if (state === 'done') this.progress.value = this.progress.max;
  }

  /** The one line that a screen reader announces; it changes only when the state does. */
  #say(message, mood = '') {
    const { status } = this.parts;
    status.textContent = message;
    status.hidden = message === '';
    status.className = mood ? `notice notice--${mood}` : 'notice';
  }
}

for (const root of document.querySelectorAll('[data-uploader]')) new Uploader(root).start();
