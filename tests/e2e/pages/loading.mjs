// Pages whose data comes late or whose view changes meanwhile: what was asked for last is what they show.

import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ready = (page) => page.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 60000 });
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Another view without leaving the page, as a link within it would give. */
const turn = (page, hash) =>
  page.evaluate((hash) => {
    history.replaceState(null, '', hash);
    dispatchEvent(new Event('hashchange'));
  }, hash);

/** A page where the files of a pattern come after so many milliseconds. */
async function late(browser, file, hash, [pattern, milliseconds], act) {
  const page = await browser.newPage();
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`script: ${error}`));
  try {
    await page.route(pattern, async (route) => {
      await wait(milliseconds);
      await route.continue();
    });
    await page.goto(pathToFileURL(file).href + hash, { waitUntil: 'commit' });
    await act(page);
    return wrong;
  } finally {
    await page.close();
  }
}

async function curves(browser, file, { boosted, other }, check) {
  const legend = (page) => page.$$eval('.legend small', (all) => all.map((one) => one.textContent));
  const wrong = await late(browser, file, `#ids=${boosted.slice(0, 2).join(',')}`, ['**/series.js', 300], async (page) => {
    await ready(page);
    await turn(page, `#ids=${boosted[1]},${other}`);
    await page.waitForSelector('.legend');
    await wait(600);
    const found = await legend(page);
    check('loading: curves are those of the last choice', found.join() === boosted[1] ? [] : `${found}, wanted ${boosted[1]}`);
    for (let times = 0; times < 6; times++) await turn(page, `#ids=${boosted.join(',')}&base=${boosted[times % 2]}`);
    await wait(600);
    await page.evaluate(() => dispatchEvent(new Event('resize')));
    const surfaces = await page.evaluate(() => LEDGER.canvas.surfaces.size);
    check('loading: drawings that were replaced are forgotten', surfaces === 1 ? [] : `${surfaces} drawings`);
  });
  check('no errors: loading, curves', wrong);
}

async function comparison(browser, file, ids, check) {
  const wrong = await late(browser, file, `#ids=${ids.join(',')}`, ['**/data/runs-*', 400], async (page) => {
    await page.waitForFunction(() => window.LEDGER?.store?.count > 0);
    await page.evaluate(() => dispatchEvent(new Event('hashchange')));
    const early = await page.textContent('main');
    check('loading: no run is unknown before the runs are there', /No run of this ledger/.test(early) ? early.slice(0, 300) : []);
    await ready(page);
    const rows = await page.$$eval('.matrix tbody tr', (all) => all.length);
    check('loading: the comparison stands once they are', rows > 3 ? [] : `${rows} rows`);
  });
  check('no errors: loading, compare', wrong);
}

/** All of it; `ids` are runs to compare, `boosted` those with curves, `other` one without. */
export async function loading(browser, site, { ids, boosted, other }, check) {
  const file = path.join(site, 'compare/index.html');
  await curves(browser, file, { boosted, other }, check);
  await comparison(browser, file, ids, check);
}
