// The figures of the upload card.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import './english.mjs';
import { Pace, size, timeLeft } from '../../static/js/upload-words.js';

test('speed follows the last seconds, not the whole upload', () => {
  const pace = new Pace(1_000_000_000);
  pace.at(0, 0);
  for (let second = 1; second <= 60; second += 1) pace.at(second * 1_000_000, second * 1_000);
  let figures;
  for (let second = 61; second <= 80; second += 1) {
    figures = pace.at(60_000_000 + (second - 60) * 10_000_000, second * 1_000);
  }
  assert.equal(figures.speed, '10 MB/s, about 1 minute left');
  assert.equal(figures.permille, 260);
});

test('an upload that stands still promises nothing', () => {
  const pace = new Pace(1_000);
  pace.at(500, 0);
  assert.equal(pace.at(500, 10_000).speed, '');
});

test('text is redrawn once a second and at the end', () => {
  const pace = new Pace(100);
  const shown = [[10, 0], [20, 400], [30, 999], [40, 1_000], [100, 1_100]]
    .map(([sent, now]) => pace.at(sent, now).worthShowing);
  assert.deepEqual(shown, [true, false, false, true, true]);
});

test('sizes and times as people say them', () => {
  assert.equal(size(12_345_678_901), '12.3 GB');
  assert.equal(size(4_200_000), '4.2 MB');
  assert.equal(timeLeft(20), 'less than a minute left');
  assert.equal(timeLeft(61), 'about 1 minute left');
  assert.equal(timeLeft(3_599), 'about 1 h 0 min left');
  assert.equal(timeLeft(9_000), 'about 2 h 30 min left');
});
