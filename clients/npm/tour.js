'use strict';
// Walks through a table of calls with a person who writes to the page, and says of each whether the answer was right.
// One line a call, `ok` or `not ok`; at the end the list of those that failed, and exit code 1 if there are any.

const assert = require('node:assert/strict');

const PATIENCE_MS = 60000;

/** What a step expects instead of a check when the call must fail with this Graph error. */
const refused = (code, subcode) => ({code, subcode});

/** `graphError(thrown)` finds {code, subcode} in what the SDK threw, or returns undefined. */
async function failsWith(call, error, graphError) {
  let answer;
  try {
    answer = await call();
  } catch (thrown) {
    const got = graphError(thrown);
    assert.ok(got, `no Graph error but: ${thrown.message}`);
    assert.equal(got.code, error.code);
    assert.ok(error.subcode === undefined || got.subcode === error.subcode, `subcode ${got.subcode}, not ${error.subcode}`);
    return;
  }
  assert.fail(`expected error ${error.code}, got ${JSON.stringify(answer)}`);
}

/**
 * Makes the steps one after the other: [group, name, call, expected, ending?]. `expected` is a check of the answer, or
 * refused(); from the day `ending.from` on, `ending.error` takes its place. Resolves to the exit code.
 */
async function walk(steps, {date = '', graphError}) {
  const groups = process.env.TOUR_GROUPS ? process.env.TOUR_GROUPS.split(',') : null;
  const failures = [];
  for (const [group, name, call, expected, ending] of steps) {
    if (groups && !groups.includes(group)) {
      continue;
    }
    const error = ending && date >= ending.from ? ending.error : typeof expected === 'function' ? null : expected;
    try {
      if (error) {
        await failsWith(call, error, graphError);
      } else {
        await expected(await call());
      }
      console.log(`ok ${group}: ${name}`);
    } catch (problem) {
      failures.push(name);
      console.log(`not ok ${group}: ${name}: ${problem.message.replace(/\s+/g, ' ')}`);
    }
  }
  console.log(failures.length ? `${failures.length} failed: ${failures.join('; ')}` : 'all as wanted');
  return failures.length ? 1 : 0;
}

/**
 * The life of a tour: waits for the first person who writes, walks with them, ends the process. `begin(psid)` resolves to
 * the exit code; `listen(onEvent)` hands over webhook events and returns a function that stops listening.
 */
function start(listen, begin) {
  let stop = null;
  let begun = false;
  const end = (code) => {
    process.exitCode = code;
    clearTimeout(impatience);
    stop();
  };
  const impatience = setTimeout(() => {
    console.log('not ok tour: nobody wrote to the page within a minute');
    end(1);
  }, PATIENCE_MS);
  stop = listen((event) => {
    if (begun || !event.message || event.message.is_echo) {
      return;
    }
    begun = true;
    begin(event.sender.id).then(end, (problem) => {
      console.log(`not ok tour: ${problem.stack}`);
      end(1);
    });
  });
  process.once('SIGTERM', () => end(begun ? process.exitCode : 1));
}

module.exports = {refused, start, walk};
