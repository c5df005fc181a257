// The table of many runs: times are told, and fail at five times the budget only.

import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { generate } from './generate.mjs';

/** In the page: milliseconds of each action, with the frame that shows it. */
export async function times() {
  const time = async (action) => {
    const start = performance.now();
    action();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return Math.round(performance.now() - start);
  };
  const click = (name) => () => document.querySelector(`thead th[title="${name}"] button`).click();
  const found = { ready: Number(document.documentElement.dataset.ready) };
  found['sort numbers'] = await time(click('metrics.r2'));
  found['sort texts'] = await time(click('run'));
  found.scroll = await time(() => (document.querySelector('.grid').scrollTop = 1e5));
  found.group = await time(() => {
    const list = document.querySelector('select[aria-label="Group by"]');
    list.value = 'params.criterion';
    list.dispatchEvent(new Event('change'));
  });
  // Typing waits a moment before it filters; a changed address does not.
  found.filter = await time(() => {
    history.replaceState(null, '', '#q=r2%20%3E%200.8%20and%20trainer%20%3D%20ridge');
    dispatchEvent(new Event('hashchange'));
  });
  found.word = await time(() => {
    history.replaceState(null, '', '#q=forest');
    dispatchEvent(new Event('hashchange'));
  });
  return { times: found, nodes: document.querySelectorAll('*').length, heap: performance.memory.usedJSHeapSize };
}

/** So many generated runs in a copy of a site: 10,000 and 100,000 have budgets. */
export async function many(browser, site, folder, check, counts) {
  for (const count of counts) {
    const [budget, step] = count > 10000 ? [2000, 200] : [500, 50];
    const copy = path.join(folder, `many-${count}`);
    fs.cpSync(site, copy, { recursive: true });
    const { bytes } = generate(copy, count);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(pathToFileURL(path.join(copy, 'runs/index.html')).href);
    await page.waitForFunction(() => document.documentElement.dataset.ready, null, { timeout: 60000 });
    const found = await page.evaluate(times);
    await page.close();
    const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    const told = Object.entries(found.times).map(([name, ms]) => `${name} ${ms} ms`).join(', ');
    console.log(`     ${count} runs, ${mebibytes(bytes)}: ${told}; ${found.nodes} elements, heap ${mebibytes(found.heap)}`);
    check(`many: ${count} runs ready in ${5 * budget} ms`, found.times.ready <= 5 * budget ? [] : `${found.times.ready} ms`);
    for (const name of ['sort numbers', 'filter']) {
      check(`many: ${count} runs, ${name} in ${5 * step} ms`, found.times[name] <= 5 * step ? [] : `${found.times[name]} ms`);
    }
    check(`many: ${count} runs are not all in the page`, found.nodes < 3000 ? [] : `${found.nodes} elements`);
    fs.rmSync(copy, { recursive: true });
  }
}
