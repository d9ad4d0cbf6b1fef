// What the player says, and how it says times.

import { count, say } from './words.js';

/** 75 → `1:15`, 3,675 → `1:01:15`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const two = (number) => String(number).padStart(2, '0');
  const hours = Math.floor(whole / 3_600);
  const minutes = Math.floor(whole / 60) % 60;
  if (hours > 0) return `${hours}:${two(minutes)}:${two(whole % 60)}`;
  return `${minutes}:${two(whole % 60)}`;
}

/** The same for a voice: `1 hour 1 minute 15 seconds`. */
export function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const parts = [
    [Math.floor(whole / 3_600), 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second'],
  ].filter(([number]) => number > 0);
  if (parts.length === 0) return count(0, 'second');
  return parts.map(([number, unit]) => count(number, unit)).join(' ');
}

/** Where to go on: not from the first moment, and not into the last credits. */
export function resumeAt(position, duration) {
  const end = duration - Math.min(duration * 0.02, 30);
  return position > 1 && position < end ? position : 0;
}

export const words = {
  play: say('player-says-play'),
  pause: say('player-says-pause'),
  resumeAt: (seconds) => say('player-says-resume-at', { time: clock(seconds) }),
  timeOf: (now, all) => say('player-says-time-of', { now: spoken(now), all: spoken(all) }),
  mute: say('player-says-mute'),
  unmute: say('player-says-sound-on'),
  captionsOff: say('player-says-captions-off'),
  slowLine: say('player-says-slow-line'),
};

const again = { label: say('player-says-try-again') };
const library = { label: say('player-says-to-library'), href: '/library' };
const filmPage = (slug, label) => ({ label, href: `/films/${slug}` });
const seeFilm = (slug) => filmPage(slug, say('player-says-see-the-film'));

const REFUSALS = {
  not_bought: (slug) => [say('player-says-not-bought'), seeFilm(slug)],
  rental_over: (slug) => [
    say('player-says-rental-over'),
    filmPage(slug, say('player-says-rent-or-buy')),
  ],
  refunded: (slug) => [say('player-says-refunded'), seeFilm(slug)],
  territory: () => [say('player-says-territory'), library],
  suspended: () => [say('player-says-suspended'), library],
};

/** One sentence and one way out for whatever keeps a film from playing. */
export function explain({ status, code, message, devices = [] }, slug) {
  if (status === 401) {
    const next = encodeURIComponent(`/watch/${slug}`);
    const signIn = { label: say('player-says-sign-in'), href: `/login?next=${next}` };
    return [say('player-says-signed-out'), signIn];
  }
  if (status === 409) {
    const where = devices.join(', ');
    const sentence = where
      ? say('player-says-too-many-screens-where', { where })
      : say('player-says-too-many-screens');
    return [sentence, again];
  }
  if (REFUSALS[code]) return REFUSALS[code](slug);
  if (status === 403) return [message || say('player-says-cannot-watch'), library];
  if (status === 0) return [say('player-says-line-interrupted'), again];
  return [say('player-says-troubled'), again];
}

export const tampered = [say('player-says-tampered'), library];
export const unplayable = [say('player-says-unplayable'), library];
export const troubled = [say('player-says-troubled'), again];
