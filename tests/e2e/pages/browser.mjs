// The system's own Chromium, without any way to the network.

import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

function find() {
  for (const name of NAMES) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // The next one.
    }
  }
  throw new Error(`no browser: install one of ${NAMES.join(', ')}`);
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? find(),
    args: ['--no-sandbox', '--proxy-server=127.0.0.1:9', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}
