// The site of many real runs against its budgets: `node budgets.mjs 1000 10000`. Sizes, counts and equal bytes are gates;
// times are told, and fail at five times the budget only.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { launch } from './browser.mjs';
import { program } from './ledger.mjs';
import { many, times } from './many.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const SCRIPTS = ['app', 'canvas', 'compare', 'curves', 'data', 'filter', 'match', 'plots', 'table'];

let passed = 0;
let failed = 0;
const rows = [];
function check(name, problems) {
  const list = [problems].flat();
  if (list.length === 0) passed++;
  else failed++;
  if (list.length > 0) console.log(`FAIL ${name}: ${list.slice(0, 5).join('; ')}`);
}

/** A line of the report; a gate fails beyond its budget, a time beyond five times of it. */
function row(what, budget, found, unit, gate) {
  rows.push(`| ${what} | ${budget} ${unit} | ${Number(found.toPrecision(4))} ${unit} |`);
  check(what, found <= budget * (gate ? 1 : 5) ? [] : `${found} ${unit}, the budget is ${budget}`);
}

function files(folder) {
  return fs.readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
const digests = (folder) => new Map(files(folder).map((file) => [path.relative(folder, file), digest(fs.readFileSync(file))]));
const kibi = (bytes) => bytes / 1024;
const withoutPictures = (html) => html.replace(/<svg(?! class="shape")[^]*?<\/svg>/g, '');

/** Runs the program in a ledger; gives milliseconds. */
function run(root, ...words) {
  const start = performance.now();
  const home = { HOME: path.dirname(root), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  execFileSync(program, words, { cwd: root, env: { ...process.env, ...home }, stdio: ['ignore', 'pipe', 'inherit'] });
  return performance.now() - start;
}

/** A ledger of so many runs, as the recorder writes them. */
function ledger(around, count) {
  const root = path.join(around, `runs-${count}`);
  const words = ['bench', '--locked', '--quiet', '--bench', 'generate', '--', String(count), root];
  if (process.env.GENERATE) execFileSync(process.env.GENERATE, words.slice(-2), { stdio: 'ignore' });
  else execFileSync('cargo', words, { cwd: repository, stdio: ['ignore', 'ignore', 'inherit'] });
  return root;
}

function sizes(site, count) {
  const gzipped = (names) => kibi(names.reduce((sum, name) => sum + gzipSync(fs.readFileSync(path.join(site, name)), { level: 9 }).length, 0));
  row('app.css, gzipped', 6, gzipped(['app.css']), 'KiB', true);
  row('table script, gzipped', 8, gzipped(['table.js']), 'KiB', true);
  row('curves with what they draw on, gzipped', 30, gzipped(['canvas.js', 'curves.js']), 'KiB', true);
  row('parallel and scatter, gzipped', 8, gzipped(['plots.js']), 'KiB', true);
  const scripts = files(site).map((file) => path.relative(site, file)).filter((file) => file.endsWith('.js') && !/^(data|r)\//.test(file));
  check('no script of others', scripts.join() === SCRIPTS.map((name) => `${name}.js`).join() ? [] : scripts);
  // One page at a time: those of 100,000 runs do not fit into memory.
  const most = { bare: 0, whole: 0, picture: 0, marks: 0 };
  const note = (what, found) => { most[what] = Math.max(most[what], found); };
  for (const file of files(site).filter((file) => file.endsWith('.html'))) {
    const text = fs.readFileSync(file, 'utf8');
    if (path.relative(site, file).startsWith('r/')) {
      note('bare', Buffer.byteLength(withoutPictures(text)));
      note('whole', Buffer.byteLength(text));
    }
    for (const svg of text.match(/<svg(?! class="shape")[^]*?<\/svg>/g) ?? []) {
      note('picture', Buffer.byteLength(svg));
      note('marks', (svg.match(/<(circle|rect|polyline|polygon|path)/g) ?? []).length);
    }
  }
  // Every value of `show --json` stands on the page, 8 KiB of it for the smallest run.
  row('a run\'s page without pictures', 20, kibi(most.bare), 'KiB', true);
  row('a run\'s page', 120, kibi(most.whole), 'KiB', true);
  row('one picture', 40, kibi(most.picture), 'KiB', true);
  row('marks of a picture', 400, most.marks, '', true);
  const data = files(path.join(site, 'data')).map((file) => fs.readFileSync(file));
  const manifest = fs.readFileSync(path.join(site, 'data/manifest.js'), 'utf8');
  const columns = (manifest.match(/"rows":/g) ?? []).length - Math.ceil(count / 1000) - 1;
  const raw = data.reduce((sum, bytes) => sum + bytes.length, 0);
  // 75 bytes a value of 20 columns are 1.5 MB at 10,000 runs; a metric alone has 17 digits, an id 32.
  row(`data, a value (${columns} columns)`, 8.5, raw / count / columns, 'B', true);
  rows.push(`| data | 1.5 MB of 20 columns, 450 KB gzipped | ${(raw / 1e6).toFixed(2)} MB, ${(data.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0) / 1e3).toFixed(0)} KB gzipped |`);
}

/** Built again from nothing: the same bytes. One tag more: one run's pages, one chunk, the indexes. */
function building(root, count) {
  const site = path.join(root, 'site');
  const first = digests(site);
  fs.rmSync(site, { recursive: true });
  fs.rmSync(path.join(root, '.fairledger'), { recursive: true, force: true });
  // A small ledger is mostly its indexes.
  row('whole site', Math.max(2000, count), run(root, 'report'), 'ms', false);
  const again = digests(site);
  check('the same bytes twice', [...first].filter(([file, hash]) => again.get(file) !== hash).map(([file]) => file));
  check('the same files twice', first.size === again.size ? [] : `${first.size} and ${again.size}`);
  const id = [...again.keys()].find((file) => file.startsWith('r/')).split('/')[2];
  run(root, 'tag', id, 'budget=one');
  const before = digests(site);
  // The budget is that of 10,000 runs, every one of which stands in some index.
  row('one run changed, visible', Math.max(300, count * 0.03), run(root, 'tag', id, 'budget=two'), 'ms', false);
  const after = digests(site);
  const changed = [...after].filter(([file, hash]) => before.get(file) !== hash).map(([file]) => file);
  const foreign = changed.filter((file) => file.startsWith('r/') && !file.includes(id));
  check('no page of another run is written', foreign);
  const chunks = changed.filter((file) => /^data\/(runs|more)-/.test(file));
  check('one chunk is written', chunks.length <= 1 ? [] : chunks);
}

/** In the page of parallel coordinates: milliseconds of a frame while a range is drawn. */
async function dragging() {
  const canvas = document.querySelector('.canvas');
  const box = canvas.getBoundingClientRect();
  const point = (type, y) => canvas.dispatchEvent(new PointerEvent(type, { clientX: box.right - 60, clientY: box.top + y, pointerId: 1 }));
  canvas.setPointerCapture = () => {};
  point('pointerdown', 60);
  const found = [];
  for (let y = 70; y < 250; y += 12) {
    const start = performance.now();
    point('pointermove', y);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    found.push(performance.now() - start);
  }
  point('pointerup', 250);
  return found.sort((a, b) => a - b)[Math.floor(found.length / 2)];
}

async function browsing(browser, site, count) {
  const ready = (page) => page.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 60000 });
  const open = async (file, look) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    try {
      await page.goto(pathToFileURL(path.join(site, file)).href);
      await ready(page);
      return await page.evaluate(look);
    } finally {
      await page.close();
    }
  };
  const found = await open('runs/index.html', times);
  const larger = count > 10000;
  row('table of runs is there', larger ? 2000 : 500, found.times.ready, 'ms', false);
  for (const name of ['sort numbers', 'filter']) row(`table, ${name}`, larger ? 200 : 50, found.times[name], 'ms', false);
  row('table, heap', larger ? 300 : 30, found.heap / 2 ** 20, 'MiB', false);
  row('parallel coordinates, a frame while dragging', 50, await open('analysis/parallel.html', dragging), 'ms', false);
}

const counts = process.argv.slice(2).map(Number).filter(Boolean);
const around = fs.mkdtempSync(path.join(os.tmpdir(), 'budgets-'));
const browser = await launch();
try {
  for (const count of counts) {
    rows.push(`| **${count} runs** | | |`);
    const root = ledger(around, count);
    run(root, 'report');
    sizes(path.join(root, 'site'), count);
    building(root, count);
    await browsing(browser, path.join(root, 'site'), count);
    if (count >= 10000) await many(browser, path.join(root, 'site'), around, check, [100000]);
    fs.rmSync(root, { recursive: true });
  }
} finally {
  await browser.close();
  fs.rmSync(around, { recursive: true });
}
console.log(['| what | budget | found |', '|---|---|---|', ...rows].join('\n'));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
