// A site that is served: the curves of a run under way move, and the page comes anew when the run is there.

import { spawn } from 'node:child_process';
import { program } from './ledger.mjs';

const SPEC = `name = "<b>slow</b>"
[command]
run = ["sh", "slow.sh"]
inputs = ["slow.sh"]
version = ["sh", "-c", "true"]
`;
const SCRIPT = `for step in 0 1 2 3 4 5 6 7 8 9; do
  printf '{"name":"loss","value":0.%s,"step":%s}\\n' $((9 - step)) $step >> "$FAIRLEDGER_METRICS"
  # What waits to be written goes to the disk with the next line.
  sleep 0.2
  while [ $step -gt 4 ] && [ ! -e go ]; do sleep 0.1; done
done
`;

/** The address in what the daemon prints. */
function serving(child) {
  return new Promise((done, lost) => {
    let text = '';
    child.stdout.on('data', (piece) => {
      text += piece;
      const found = text.match(/serving (http:\S+)/);
      if (found) done(found[1]);
    });
    child.on('exit', () => lost(new Error(`the daemon ended: ${text}`)));
  });
}

/** The page of an experiment while one of its runs goes on, and when it ends. */
export async function live(browser, ledger, check, violations) {
  ledger.write('slow.sh', SCRIPT);
  ledger.write('experiments/boosting/slow.toml', SPEC);
  ledger.run(['approve', 'boosting/slow']);
  const child = spawn(program, ['watch', '--serve', '127.0.0.1:0'], { cwd: ledger.root, env: ledger.environment, stdio: ['ignore', 'pipe', 'ignore'] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`script: ${error}`));
  page.on('console', (message) => message.type() === 'error' && wrong.push(`console: ${message.text()}`));
  try {
    await page.goto(`${await serving(child)}x/boosting/index.html`);
    await page.waitForSelector('.running path[d*=L]', { timeout: 60000 });
    await page.waitForFunction(() => /at step [45]/.test(document.querySelector('.running').textContent), null, { timeout: 60000 });
    check('live: the curve of a run under way is drawn', []);
    check('live: its name stays text', (await page.$$('.running b')).length ? 'an element' : []);
    check('axe: a page with a run under way', await violations(page));
    const before = await page.getAttribute('.running path', 'd');
    ledger.write('go', '');
    await page.waitForFunction(() => [...document.querySelectorAll('#runs + * a, table a')].some((link) => link.textContent === '<b>slow</b>'), null, { timeout: 60000 });
    check('live: the page comes anew with the run', []);
    const corners = before.split('L').length;
    check('live: the curve has a point for each step', corners >= 5 && corners <= 6 ? [] : before);
    check('no errors: live', wrong);
  } catch (error) {
    check('live', `${error}`);
  } finally {
    await page.close();
    child.kill('SIGINT');
    await new Promise((done) => child.on('exit', done));
  }
}
