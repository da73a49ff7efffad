// Opens pages in a browser, in light and dark, narrow and wide, and has axe-core judge them. Usage:
// node axe.mjs MODULES BROWSER PAGE…
import { createRequire } from 'module';

const [modules, executablePath, ...pages] = process.argv.slice(2);
const require = createRequire(modules + '/');
const { chromium } = require('playwright-core');
const axe = require('axe-core').source;

const args = ['--headless', '--no-sandbox', '--disable-gpu'];
const browser = await chromium.launch({ executablePath, args });
let complaints = 0;
const complain = text => { complaints += 1; console.log(text); };

// The first rows are opened, and judged with everything around them: all rows come from the same template, and
// thousands would take minutes.
const open = () => {
  document.querySelectorAll('.tests > tbody > tr:nth-child(-n+40) details').forEach(it => { it.open = true; });
};

for (const file of pages) {
  for (const [colorScheme, width] of [['light', 1280], ['dark', 1280], ['light', 400]]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const name = `${file} (${colorScheme}, ${width})`;
    page.on('console', message => complain(`${name}: ${message.text()}`));
    page.on('pageerror', error => complain(`${name}: ${error.message}`));
    page.on('request', request => {
      if (!/^(file|data):/.test(request.url())) complain(`${name}: asks for ${request.url()}`);
    });
    await page.goto('file://' + file);
    if (!await page.isVisible('#filter')) complain(`${name}: the script did not run`);
    const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (isWide) complain(`${name}: it is wider than the screen`);
    await page.evaluate(open);
    await page.evaluate(axe + ';0');
    const found = await page.evaluate(rest => {
      const exclude = document.querySelector(rest) ? [rest] : [];
      return axe.run({ exclude }, { resultTypes: ['violations'] });
    }, '.tests > tbody > tr:nth-child(n+41)');
    for (const { id, nodes } of found.violations) complain(`${name}: ${id}: ${nodes[0].html}: ${nodes[0].failureSummary}`);
    await context.close();
  }
}
await browser.close();
process.exitCode = complaints ? 1 : 0;
