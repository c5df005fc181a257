// The pages in a real browser, from file://: accessibility, scripts off, hostile text, links, narrow screens.
// Words choose among the parts listed at the end. With SHOTS=FOLDER every page kind is also saved as pictures there.

import { readFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launch } from './browser.mjs';
import { filters } from './filters.mjs';
import { Ledger } from './ledger.mjs';
import { live } from './live.mjs';
import { scalars } from './scalars.mjs';
import { scripts } from './scripts.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCHEMES = ['light', 'dark'];
const WIDTHS = { wide: 1280, narrow: 390 };

let passed = 0;
let failed = 0;
function check(name, problems) {
  const list = Array.isArray(problems) ? problems : problems ? [problems] : [];
  if (list.length === 0) {
    passed++;
    console.log(`ok   ${name}`);
  } else {
    failed++;
    console.log(`FAIL ${name}`);
    for (const problem of list.slice(0, 12)) console.log(`     | ${String(problem).replaceAll('\n', '\n     | ')}`);
    if (list.length > 12) console.log(`     | and ${list.length - 12} more`);
  }
}

function htmlFiles(folder) {
  return readdirSync(folder).flatMap((name) => {
    const full = path.join(folder, name);
    if (statSync(full).isDirectory()) return htmlFiles(full);
    return name.endsWith('.html') ? [full] : [];
  });
}

/** Opens a page in a context of its own, calls `look`, and gives what the page did wrong meanwhile. */
async function open(browser, file, options, look, hash = '') {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) wrong.push(`request to ${request.url()}`);
  });
  page.on('requestfailed', (request) => wrong.push(`request failed: ${request.url()}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrong.push(`script: ${error}`));
  await page.goto(pathToFileURL(file).href + hash, { waitUntil: 'load' });
  try {
    return { value: await look(page), wrong };
  } finally {
    await context.close();
  }
}

/** axe's violations, one line each. */
async function violations(page) {
  // Evaluated from outside, so that the page's own content policy stays in force.
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ['violations'], preload: false });
    return result.violations.map((one) => ({
      rule: `${one.id} (${one.impact}): ${one.help}`,
      nodes: one.nodes.map((node) => `${node.target.join(' ')} ${node.html.slice(0, 160)}`),
    }));
  });
  return found.map((one) => `${one.rule}\n  ${one.nodes.slice(0, 4).join('\n  ')}`);
}

/** The text a person can read on a page, closed sections opened. */
function readableText() {
  for (const details of document.querySelectorAll('details')) details.open = true;
  const parts = [];
  const walk = (element) => {
    for (const node of element.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) parts.push(node.data);
      else if (node.nodeType === Node.ELEMENT_NODE) {
        if (['SCRIPT', 'STYLE', 'TEMPLATE', 'HEAD'].includes(node.tagName.toUpperCase())) continue;
        if (getComputedStyle(node).display === 'none') continue;
        const inline = getComputedStyle(node).display === 'inline' || node.tagName === 'WBR';
        if (!inline) parts.push(' ');
        walk(node);
        if (!inline) parts.push(' ');
      }
    }
  };
  walk(document.body);
  return parts.join('');
}
const folded = (text) => text.replace(/\s+/g, ' ').trim();

async function accessibility(browser, kinds) {
  for (const [kind, file] of Object.entries(kinds)) {
    for (const colorScheme of SCHEMES) {
      for (const [breadth, width] of Object.entries(WIDTHS)) {
        for (const javaScriptEnabled of [true, false]) {
          const script = javaScriptEnabled ? 'scripts on' : 'scripts off';
          const options = { colorScheme, viewport: { width, height: 900 }, javaScriptEnabled };
          const name = `${kind}, ${colorScheme}, ${breadth}, ${script}`;
          const { value, wrong } = await open(browser, file, options, (page) =>
            javaScriptEnabled ? violations(page) : violationsWithoutScripts(page),
          );
          check(`axe: ${name}`, value);
          check(`no errors, no requests: ${name}`, wrong);
        }
      }
    }
  }
}

/** axe needs timers, which a page without scripts has not: scripts are removed from the page instead. */
async function violationsWithoutScripts(page) {
  const html = await page.content();
  const context = await page.context().browser().newContext({
    viewport: page.viewportSize(),
    colorScheme: await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')),
  });
  try {
    const still = await context.newPage();
    const bare = html.replace(/<script\b[^]*?<\/script>/gi, '').replace(/<\/?noscript>/gi, '');
    const url = page.url();
    await still.route(url, (route) => route.fulfill({ body: bare, contentType: 'text/html; charset=utf-8' }));
    await still.goto(url);
    return await violations(still);
  } finally {
    await context.close();
  }
}

async function pictures(browser, kinds, folder) {
  mkdirSync(folder, { recursive: true });
  for (const [kind, file] of Object.entries(kinds)) {
    for (const colorScheme of SCHEMES) {
      for (const [breadth, width] of Object.entries(WIDTHS)) {
        const target = path.join(folder, `${kind}-${colorScheme}-${breadth}.png`);
        const options = { colorScheme, viewport: { width, height: 900 } };
        await open(browser, file, options, (page) => page.screenshot({ path: target, fullPage: true }));
        check(`picture: ${path.basename(target)}`, existsSync(target) ? [] : 'not written');
      }
    }
  }
}

/** Without scripts, the numbered pages hold of every run what `list --json` gives for it, but for long columns left out. */
async function listing(browser, ledger, pages) {
  const options = { javaScriptEnabled: false };
  const texts = [];
  for (const file of pages) {
    const { value } = await open(browser, file, options, (page) => page.evaluate(readableText));
    texts.push(folded(value));
  }
  const text = texts.join(' ');
  const columns = new Set(text.split(' '));
  const names = ['short', 'label', 'experiment', 'status', 'trainer', 'seed', 'params', 'metrics', 'started', 'ended'];
  const missing = scalars(ledger.run(['list', '--json'])).filter((scalar) => {
    const [, name, ...rest] = scalar.path.split('.');
    const shown = names.includes(name) && (rest.length === 0 || columns.has(rest.join('.')));
    return shown && !text.includes(folded(scalar.text));
  });
  check('every value of list --json that has a column', missing.map((scalar) => `${scalar.path} = ${scalar.text.slice(0, 200)}`));
  const wanted = ['r2', 'rmse', 'n_estimators', 'max_depth'];
  check('the usual columns are among them', wanted.filter((name) => !columns.has(name)));
}

/** What a command left is shown by what cannot run it. */
async function artifacts(browser, ledger, pages) {
  const run = ledger.json(['list', "label = 'left behind'"])[0];
  const file = pages.find((file) => file.includes(run.id));
  const { value } = await open(browser, file, {}, async (page) => {
    for (const image of await page.$$('#artifacts ~ .pictures img')) await image.scrollIntoViewIfNeeded();
    await page.waitForTimeout(100);
    const images = await page.$$eval('#artifacts ~ .pictures img', (all) => all.map((one) => [one.src.slice(0, 18), one.complete && one.naturalWidth]));
    return { images, text: await page.evaluate(readableText) };
  });
  const kinds = value.images.map(([source, width]) => `${source.startsWith('data:image/svg') ? 'svg' : 'file'} ${width > 0}`);
  check('artifacts: pictures are shown', kinds.sort().join() === 'file true,svg true,svg true' ? [] : JSON.stringify(value.images));
  const words = ['window.canary=46', 'window.canary=48', 'page.html may hold scripts', 'window.canary=51'];
  check('artifacts: texts and tables are shown as text', words.filter((word) => !value.text.includes(word)));
}

/** Without scripts and in print, the text of a run's page holds every scalar of `show --json`. */
async function completeness(browser, ledger, pages) {
  const seen = new Set();
  for (const run of ledger.json(['list'])) {
    if (seen.has(run.id)) continue;
    seen.add(run.id);
    const json = ledger.run(['show', run.id, '--json']);
    const shown = JSON.parse(json);
    const own = pages.filter((file) => file.includes(run.short) || file.includes(run.id));
    const name = `every value of show --json: ${shown.experiment}/${shown.label.slice(0, 40)} (${run.short}, ${run.status})`;
    if (own.length === 0) {
      check(name, 'the run has no page');
      continue;
    }
    for (const file of own) {
      const options = { javaScriptEnabled: false };
      const { value } = await open(browser, file, options, async (page) => {
        if (seen.size % 4 === 0) await page.emulateMedia({ media: 'print' });
        return page.evaluate(readableText);
      });
      const text = folded(value);
      const missing = scalars(json).filter((scalar) => !text.includes(folded(scalar.text)));
      check(name, missing.map((scalar) => `${scalar.path} = ${scalar.text.slice(0, 200)}`));
    }
  }
}

async function narrowScreens(browser, pages) {
  for (const file of pages) {
    const options = { viewport: { width: 360, height: 740 } };
    const { value } = await open(browser, file, options, (page) =>
      page.evaluate(() => {
        const root = document.scrollingElement;
        const over = root.scrollWidth - root.clientWidth;
        if (over <= 0) return [];
        const wide = [...document.body.querySelectorAll('*')].filter((one) => {
          if (one.getBoundingClientRect().right <= root.clientWidth + 1) return false;
          for (let at = one.parentElement; at; at = at.parentElement) {
            if (getComputedStyle(at).overflowX !== 'visible') return false;
          }
          return true;
        });
        return [`${over} px too wide: ${wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)).join('; ')}`];
      }),
    );
    check(`no sideways scrolling at 360 px: ${name(file)}`, value);
  }
}

/** Text that would like to be a script stays text, and every link leads somewhere. */
async function textAndLinks(browser, pages) {
  for (const file of pages) {
    const { value, wrong } = await open(browser, file, {}, async (page) => {
      // Whatever waits for the pointer or the focus gets it.
      await page.evaluate(() => {
        for (const one of document.querySelectorAll('*')) {
          for (const type of ['mouseover', 'mouseenter', 'focus', 'error', 'load', 'toggle']) {
            one.dispatchEvent(new Event(type));
          }
        }
      });
      await page.waitForTimeout(20);
      return page.evaluate(() => ({
        canary: window.canary,
        handlers: [...document.querySelectorAll('*')].flatMap((one) =>
          [...one.attributes].filter((a) => /^on/i.test(a.name)).map((a) => `${one.tagName} ${a.name}="${a.value}"`),
        ),
        links: [...document.querySelectorAll('[href], [src]')].map((one) => [
          one.getAttribute('href') ?? one.getAttribute('src'),
          one.href?.baseVal === undefined ? (one.href ?? one.src) : new URL(one.href.baseVal, document.baseURI).href,
        ]),
        ids: [...document.querySelectorAll('[id]')].map((one) => one.id),
        policy: document.querySelector('meta[http-equiv="Content-Security-Policy" i]')?.content ?? '',
      }));
    });
    check(`no errors, no requests: ${name(file)}`, wrong);
    check(`hostile text never runs: ${name(file)}`, [
      ...(value.canary === undefined ? [] : [`window.canary is ${value.canary}`]),
      ...value.handlers,
      ...value.links.filter(([, url]) => /^(javascript|data|vbscript):/i.test(url) && !/^data:(image\/|,$)/.test(url)).map(([text]) => text),
    ]);
    check(`content policy: ${name(file)}`, /default-src 'none'/.test(value.policy) ? [] : `policy: ${value.policy}`);
    const twice = value.ids.filter((id, at) => value.ids.indexOf(id) !== at);
    check(`ids are unique: ${name(file)}`, twice);
    check(
      `links lead somewhere: ${name(file)}`,
      value.links.flatMap(([text, url]) => {
        if (!url.startsWith('file:')) return /^(https?|mailto|data):/.test(url) ? [] : [`${text} is ${url}`];
        if (/^(\/|file:)/.test(text)) return [`${text} is absolute`];
        const target = fileURLToPath(url.replace(/[?#].*$/, ''));
        if (!existsSync(target)) return [`${text}: no ${target}`];
        // With a sign of equality it is a view, not a place.
        const fragment = new URL(url).hash.slice(1).replace(/^.*=.*$/, '');
        const here = target === file;
        return fragment && here && !value.ids.includes(decodeURIComponent(fragment)) ? [`${text}: no such place`] : [];
      }),
    );
  }
}

let site;
const name = (file) => path.relative(site, file);

const ledger = new Ledger();
await ledger.fill();
site = path.join(ledger.root, 'site');
const pages = htmlFiles(site);
const page = (what, wanted) => {
  const found = pages.find(wanted);
  if (!found) throw new Error(`no page of ${what} among ${pages.map(name).join(', ')}`);
  return found;
};
const listed = ledger.json(['list', 'housing']);
const pageOf = (status, label) => {
  const run = listed.find((one) => one.status === status && (!label || one.label === label));
  if (!run) throw new Error(`no ${status} run`);
  return page(`the ${status} run`, (file) => file.includes(run.short) || file.includes(run.id));
};
const isRun = (file) => ledger.runNames.some((run) => file.includes(run));
ledger.runNames = ledger.json(['list']).map((run) => run.short);
const kinds = {
  overview: path.join(site, 'index.html'),
  experiment: page('the experiment', (file) => file.endsWith('x/housing/index.html')),
  runs: path.join(site, 'runs/index.html'),
  'runs-exact': path.join(site, 'runs/p/0001.html'),
  compare: path.join(site, 'compare/index.html'),
  comparison: page('the kept comparison', (file) => file.includes('compare/') && !file.endsWith('compare/index.html')),
  leaderboard: path.join(site, 'leaderboard/index.html'),
  trends: path.join(site, 'analysis/index.html'),
  distributions: path.join(site, 'analysis/distributions.html'),
  impact: path.join(site, 'analysis/impact.html'),
  parallel: path.join(site, 'analysis/parallel.html'),
  scatter: path.join(site, 'analysis/scatter.html'),
  'data-sets': path.join(site, 'data-sets/index.html'),
  provenance: path.join(site, 'provenance/index.html'),
  failures: path.join(site, 'failures/index.html'),
  fair: path.join(site, 'fair/index.html'),
  models: path.join(site, 'models/index.html'),
  model: path.join(site, 'models/house/index.html'),
  monitor: page('the monitor', (file) => file.includes('x/') && file.includes('worried')),
  'monitor-run': page('the evaluation', (file) => file.includes(ledger.json(['list', "status = 'finished'", '--sort', 'started desc', '--limit', '1'])[0].id)),
  digest: ledger.digest,
  run: pageOf('finished', 'rf-300-20'),
  'command-run': page('the command', (file) => file.includes(ledger.json(['list', "label = 'left behind'"])[0].id)),
  'failed-run': pageOf('failed'),
  'interrupted-run': pageOf('interrupted'),
};

if (process.env.SHOTS) mkdirSync(process.env.SHOTS, { recursive: true });
const browser = await launch();
try {
  const numbered = pages.filter((file) => /runs\/p\/\d+\.html$/.test(file));
  const parts = {
    filters: async () => {
      const { wrong } = await open(browser, kinds.runs, {}, (page) => filters(page, check));
      check('no errors, no requests: filters', wrong);
    },
    scripts: () => scripts(browser, ledger, { check, open, violations }),
    accessibility: () => accessibility(browser, kinds),
    listing: () => listing(browser, ledger, numbered),
    artifacts: () => artifacts(browser, ledger, pages),
    completeness: () => completeness(browser, ledger, pages.filter(isRun)),
    narrow: () => narrowScreens(browser, [...pages, ledger.digest]),
    links: () => textAndLinks(browser, [...pages, ledger.digest]),
    live: () => live(browser, ledger, check, violations),
  };
  const wanted = process.argv.slice(2);
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length === 0 || wanted.includes(name)) await part();
  }
  if (process.env.SHOTS) await pictures(browser, kinds, process.env.SHOTS);
} finally {
  await browser.close();
}
if (failed === 0) ledger.remove();
else console.log(`kept for a look: ${ledger.around}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
