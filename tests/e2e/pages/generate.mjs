// A site's data of many runs, in the format of `site/data/`, written without training any of them.

import fs from 'node:fs';
import path from 'node:path';

/** A generator of numbers in [0, 1) that gives the same ones each time. */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const literal = (value) => `JSON.parse('${JSON.stringify(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('<', '\\\\u003c')}')`;
const list = (values) => `[\n${values.map(literal).join(',\n')}\n]`;

/** A column of words, each once. */
function dictionary(name, values) {
  const words = [...new Set(values)];
  const places = new Map(words.map((word, at) => [word, at]));
  return { name, words, values: values.map((value) => places.get(value)) };
}

/** Writes `data/` of a site for `count` runs of 20 columns; gives the sizes of what was written. */
export function generate(site, count) {
  const next = random(7);
  const pick = (values) => values[Math.floor(next() * values.length)];
  const hex = () => Math.floor(next() * 2 ** 32).toString(16).padStart(8, '0');
  const folder = path.join(site, 'data');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
  const chunks = [];
  let bytes = 0;
  const names = new Map();
  for (let first = 0; first < count; first += 1000) {
    const rows = Math.min(1000, count - first);
    const each = (of) => Array.from({ length: rows }, (_, row) => of(first + row));
    const r2 = each(() => 1 - next() ** 2);
    const columns = [
      { name: 'id', texts: each(() => hex() + hex() + hex() + hex()) },
      { name: 'label', texts: each((row) => `${pick(['rf', 'gbdt', 'ridge'])}-${row}`) },
      dictionary('experiment', each(() => pick(['housing', 'housing', 'churn']))),
      dictionary('spec', each(() => pick(['forest.toml', 'boosting.toml', 'linear.toml']))),
      dictionary('status', each(() => (next() < 0.95 ? 'finished' : 'failed'))),
      { name: 'started', numbers: each((row) => 1.795e15 + row * 6e7) },
      { name: 'took', numbers: each(() => Math.floor(next() * 9e7)) },
      dictionary('trainer', each(() => pick(['random-forest-regressor', 'gradient-boosting-regressor', 'ridge']))),
      { name: 'seed', numbers: each(() => Math.floor(next() * 10)) },
      dictionary('target', each(() => 'price')),
      { name: 'attempt', texts: each(() => `01ARZ3NDEKTSV4RR${hex().toUpperCase()}AV`) },
      { name: 'params.n_estimators', numbers: each(() => pick([50, 100, 200, 500])) },
      { name: 'params.max_depth', numbers: each(() => Math.floor(next() * 20) + 1) },
      { name: 'params.learning_rate', numbers: each(() => 10 ** (-4 * next())) },
      dictionary('params.criterion', each(() => pick(['squared_error', 'absolute_error']))),
      { name: 'metrics.r2', numbers: r2, special: {} },
      { name: 'metrics.rmse', numbers: r2.map((value) => Math.sqrt(1 - value) * 1e5) },
      { name: 'metrics.mae', numbers: r2.map((value) => Math.sqrt(1 - value) * 7e4 + next()) },
      { name: 'metrics.train_r2', numbers: r2.map((value) => value ** 0.5) },
      dictionary('tags.team', each(() => pick(['a', 'b', 'c']))),
    ];
    for (let row = 97; row < rows; row += 500) {
      r2[row] = null;
      columns[15].special[row] = 'NaN';
    }
    const number = chunks.length + 1;
    const file = `runs-${String(number).padStart(4, '0')}.js`;
    const text = `LEDGER.runs(${number}, ${rows}, ${list(columns)});\n`;
    fs.writeFileSync(path.join(folder, file), text);
    bytes += text.length;
    chunks.push({ file, rows, hash: hex() });
    for (const { name } of columns) names.set(name, (names.get(name) ?? 0) + rows);
  }
  const goal = (name, metric, direction) => ({ name, title: name, page: `x/${name}/index.html`, metric, direction });
  const head = { format: 1, rows: count, chunk: 1000, time_zone: 'UTC' };
  const columns = [...names].map(([name, rows]) => ({ name, rows }));
  const experiments = [goal('housing', 'r2', 'maximize'), goal('churn', 'r2', 'maximize')];
  const manifest = `LEDGER.manifest(${[literal(head), ...[chunks, columns, experiments].map(list)].join(', ')});\n`;
  fs.writeFileSync(path.join(folder, 'manifest.js'), manifest);
  return { bytes: bytes + manifest.length, chunks: chunks.length };
}
