// Controls of our own over the picture: they leave while a film plays, come back at any sign of
// life, and do everything by keyboard too.

import { clock, words } from './player-words.js';

const IDLE_MS = 3_000;
const SLOW_LINE_MS = 4_000;
const STEP_SECONDS = 5;
const LEAP_SECONDS = 10;
const VOLUME_STEP = 0.1;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const OFF = 'matinee-shortcuts-off';

export class Controls {
  constructor(root, video) {
    this.root = root;
    this.video = video;
    this.parts = {};
    for (const part of root.querySelectorAll('[data-part]')) this.parts[part.dataset.part] = part;
    /** Whether the viewer wants the film to run, also while it is loading. */
    this.wanted = false;
    this.#wireButtons();
    this.#wireVideo();
    this.#wireKeys();
    this.#wireIdle();
    this.#capabilities();
  }

  // -- States that the page sets -----------------------------------------------------------------

  loading() {
    this.root.dataset.state = 'loading';
  }

  ready(position) {
    const { paused } = this.video;
    if (this.root.dataset.state === 'loading') this.root.dataset.state = paused ? 'ready' : 'playing';
    this.parts['start-text'].textContent = position > 0 ? words.resumeAt(position) : words.play;
    this.#captions();
    this.#drawTime();
  }

  stop() {
    this.wanted = false;
    this.root.dataset.state = 'stopped';
    this.#hint('');
  }

  // -- Wiring ------------------------------------------------------------------------------------

  #wireButtons() {
    const { video, parts } = this;
    parts.start.addEventListener('click', () => this.toggle());
    parts.play.addEventListener('click', () => this.toggle());
    video.addEventListener('click', () => this.toggle());
    video.addEventListener('dblclick', () => this.fullScreen());
    parts.mute.addEventListener('click', () => { video.muted = !video.muted; });
    parts.volume.addEventListener('input', () => {
      video.volume = Number(parts.volume.value);
      video.muted = video.volume === 0;
    });
    parts.seek.addEventListener('input', () => { video.currentTime = Number(parts.seek.value); });
    parts.speed.addEventListener('change', () => {
      video.playbackRate = Number(parts.speed.value);
    });
    parts.captions.addEventListener('change', () => this.showCaptions(Number(parts.captions.value)));
    parts.full.addEventListener('click', () => this.fullScreen());
    parts.pip.addEventListener('click', () => this.pictureInPicture());
    parts.help.addEventListener('click', () => parts.dialog.showModal());
  }

  #wireVideo() {
    const { video } = this;
    const on = (names, act) => {
      for (const name of names) video.addEventListener(name, act);
    };
    on(['play', 'pause', 'ended'], () => this.#drawPlaying());
    on(['timeupdate', 'durationchange', 'progress', 'seeking'], () => this.#drawTime());
    on(['volumechange'], () => this.#drawVolume());
    on(['ratechange'], () => { this.parts.speed.value = String(video.playbackRate); });
    on(['waiting'], () => this.#waiting());
    on(['playing', 'pause', 'seeked', 'emptied'], () => this.#hint(''));
    document.addEventListener('fullscreenchange', () => {
      const full = document.fullscreenElement === this.root;
      this.parts.full.setAttribute('aria-pressed', String(full));
    });
  }

  #capabilities() {
    const { parts, video } = this;
    parts.pip.hidden = !document.pictureInPictureEnabled || !video.requestPictureInPicture;
    parts.full.hidden = !this.root.requestFullscreen;
    parts.shortcuts.checked = !shortcutsOff();
    parts.shortcuts.addEventListener('change', () => keepShortcuts(parts.shortcuts.checked));
  }

  // -- What they do ------------------------------------------------------------------------------

  toggle() {
    const { video } = this;
    if (this.root.dataset.state === 'stopped' || this.root.dataset.state === 'loading') return;
    if (video.paused) {
      this.wanted = true;
      video.play().catch(() => this.#drawPlaying());
    } else {
      this.wanted = false;
      video.pause();
    }
  }

  seekTo(seconds) {
    const { video } = this;
    if (Number.isFinite(video.duration)) {
      video.currentTime = Math.min(Math.max(seconds, 0), video.duration);
    }
  }

  louder(step) {
    this.video.muted = false;
    this.video.volume = Math.min(Math.max(this.video.volume + step, 0), 1);
  }

  faster(step) {
    const now = SPEEDS.findIndex((speed) => speed >= this.video.playbackRate);
    const next = SPEEDS[Math.min(Math.max(now + step, 0), SPEEDS.length - 1)];
    this.video.playbackRate = next;
    this.#hint(`${next}×`, 1_200);
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen?.().catch(() => {});
  }

  pictureInPicture() {
    if (document.pictureInPictureElement) document.exitPictureInPicture();
    else this.video.requestPictureInPicture().catch(() => {});
  }

  showCaptions(index) {
    [...this.video.textTracks].forEach((track, at) => {
      track.mode = at === index ? 'showing' : 'disabled';
    });
    this.parts.captions.value = String(index);
  }

  toggleCaptions() {
    const { textTracks } = this.video;
    if (textTracks.length === 0) return;
    const showing = [...textTracks].some((track) => track.mode === 'showing');
    this.showCaptions(showing ? -1 : 0);
  }

  // -- Keyboard ----------------------------------------------------------------------------------

  #wireKeys() {
    document.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || this.parts.dialog.open) return;
      const act = this.#actOf(event);
      if (!act || this.root.dataset.state === 'stopped') return;
      event.preventDefault();
      act();
      this.#alive();
    });
  }

  /** What a key means here and now; nothing where it already means something else. */
  #actOf({ key, target }) {
    const { video, parts } = this;
    const onSeek = target === parts.seek;
    const onField = target.matches?.('input, select, textarea, [contenteditable]') && !onSeek;
    if (onField) return undefined;
    if (key === ' ' && target.matches?.('button, a, summary')) return undefined;
    const keys = {
      ' ': () => this.toggle(),
      k: () => this.toggle(),
      ArrowLeft: () => this.seekTo(video.currentTime - STEP_SECONDS),
      ArrowRight: () => this.seekTo(video.currentTime + STEP_SECONDS),
      j: () => this.seekTo(video.currentTime - LEAP_SECONDS),
      l: () => this.seekTo(video.currentTime + LEAP_SECONDS),
      ArrowUp: () => this.louder(VOLUME_STEP),
      ArrowDown: () => this.louder(-VOLUME_STEP),
      m: () => { video.muted = !video.muted; },
      c: () => this.toggleCaptions(),
      f: () => this.fullScreen(),
      '<': () => this.faster(-1),
      '>': () => this.faster(1),
      '?': () => parts.dialog.showModal(),
    };
    if (/^[0-9]$/.test(key)) return this.#unlessOff(() => this.seekTo((video.duration * key) / 10));
    const name = key.length === 1 ? key.toLowerCase() : key;
    const act = keys[name];
    return key.length === 1 && key !== ' ' ? this.#unlessOff(act) : act;
  }

  /** Single letters can be switched off, for people who speak or slip onto the keyboard. */
  #unlessOff(act) {
    return this.parts.shortcuts.checked ? act : undefined;
  }

  // -- Coming and going --------------------------------------------------------------------------

  #wireIdle() {
    for (const name of ['pointermove', 'pointerdown', 'focusin']) {
      this.root.addEventListener(name, () => this.#alive());
    }
    this.root.addEventListener('pointerleave', () => this.#idle());
  }

  #alive() {
    this.root.classList.remove('is-idle');
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.#idle(), IDLE_MS);
  }

  #idle() {
    const { root, parts } = this;
    const busy = this.video.paused
      || parts.controls.matches(':hover')
      || parts.controls.querySelector(':focus-visible');
    root.classList.toggle('is-idle', !busy);
  }

  // -- Drawing -----------------------------------------------------------------------------------

  #drawPlaying() {
    const { video, root, parts } = this;
    if (root.dataset.state !== 'stopped' && root.dataset.state !== 'loading') {
      root.dataset.state = video.paused ? 'paused' : 'playing';
    }
    parts.play.setAttribute('aria-label', video.paused ? words.play : words.pause);
    if (!video.paused && document.activeElement === parts.start) root.focus();
    this.#alive();
  }

  #drawTime() {
    const { video, parts } = this;
    const { currentTime, duration } = video;
    if (!Number.isFinite(duration)) return;
    parts.seek.max = String(duration);
    parts.seek.value = String(currentTime);
    parts.seek.setAttribute('aria-valuetext', words.timeOf(currentTime, duration));
    const share = (seconds) => `${(100 * seconds) / duration}%`;
    parts.seek.style.setProperty('--played', share(currentTime));
    parts.seek.style.setProperty('--loaded', share(this.#loadedUntil(currentTime)));
    const text = `${clock(currentTime)} / ${clock(duration)}`;
    if (parts.time.textContent !== text) parts.time.textContent = text;
  }

  #loadedUntil(time) {
    const { buffered } = this.video;
    for (let index = 0; index < buffered.length; index += 1) {
      if (buffered.start(index) <= time && time <= buffered.end(index)) return buffered.end(index);
    }
    return time;
  }

  #drawVolume() {
    const { video, parts } = this;
    const silent = video.muted || video.volume === 0;
    parts.mute.setAttribute('aria-pressed', String(silent));
    parts.mute.setAttribute('aria-label', silent ? words.unmute : words.mute);
    parts.volume.value = String(video.muted ? 0 : video.volume);
    parts.volume.style.setProperty('--played', `${100 * parts.volume.value}%`);
  }

  #captions() {
    const tracks = [...this.video.textTracks];
    this.parts['captions-field'].hidden = tracks.length === 0;
    const option = (text, value) => Object.assign(document.createElement('option'), { text, value });
    this.parts.captions.replaceChildren(
      option(words.captionsOff, '-1'),
      ...tracks.map((track, index) => option(track.label || track.language, String(index))),
    );
    const shown = tracks.findIndex((track) => track.mode === 'showing');
    this.parts.captions.value = String(shown);
  }

  #waiting() {
    this.root.classList.add('is-waiting');
    clearTimeout(this.hintTimer);
    this.hintTimer = setTimeout(() => this.#hint(words.slowLine), SLOW_LINE_MS);
  }

  #hint(text, forMs) {
    clearTimeout(this.hintTimer);
    if (text === '') this.root.classList.remove('is-waiting');
    this.parts.hint.textContent = text;
    if (forMs) this.hintTimer = setTimeout(() => this.#hint(''), forMs);
  }
}

function shortcutsOff() {
  try {
    return localStorage.getItem(OFF) === '1';
  } catch {
    return false;
  }
}

function keepShortcuts(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, '1');
  } catch {
    // A window that keeps nothing keeps no preference either.
  }
}
