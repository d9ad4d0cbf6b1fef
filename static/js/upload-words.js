// What the upload card says, and its figures.

import { count, say } from './words.js';

const BYTES_PER_GB = 1e9;
const BYTES_PER_MB = 1e6;
const WINDOW_MS = 12_000;
const REDRAW_MS = 1_000;
const unit = (name) =>
  new Intl.NumberFormat(undefined, { style: 'unit', unit: name, maximumFractionDigits: 1 });
const gigabytes = unit('gigabyte');
const megabytes = unit('megabyte');

export function size(bytes) {
  if (bytes >= BYTES_PER_GB) return gigabytes.format(bytes / BYTES_PER_GB);
  return megabytes.format(bytes / BYTES_PER_MB);
}

export function timeLeft(seconds) {
  if (seconds < 50) return say('uploader-says-less-than-a-minute');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return say('uploader-says-about-left', { time: count(minutes, 'minute') });
  const hours = Math.floor(minutes / 60);
  return say('uploader-says-about-hours-left', { hours, minutes: minutes % 60 });
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
      sent: say('uploader-says-sent-of', { sent: size(sent), all: size(this.total) }),
      speed: perSecond > 0
        ? say('uploader-says-speed', {
          size: size(perSecond),
          left: timeLeft((this.total - sent) / perSecond),
        })
        : '',
    };
  }
}

const fileOf = (record) => ({ name: record.name, size: size(record.length) });

export const words = {
  choose: say('uploader-says-choose'),
  sending: say('uploader-says-sending'),
  paused: say('uploader-says-paused'),
  finishing: say('uploader-says-finishing'),
  canceled: say('uploader-says-canceled'),
  startedOver: say('uploader-says-started-over'),
  waiting: say('uploader-says-waiting'),
  offline: say('uploader-says-offline'),
  empty: say('uploader-says-empty'),
  changed: say('uploader-says-changed'),
  lost: say('uploader-says-lost'),
  gone: say('uploader-says-gone'),
  noRoom: say('uploader-says-no-room'),
  noJournal: say('uploader-says-no-journal'),
  insecure: say('uploader-says-insecure'),
  otherTab: say('uploader-says-other-tab'),
  signedOut: say('uploader-says-signed-out'),
  signIn: say('uploader-says-sign-in'),
  reallyCancel: say('uploader-says-really-cancel'),
  unexpected: (what) => say('uploader-says-unexpected', { what }),
  comeBack: (record) => say('uploader-says-come-back', fileOf(record)),
  anotherFile: (record) => say('uploader-says-another-file', fileOf(record)),
  reallyStartOver: (record) => say('uploader-says-really-start-over', fileOf(record)),
};
