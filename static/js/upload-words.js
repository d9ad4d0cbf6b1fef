// What the upload card says, and its figures.

const BYTES_PER_GB = 1e9;
const BYTES_PER_MB = 1e6;
const WINDOW_MS = 12_000;
const REDRAW_MS = 1_000;
const decimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export function size(bytes) {
  if (bytes >= BYTES_PER_GB) return `${decimal.format(bytes / BYTES_PER_GB)} GB`;
  return `${decimal.format(bytes / BYTES_PER_MB)} MB`;
}

export function timeLeft(seconds) {
  if (seconds < 50) return 'less than a minute left';
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} left`;
  const hours = Math.floor(minutes / 60);
  return `about ${hours} h ${minutes % 60} min left`;
}

/** Speed over the last seconds, so that a pause or a slow start does not haunt the estimate. */
export class Pace {
  constructor(total) {
    this.total = total;
    this.samples = [];
    this.drawnAt = -Infinity;
  }

  at(sent, now) {
    this.samples.push({ sent, now });
    while (this.samples.length > 2 && now - this.samples[0].now > WINDOW_MS) this.samples.shift();
    const first = this.samples[0];
    const seconds = (now - first.now) / 1_000;
    const perSecond = seconds > 0.5 ? Math.max(sent - first.sent, 0) / seconds : 0;
    const worthShowing = now - this.drawnAt >= REDRAW_MS || sent === this.total;
    if (worthShowing) this.drawnAt = now;
    return {
      worthShowing,
      permille: Math.floor((sent / this.total) * 1_000),
      sent: `${size(sent)} of ${size(this.total)} sent`,
      speed: perSecond > 0
        ? `${size(perSecond)}/s, ${timeLeft((this.total - sent) / perSecond)}`
        : '',
    };
  }
}

export const words = {
  choose: 'Choose the film',
  sending: 'Sealing and sending. You may go on working; keep this page open.',
  paused: 'Paused. What was sent is kept.',
  finishing: 'Everything is sent. The store now compares what it holds with what you sealed.',
  canceled: 'The upload was canceled and what had been sent was deleted.',
  startedOver: 'Ready for another file.',
  waiting: 'The line to the store is interrupted. We keep trying; what was sent is kept.',
  offline: 'This computer is offline. The upload goes on by itself as soon as it is back.',
  empty: 'This file is empty. Choose the film itself.',
  changed: 'The file changed since the upload began, so it cannot go on: a sealed film must be one and the same file from first to last byte. Choose the file again to start a new upload.',
  lost: 'This browser no longer holds everything needed to go on with the upload. Choose the file again to start a new one.',
  gone: 'The store no longer keeps this unfinished upload. Choose the file again to start a new one.',
  noRoom: 'There is no room for this film at the moment. What was sent is kept; make room or ask the store, then press Resume.',
  noJournal: 'This browser window cannot keep what an upload needs to survive a broken line. Use a normal, not a private, window.',
  insecure: 'Films can only be sealed on a secure address. Open this page with https.',
  otherTab: 'This upload is running in another tab. Go on there, or close that tab and press Resume.',
  signedOut: 'You have been signed out. What was sent is kept.',
  signIn: 'Sign in, then choose the same file again.',
  reallyCancel: 'Cancel the upload and delete what was sent?',
  unexpected: (what) => `The upload stopped for an unexpected reason (${what}). What was sent is kept; press Resume to try again.`,
  comeBack: (record) => `Continue “${record.name}” (${size(record.length)}): choose the same file again`,
  anotherFile: (record) => `This is not the file that the unfinished upload began with, or it changed since: “${record.name}”, ${size(record.length)}. Choose that file to continue, or start over.`,
  reallyStartOver: (record) => `Give up the unfinished upload of “${record.name}” and delete what was sent?`,
};
