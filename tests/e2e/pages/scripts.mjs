// What the scripts of pages do, in a real browser: the table of runs, comparisons, drawings, and their budgets.

import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { loading } from './loading.mjs';
import { many } from './many.mjs';

const same = (a, b) => (JSON.stringify(a) === JSON.stringify(b) ? [] : `found ${JSON.stringify(a)}\nwanted ${JSON.stringify(b)}`);
export const ready = (page) => page.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 60000 });
const labels = (page) => page.$$eval('.grid tbody tr[data-at] th a', (links) => links.map((link) => link.textContent));
const fragment = (page) => page.evaluate(() => decodeURIComponent(location.hash));
const status = (page) => page.textContent('[role=status]');
const holds = (text, part) => (part.test(text) ? [] : `${part} is not in ${text}`);

/** What the page would put on the clipboard. */
async function copied(page, name) {
  await page.evaluate(() => {
    window.copies = [];
    navigator.clipboard.writeText = (text) => (window.copies.push(text), Promise.resolve());
  });
  await page.click(`button[aria-label="Copy as ${name}"]`);
  return page.evaluate(() => window.copies[0]);
}

const FILTERS = [
  'metrics.r2 > 0.1',
  "status = 'failed'",
  "tags.unbroken like 'xx%'",
  'script',
  'params.n_estimators >= 3 and not star',
];

/** Filters find as many runs as `list` does, and mistakes are told. */
async function filtering(page, ledger, check) {
  const count = new Set(ledger.json(['list']).map((run) => run.id)).size;
  check('table: every run is counted', same(await status(page), `${count} of ${count} runs`));
  for (const filter of FILTERS) {
    const found = new Set(ledger.json(['list', filter]).map((run) => run.id)).size;
    await page.fill('input[aria-label=Filter]', filter);
    await page.waitForTimeout(60);
    check(`table: as many runs as list finds: ${filter}`, same(await status(page), `${found} of ${count} runs`));
  }
  await page.fill('input[aria-label=Filter]', 'metrics.r2 > and)');
  await page.waitForSelector('.mistake:not([hidden])');
  check('table: a mistake is shown with its place', holds(await page.textContent('.mistake'), /\n {2}metrics\.r2 > and\)\n +\^/));
}

async function table(page, ledger, check) {
  await ready(page);
  await filtering(page, ledger, check);
  const own = "experiment = 'housing' and r2 > 0";
  await page.fill('input[aria-label=Filter]', own);
  await page.waitForTimeout(60);
  await page.click('thead th[title="metrics.r2"] button');
  const sorted = ledger.json(['list', `${own} order by metrics.r2 desc`]).map((run) => run.label);
  check('table: sorted by a header', same(await labels(page), sorted));
  check('table: the header says so', same(await page.getAttribute('thead th[title="metrics.r2"]', 'aria-sort'), 'descending'));
  await page.click('thead th[title="metrics.r2"] button');
  check('table: and the other way', same(await labels(page), [...sorted].reverse()));
  const shorts = await keys(page, check);

  await page.evaluate(() => history.replaceState(null, '', `${location.hash}&other=kept%20as%20it%20is`));
  await page.reload();
  await ready(page);
  check('view: the rows come back from the address', same((await labels(page)).length, sorted.length));
  check('view: the selection comes back', same(await page.$$eval('.grid input:checked', (all) => all.length), 2));
  await page.click('thead th[title="run"] button');
  check('view: what others put into the address is kept', holds(await fragment(page), /other=kept as it is/));
  await copiesAndGroups(page, check, sorted.length);
  return shorts;
}

/** Views that the ledger keeps, and one to keep. */
async function keptViews(page, ledger, check) {
  await ready(page);
  check('table: bars stand behind metrics', (await page.$$('.grid td.bar')).length > 5 ? [] : 'none');
  const shapes = await page.$$eval('.grid svg.shape path', (all) => all.map((one) => one.getAttribute('d')));
  check('table: curves have their shapes', shapes.length > 0 && shapes.every((path) => /^M[\dML ]+$/.test(path)) ? [] : `${shapes}`);
  await page.click('text=Views');
  await page.click('.choices a:text-is("plain")');
  check('views: a kept one is taken', same(await page.inputValue('input[aria-label=Filter]'), "experiment = 'housing'"));
  check('views: with its columns', same(await page.$$eval('.grid thead th', (all) => all.slice(0, 2).map((one) => one.title)), ['run', 'metrics.r2']));
  const wanted = ledger.json(['list', "experiment = 'housing' and r2 > 0 order by metrics.r2 desc"]).map((run) => run.label);
  check('views: and its order', same((await labels(page)).slice(0, wanted.length), wanted));
  await page.fill('input[aria-label=Filter]', `label like "%'\\\\" or not r2 > 0.5`);
  await page.waitForTimeout(60);
  const text = await copied(page, 'view');
  const before = fs.readFileSync(path.join(ledger.root, 'ledger.toml'), 'utf8');
  ledger.write('ledger.toml', `${before}\n${text.replace('a name for it', 'mine')}`);
  ledger.run(['report']);
  const made = fs.readFileSync(path.join(ledger.root, 'site/runs/index.html'), 'utf8');
  ledger.write('ledger.toml', before);
  ledger.run(['report']);
  const link = (made.match(/href="(#[^"]*)">mine</)?.[1] ?? '').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  const address = await page.evaluate(() => location.hash);
  check('views: what is copied keeps the view', same(decodeURIComponent(link), decodeURIComponent(address)));
}

async function keys(page, check) {
  await page.click('[role=status]');
  for (const key of ['j', 'b', 'j', 'x', 'j', 'x']) await page.keyboard.press(key);
  const shorts = await page.$$eval('.grid tbody tr[data-at] th small', (all) => all.map((one) => one.textContent));
  const view = await fragment(page);
  const wanted = `&base=${shorts[0]}&sel=${shorts[1]},${shorts[2]}`;
  check('keys: j x b choose runs, and the address keeps them', view.endsWith(wanted) ? [] : `${view}, wanted ${wanted}`);
  check('keys: there is one baseline', same(await page.$$eval('.grid tr.base', (all) => all.length), 1));
  const differences = await page.$$eval('.grid td small', (all) => all.map((one) => one.textContent).join(' '));
  check('keys: differences to it have a sign', holds(differences, /[+−]\d/));
  await page.keyboard.press('/');
  check('keys: / goes to the filter', same(await page.evaluate(() => document.activeElement.ariaLabel), 'Filter'));
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  check('keys: ? shows the keys', same(await page.$eval('dialog', (dialog) => dialog.open), true));
  await page.keyboard.press('Escape');
  return shorts.slice(0, 3);
}

async function copiesAndGroups(page, check, count) {
  check('copy: CSV has a line a run', same((await copied(page, 'CSV')).trim().split('\n').length, count + 1));
  check('copy: Markdown has a line a run', same((await copied(page, 'Markdown')).trim().split('\n').length, count + 2));
  await page.selectOption('select[aria-label="Group by"]', 'trainer');
  const groups = await page.$$eval('.grid tbody:not(.space) tr', (all) => all.map((row) => Number(row.cells[1].textContent)));
  check('groups: every run is in one', same(groups.reduce((sum, size) => sum + size, 0), count));
  check('groups: mean ± deviation', holds(await page.textContent('.grid'), /\d ± \d/));
  await page.click('.grid tbody:not(.space) th button');
  check('groups: one opens as a filter', holds(await page.inputValue('input[aria-label=Filter]'), /trainer = /));
  check('groups: which finds as many runs', holds(await status(page), new RegExp(`^${groups[0]} of `)));
}

/** Every column with hostile text, in the page and in a copy. */
async function hostile(page, check) {
  await ready(page);
  const markup = await copied(page, 'HTML');
  const inside = await page.evaluate((markup) => {
    const parsed = new DOMParser().parseFromString(markup, 'text/html');
    return parsed.querySelectorAll('script, img, svg, [onload], [onerror], [onmouseover], [onfocus]').length;
  }, markup);
  check('copy: HTML holds no markup of runs', same(inside, 0));
  const lost = await page.evaluate(() =>
    LEDGER.store.columns.filter(({ name }) => {
      const { key, literal } = LEDGER.filter.parse(`${LEDGER.filter.name(name)} = ${LEDGER.filter.text(name)}`).condition;
      return literal.value !== name || (key.kind === 'attribute' || key.kind === 'any' ? key.name : `${key.kind}.${key.name}`) !== name;
    }).map(({ name }) => name),
  );
  check('filter: every column and text can be written in one', lost);
  check('hostile text in every column never runs', same(await page.evaluate(() => window.canary ?? null), null));
}

async function comparison(page, check, ids) {
  await ready(page);
  check('compare: the metric of the goal is there', holds(await page.textContent('.matrix'), /r2/));
  const rows = await page.$$eval('.matrix tbody tr:not(.kind)', (all) =>
    all.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent)),
  );
  check('compare: only what differs', rows.filter((row) => row.every((text) => text === row[0])).map((row) => row.join(' ')));
  const command = `fairledger diff ${ids.join(' ')} --baseline ${ids[0]}`;
  check('compare: a command to copy', same(await page.textContent('.commands code'), command));
  await page.click('.tools input[type=checkbox]');
  const all = await page.$$eval('.matrix tbody tr:not(.kind)', (all) => all.length);
  check('compare: all rows on demand', all > rows.length ? [] : `${all} of ${rows.length}`);
  check('compare: which the address keeps', holds(await fragment(page), /diff=0/));
  const names = () => page.$$eval('.matrix tbody tr:not(.kind) th', (all) => all.map((one) => one.textContent.split(' ')[0]));
  check('compare: what the ledger ignores is left out', (await names()).filter((name) => name === 'train_mse'));
  await page.check('text=also what ledger.toml ignores');
  check('compare: and shown on demand', (await names()).includes('train_mse') ? [] : await names());
  check('compare: which the address keeps too', holds(await fragment(page), /ignored=1/));
  await page.click('.matrix thead th:nth-child(3) button');
  check('compare: another baseline', holds(await fragment(page), new RegExp(`base=${ids[1]}`)));
}

/** How many colours are drawn on a canvas. */
const drawn = (page) =>
  page.$eval('.canvas', (canvas) => {
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set();
    for (let at = 0; at < data.length; at += 4) colours.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]);
    return colours.size;
  });

async function curves(page, check) {
  await ready(page);
  await page.waitForSelector('.canvas');
  await page.waitForTimeout(150);
  check('curves: drawn', (await drawn(page)) > 4 ? [] : 'empty');
  await page.locator('.canvas').scrollIntoViewIfNeeded();
  const box = await page.locator('.canvas').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForTimeout(150);
  check('curves: the cursor tells each value', holds(await page.textContent('.legend'), /at step \d/));
  await page.check('text=log y');
  await page.fill('input[aria-label=Smoothing]', '0.9');
  check('curves: axes and smoothing stand in the address', holds(await fragment(page), /log=y&sm=0\.9/));
  const before = await page.textContent('#curves .quiet');
  check('curves: the caption says what is smoothed', holds(before, /smoothed 0\.9, the raw trace faint/));
}

async function plots(page, kind, check) {
  await ready(page);
  await page.waitForTimeout(200);
  check(`${kind}: drawn`, (await drawn(page)) > 4 ? [] : 'empty');
  if (kind !== 'parallel') return;
  await page.locator('.canvas').scrollIntoViewIfNeeded();
  const box = await page.locator('.canvas').boundingBox();
  const axis = box.x + box.width - 60;
  await page.mouse.move(axis, box.y + 46);
  await page.mouse.down();
  await page.mouse.move(axis, box.y + 160, { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(200);
  check('parallel: a range stands in the address', holds(await fragment(page), /brush=/));
  const text = await page.textContent('#all-runs > p');
  const [inside, all] = text.match(/\d+/g).map(Number);
  check('parallel: the range leaves some out', inside > 0 && inside < all ? [] : text);
  await page.click('#all-runs > p a');
  await page.waitForURL(/runs\/index\.html/);
  await ready(page);
  check('parallel: the same runs as a table', same((await status(page)).split(' of ')[0], String(inside)));
}

/** Sizes are gates; they are those of the files that pages load. */
function sizes(site, check) {
  const size = (name) => gzipSync(fs.readFileSync(path.join(site, name)), { level: 9 }).length;
  for (const [most, names] of [
    [6, ['app.css']],
    [8, ['table.js']],
    [20, ['app.js', 'filter.js', 'match.js', 'data.js', 'table.js']],
    [8, ['compare.js']],
    [8, ['plots.js']],
    [30, ['canvas.js', 'curves.js']],
  ]) {
    const found = names.reduce((sum, name) => sum + size(name), 0) / 1024;
    console.log(`     ${names.join(' + ')}: ${found.toFixed(1)} KiB gzipped`);
    check(`budget: ${names.join(' + ')} in ${most} KiB gzipped`, found <= most ? [] : `${found.toFixed(1)} KiB`);
  }
}

/** All of it; `open` and `violations` are those of the other checks. */
export async function scripts(browser, ledger, { check, open, violations }) {
  const site = path.join(ledger.root, 'site');
  const look = async (name, [file, hash], options, act) => {
    const { value, wrong } = await open(browser, path.join(site, file), options, act, hash);
    check(`no errors, no requests: scripts, ${name}`, wrong);
    return value;
  };
  sizes(site, check);
  const runs = 'runs/index.html';
  const ids = await look('table', [runs, ''], {}, (page) => table(page, ledger, check));
  const strange = ledger.json(['list', 'hostile']);
  const named = strange.flatMap((run) => ['params', 'tags', 'metrics'].flatMap((kind) => Object.keys(run[kind] ?? {}).map((name) => `${kind}.${name}`)));
  const cols = [...new Set(['spec', 'description', 'note', 'cause', ...named])].map((name) => name.replace(/[%,]/g, encodeURIComponent)).join(',');
  await look('hostile columns', [runs, `#cols=${encodeURIComponent(cols)}`], {}, (page) => hostile(page, check));
  const chosen = `#ids=${ids.join(',')}&base=${ids[0]}`;
  const boosted = ledger.json(['list', 'trainer = gradient-boosting-regressor']).map((run) => run.short);
  const views = {
    table: [runs, `#base=${ids[0]}&sel=${ids[1]}`],
    mistake: [runs, '#q=r2%20%3E'],
    groups: [runs, '#group=trainer'],
    compare: ['compare/index.html', chosen],
    'compare-hostile': ['compare/index.html', `#ids=${strange.map((run) => run.short).join(',')}&diff=0`],
    curves: ['compare/index.html', `#ids=${boosted.join(',')}`],
    parallel: ['analysis/parallel.html', ''],
    scatter: ['analysis/scatter.html', ''],
  };
  await look('short names', [runs, `#q=${encodeURIComponent("experiment = 'housing' and r2 > 0")}&sort=-r2_score&cols=r2,max_depth`], {}, async (page) => {
    await ready(page);
    const wanted = ledger.json(['list', "experiment = 'housing' and r2 > 0 order by metrics.r2 desc"]).map((run) => run.label);
    check('view: short names mean the columns of filters', same(await labels(page), wanted));
    check('view: which the head names', same(await page.$$eval('.grid thead th', (all) => all.map((one) => one.title)), ['run', 'metrics.r2', 'params.max_depth']));
  });
  await look('views', [runs, ''], {}, (page) => keptViews(page, ledger, check));
  await loading(browser, site, { ids, boosted, other: ids[0] }, check);
  await look('compare', views.compare, {}, (page) => comparison(page, check, ids));
  await look('curves', views.curves, {}, (page) => curves(page, check));
  for (const kind of ['parallel', 'scatter']) await look(kind, views[kind], {}, (page) => plots(page, kind, check));
  for (const [name, where] of Object.entries(views)) await appearance(name, where, { look, check, violations });
  await many(browser, site, ledger.around, check, [10000]);
}

/** Light, dark, wide and narrow. */
async function appearance(name, where, { look, check, violations }) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 390]) {
      const kind = `${name}, ${colorScheme}, ${width} px`;
      const found = await look(kind, where, { colorScheme, viewport: { width, height: 900 } }, async (page) => {
        await ready(page);
        await page.waitForTimeout(150);
        if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, `script-${name}-${colorScheme}-${width}.png`) });
        const state = await page.evaluate(() => [window.canary ?? null, Math.max(0, document.scrollingElement.scrollWidth - innerWidth)]);
        return { state, axe: await violations(page) };
      });
      check(`axe: scripts, ${kind}`, found.axe);
      check(`no script of a run, no sideways scrolling: ${kind}`, same(found.state, [null, 0]));
    }
  }
}
