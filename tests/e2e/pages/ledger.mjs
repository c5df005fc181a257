// A ledger with everything a page can show: finished runs, a failed one, an interrupted one, tags, notes, and
// text that would like to be a script.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
export const program = path.resolve(process.env.FAIRLEDGER ?? path.join(repository, 'target/release/fairledger'));

export const HOSTILE = [
  '<script>window.canary=1</script>',
  '"><script>window.canary=2</script>',
  '" onmouseover="window.canary=3" autofocus onfocus="window.canary=4" x="',
  "' onmouseover='window.canary=5' x='",
  '</title></style></textarea></script><script>window.canary=6</script>',
  '<img src=x onerror="window.canary=7">',
  '<svg onload="window.canary=8"></svg>',
  '--><script>window.canary=9</script><!--',
  '{{ 7 * 7 }}{% if true %}template{% endif %}',
  'javascript:window.canary=10',
  '</script><script>window.canary=11</script>',
];

const MARKDOWN = `# About

${HOSTILE.slice(0, 9).join('\n\n')}

[a link](javascript:window.canary=20) ![a picture](x" onerror="window.canary=21)

[data](data:text/html,<script>window.canary=22</script>) <javascript:window.canary=23>

| a | b |
|---|---|
| <script>window.canary=24</script> | **bold** |
`;

const PICTURE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="window.canary=41"><script>window.canary=42</script>' +
  '<rect width="40" height="40" fill="teal"/></svg>';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

// A command whose log, metrics, tags and artifacts would like to be scripts.
const COMMAND = `
cd "$FAIRLEDGER_ARTIFACTS"
printf '%s' '${PICTURE}' > picture.svg
cp picture.svg "&quot;' onerror='window.canary=43 x='.svg"
printf '%s' '${PIXEL}' | base64 -d > "{{ 7 }}&lt;' onload='window.canary=44 x='.png"
printf '%s' '<script>window.canary=45</script>' > page.html
printf '%s' '</pre><script>window.canary=46</script>' > notes.txt
printf 'a,"<img src=x onerror=window.canary=47>"\\n1,<script>window.canary=48</script>\\n' > table.csv
for step in 0 1 2; do
  printf '{"name":"</script><script>window.canary=49</script>","value":%s,"step":%s}\\n' $step $step >> "$FAIRLEDGER_METRICS"
done
printf '%s' '<b>tag</b>=<script>window.canary=50</script>' >> "$FAIRLEDGER_TAGS"
printf '\\033[31m</pre><script>window.canary=51</script>\\n'
`;

export class Ledger {
  constructor() {
    this.around = fs.mkdtempSync(path.join(os.tmpdir(), 'pages-'));
    this.root = path.join(this.around, 'ledger');
    const git = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
    this.environment = { ...process.env, ...git, HOME: this.around };
  }

  /** Runs the program; gives what it printed. */
  run(words, codes = [0]) {
    try {
      const options = { cwd: fs.existsSync(this.root) ? this.root : this.around, env: this.environment };
      return execFileSync(program, words, { ...options, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      if (codes.includes(error.status)) return error.stdout;
      throw new Error(`fairledger ${words.join(' ')}: exit ${error.status}\n${error.stdout}${error.stderr}`);
    }
  }

  json(words) {
    return JSON.parse(this.run([...words, '--json']));
  }

  write(file, text) {
    const full = path.join(this.root, file);
    fs.mkdirSync(path.dirname(full), { recursive: true });
    fs.writeFileSync(full, text);
  }

  remove() {
    fs.rmSync(this.around, { recursive: true });
  }

  /** Everything at once. */
  async fill() {
    this.run(['init', this.root]);
    this.curves();
    this.run(['run']);
    this.hostile();
    this.leaving();
    this.failing();
    await this.interrupted();
    const runs = this.json(['list']);
    const best = this.json(['best', 'housing']);
    this.run(['tag', best.id, 'stage=candidate', 'reviewer=Ada Lovelace']);
    this.run(['note', best.id, 'A straight line wins.\nThe data were made with one.']);
    const target = runs.find((run) => run.experiment === 'hostile');
    HOSTILE.forEach((text, at) => {
      this.run(['tag', target.id, '--', `tag${at}=${text}`, `${text.replaceAll('=', '≠')}=key`]);
      this.run(['note', target.id, '--', text]);
    });
    // The newest run of an experiment with many is wide enough to try a narrow screen.
    this.run(['tag', target.id, `unbroken=${'x'.repeat(300)}`]);
    this.registered(best.id);
    this.run(['report']);
    // The page of a period is no page of the site: it is sent to people.
    this.run(['digest', 'daily', '--output', 'digests']);
    const [digest] = fs.readdirSync(path.join(this.root, 'digests')).filter((name) => name.endsWith('.html'));
    this.digest = path.join(this.root, 'digests', digest);
  }

  /** A registered model with versions, and a monitor of it that raises an alert. */
  registered(best) {
    this.run(['model', 'register', 'house', best]);
    this.run(['model', 'register', 'house', 'rf-300-20']);
    this.run(['model', 'alias', 'house@champion', '1']);
    HOSTILE.forEach((text, at) => this.run(['model', 'tag', 'house', '--', `tag${at}=${text}`]));
    this.run(['model', 'describe', 'house', '--', HOSTILE.slice(0, 9).join('\n')]);
    this.write('monitors/worried.toml', 'model = "house@champion"\ndata = "data/housing.csv"\nalert = ["r2 < 2"]\n');
    this.run(['monitor', 'run'], [7]);
  }

  /** Runs whose loss changes from stage to stage. */
  curves() {
    this.write(
      'experiments/boosting/stages.toml',
      'name = "boost-{learning_rate}"\n[data]\npath = "data/housing.csv"\ntarget = "price"\nsplit = { column = "split" }\n' +
        '[train]\nmodel = "gradient-boosting-regressor"\n[params]\nn_estimators = 40\n' +
        '[sweep]\nmethod = "grid"\n[sweep.params]\nlearning_rate = [0.03, 0.1, 0.3]\n',
    );
  }

  hostile() {
    const text = (value) => JSON.stringify(value);
    const data = ['"<script>window.canary=30</script>","a"" onmouseover=""window.canary=31",y,part'];
    for (let row = 0; row < 40; row++) {
      data.push([row, (row * 7) % 41, 3 * row + ((row * row) % 5), row % 4 ? 'train' : 'test'].join(','));
    }
    this.write('data/<b>hostile.csv'.replace(/[<>]/g, '_'), data.join('\n') + '\n');
    this.write(
      'experiments/hostile/experiment.toml',
      `title = ${text(HOSTILE[0])}\ndescription = ${text(HOSTILE[5])}\ntags = { ${text(HOSTILE[2])} = ${text(HOSTILE[1])} }\n`,
    );
    this.write('experiments/hostile/README.md', MARKDOWN);
    HOSTILE.forEach((value, at) => {
      this.write(
        `experiments/hostile/spec${at}.toml`,
        `name = ${text(value.replaceAll('{', '(').replaceAll('}', ')'))}
description = ${text(value)}
tags = { ${text(value)} = ${text(value)} }
[data]
path = "data/_b_hostile.csv"
target = "y"
split = { column = "part" }
[train]
model = "random-forest-regressor"
seed = ${at}
[params]
n_estimators = 3
`,
      );
    });
    const ledger = fs.readFileSync(path.join(this.root, 'ledger.toml'), 'utf8');
    const lines = { title: text(`Prices ${HOSTILE[1]}`), description: text(HOSTILE[4]), licence: text('MIT') };
    const changed = Object.entries(lines).reduce(
      (all, [key, value]) => all.replace(new RegExp(`^${key} = .*$`, 'm'), () => `${key} = ${value}`),
      ledger,
    );
    const kept = HOSTILE.map(
      (value) => `\n[[compare]]\nname = ${text(value)}\ntitle = ${text(value)}\nruns = ["rf-300-20", "rf-100-10", ${text(value)}]\n`,
    );
    const views = ['plain', ...HOSTILE].map(
      (value, at) => `\n[[view]]\nname = ${text(value)}\nfilter = ${text(at ? value : "experiment = 'housing'")}\nsort = "-r2"\ncolumns = ["r2", ${text(value)}]\n`,
    );
    const authors = `authors = [{ name = ${text(HOSTILE[3])} }]`;
    this.write('ledger.toml', changed.replace(/^authors = .*$/m, () => authors) + kept.join('') + views.join('') + '\n[report]\nignore = ["train_mse"]\n');
    this.run(['run', 'hostile']);
  }

  /** A command that leaves everything a page might show. */
  leaving() {
    this.write('hostile.sh', COMMAND);
    this.write(
      'experiments/hostile/command.toml',
      'name = "left behind"\n[command]\nrun = ["sh", "hostile.sh"]\ninputs = ["hostile.sh"]\nversion = ["sh", "-c", "true"]\n' +
        `[params]\nword = ${JSON.stringify(HOSTILE[5])}\n`,
    );
    this.run(['run', 'hostile/command']);
  }

  /** A run that begins and cannot end: a value beyond the range of 32-bit floats. */
  failing() {
    const rows = Array.from({ length: 20 }, (_, row) => `${row === 7 ? '1e300' : row},${row * 2},${row % 3 ? 'train' : 'test'}`);
    this.write('data/large.csv', ['x,y,part', ...rows].join('\n') + '\n');
    this.write(
      'experiments/housing/failing.toml',
      'name = "too large"\n[data]\npath = "data/large.csv"\ntarget = "y"\nsplit = { column = "part" }\n' +
        '[train]\nmodel = "random-forest-regressor"\n',
    );
    this.run(['run', 'housing/failing'], [4]);
  }

  /** A run whose process was killed. */
  async interrupted() {
    this.write(
      'experiments/housing/endless.toml',
      'name = "endless"\n[data]\npath = "data/housing.csv"\ntarget = "price"\nsplit = { column = "split" }\n' +
        '[train]\nmodel = "random-forest-regressor"\n[params]\nn_estimators = 60000\n',
    );
    const child = spawn(program, ['run', 'housing/endless'], { cwd: this.root, env: this.environment, stdio: 'ignore' });
    const begun = path.join(this.root, '.fairledger/tmp/housing');
    for (let tries = 0; tries < 1000; tries++) {
      if (fs.existsSync(begun) && fs.readdirSync(begun).length > 0) break;
      await new Promise((done) => setTimeout(done, 10));
    }
    await new Promise((done) => setTimeout(done, 100));
    child.kill('SIGKILL');
    await new Promise((done) => child.on('exit', done));
    fs.rmSync(path.join(this.root, 'experiments/housing/endless.toml'));
    this.run(['run', 'housing/failing'], [4]);
  }
}
