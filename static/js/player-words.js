// What the player says, and how it says times.

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
  ].filter(([count]) => count > 0);
  if (parts.length === 0) return '0 seconds';
  return parts.map(([count, word]) => `${count} ${word}${count === 1 ? '' : 's'}`).join(' ');
}

/** Where to go on: not from the first moment, and not into the last credits. */
export function resumeAt(position, duration) {
  const end = duration - Math.min(duration * 0.02, 30);
  return position > 1 && position < end ? position : 0;
}

export const words = {
  play: 'Play',
  pause: 'Pause',
  resumeAt: (seconds) => `Resume at ${clock(seconds)}`,
  mute: 'Mute',
  unmute: 'Sound on',
  captionsOff: 'Off',
  slowLine: 'The line is slow or interrupted. The film goes on by itself.',
};

const again = { label: 'Try again' };
const library = { label: 'Go to your library', href: '/library' };
const filmPage = (slug, label) => ({ label, href: `/films/${slug}` });

const REFUSALS = {
  not_bought: (slug) => ['This film is not in your library yet.', filmPage(slug, 'See the film')],
  rental_over: (slug) => ['Your rental of this film has ended.', filmPage(slug, 'Rent or buy it again')],
  refunded: (slug) => ['This film was refunded, so it can no longer be watched.', filmPage(slug, 'See the film')],
  territory: () => ['This film may not be shown in the country you are in.', library],
  suspended: () => ['This film is suspended at the moment. It stays in your library.', library],
};

/** One sentence and one way out for whatever keeps a film from playing. */
export function explain({ status, code, message, devices = [] }, slug) {
  if (status === 401) {
    const next = encodeURIComponent(`/watch/${slug}`);
    return ['You have been signed out.', { label: 'Sign in', href: `/login?next=${next}` }];
  }
  if (status === 409) {
    const where = devices.length > 0 ? `: ${devices.join(', ')}` : '';
    return [`You are watching on as many screens as you may${where}. Stop one of them, then try again.`, again];
  }
  if (REFUSALS[code]) return REFUSALS[code](slug);
  if (status === 403) return [message || 'You cannot watch this film at the moment.', library];
  if (status === 0) return ['The line to the store is interrupted.', again];
  return ['The film cannot be played at the moment.', again];
}

export const tampered = [
  'This part of the film is not what the studio sealed. Playback stopped before it.',
  library,
];
export const unplayable = [
  'This browser cannot play the format of this film. Another browser may.',
  library,
];
export const troubled = ['The film cannot be played at the moment.', again];
