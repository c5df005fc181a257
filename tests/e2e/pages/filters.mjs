// The pages' reader of the filter language, held to the table that the program's own is held to.

import { readFileSync } from 'node:fs';

const table = JSON.parse(readFileSync(new URL('../../it/filters.json', import.meta.url), 'utf8'));

/** In a page that has loaded `filter.js`: what each filter of the table finds, and each mistake. */
function evaluate(table) {
  const micro = (text) => Math.round(Date.parse(text) * 1000);
  const columns = (run, name) => {
    const [kind, ...rest] = name.split('.');
    const value = rest.length ? run[kind]?.[rest.join('.')] : run[name];
    if (name === 'started') return micro(run.started);
    if (name === 'took') return micro(run.ended) - micro(run.started);
    if (name === 'note') return run.notes.length ? run.notes : undefined;
    if (name === 'attempt') return '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    return value === null || value === '' ? undefined : value;
  };
  const source = {
    column: (name) => (row) => columns(table.runs[row], name),
    haystack: (row) => {
      const run = table.runs[row];
      const tags = Object.entries(run.tags).flat();
      return [run.label, run.experiment, run.spec, run.description, ...run.notes, ...tags].join('\0').toLowerCase();
    },
  };
  const moment = { now: micro(table.now), timeZone: table.time_zone };
  const rows = table.runs.map((_, row) => row);
  const found = (text) => {
    try {
      const filter = LEDGER.filter.parse(text);
      const meets = rows.filter(LEDGER.filter.matcher(filter, source, moment));
      return meets.sort(LEDGER.filter.sorter(filter.order, source, meets)).map((row) => table.runs[row].label);
    } catch (error) {
      return error.text ?? `${error}`;
    }
  };
  const mistake = (text) => {
    try {
      LEDGER.filter.parse(text);
      return {};
    } catch (error) {
      return { column: new TextEncoder().encode(text.slice(0, error.start)).length, message: error.message, text: error.text };
    }
  };
  return {
    cases: table.cases.map((one) => found(one.filter)),
    orders: table.orders.map((one) => found(one.filter)),
    errors: table.errors.map((one) => mistake(one.filter)),
    deep: ['('.repeat(100000), 'not '.repeat(100000)].map((text) => mistake(text).message),
    caret: mistake('é and attributes.statsu = 1').text,
  };
}

/** Checks every case of the table in a page of the runs. */
export async function filters(page, check) {
  const found = await page.evaluate(evaluate, table);
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  for (const kind of ['cases', 'orders']) {
    table[kind].forEach((one, at) => {
      const wrong = `found ${JSON.stringify(found[kind][at])}\nwanted ${JSON.stringify(one.runs)}`;
      check(`filter: ${JSON.stringify(one.filter)}`, same(found[kind][at], one.runs) ? [] : wrong);
    });
  }
  table.errors.forEach((one, at) => {
    const { column, message, text } = found.errors[at];
    const wrong = `found ${column} ${message}\nwanted ${one.column} ${one.message}`;
    const shown = text?.split('\n')[2]?.includes('^');
    check(`mistake: ${one.filter}`, column === one.column && message === one.message && shown ? [] : wrong);
  });
  check('mistake: a deep nest is refused', found.deep.filter((message) => message !== 'this is nested too deep'));
  const caret = [
    'a run has no attribute `statsu`',
    '  é and attributes.statsu = 1',
    `        ${'^'.repeat(17)}`,
  ].join('\n');
  check('mistake: the caret stands under its place', found.caret.startsWith(caret) ? [] : found.caret);
}
