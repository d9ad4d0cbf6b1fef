// Every failure of the player has one plain sentence and one way out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import './english.mjs';
import { clock, explain, resumeAt, spoken } from '../../static/js/player-words.js';

test('times to read and to hear', () => {
  const times = [[0, '0:00', '0 seconds'], [75, '1:15', '1 minute 15 seconds'], [3_675, '1:01:15', '1 hour 1 minute 15 seconds'], [Number.NaN, '0:00', '0 seconds']];
  for (const [seconds, shown, heard] of times) {
    assert.deepEqual([clock(seconds), spoken(seconds)], [shown, heard]);
  }
});

test('a film goes on where it was left, but begins again after its end', () => {
  assert.deepEqual([resumeAt(0.5, 100), resumeAt(3, 5.3), resumeAt(3_000, 7_200)], [0, 3, 3_000]);
  assert.deepEqual([resumeAt(7_190, 7_200), resumeAt(5.3, 5.3), resumeAt(50, Number.NaN)], [0, 0, 0]);
});

test('each refusal says what happened and leads on', () => {
  const way = (refusal) => explain({ code: '', message: '', ...refusal }, 'the-lake')[1];
  assert.equal(way({ status: 401 }).href, '/login?next=%2Fwatch%2Fthe-lake');
  assert.equal(way({ status: 403, code: 'not_bought' }).href, '/films/the-lake');
  assert.equal(way({ status: 403, code: 'rental_over' }).href, '/films/the-lake');
  assert.equal(way({ status: 403, code: 'suspended' }).href, '/library');
  assert.equal(way({ status: 403, code: 'something_new' }).href, '/library');
  assert.equal(way({ status: 409 }).label, 'Try again');
  const [sentence] = explain({ status: 409, devices: ['Firefox on Linux'] }, 'the-lake');
  assert.match(sentence, /Firefox on Linux/);
  assert.equal(way({ status: 0 }).label, 'Try again');
  assert.equal(way({ status: 500 }).label, 'Try again');
});
