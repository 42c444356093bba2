// Opens the report in Chromium as its readers do: from disk, on a phone, in the dark, with scripts off behind a strict
// Content-Security-Policy. Usage: check.mjs PAGES SHOTS, where PAGES holds the .html files that test_report_html writes.
// Exit 0 when all is well, 1 with one line a fault.
import { createServer } from "node:http";
import { mkdir, mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [pages, shots] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(join(process.env.NPM_FOLDER ?? ".", "package.json"));
const { chromium } = require("playwright-core");
const axeSource = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };
const faults = [];
const expect = (good, fault) => { if (!good) faults.push(fault); };

// What Jenkins sends with an artifact, and stricter: no style, no script, no image, nothing.
const server = createServer(async (request, response) => {
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "sandbox; default-src 'none'",
  });
  response.end(await readFile(join(pages, request.url.slice(1))));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}/`;

// A page whose every request, console error and script error is a fault.
async function open(browser, url, options = {}, expected = /^$/) {
  const context = await browser.newContext({ viewport: desktop, ...options });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" && !expected.test(message.text())) faults.push(`${url}: console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`${url}: script error: ${error.message}`));
  page.on("request", (request) => expect(request.url() === url, `${url}: asks for ${request.url()}`));
  await page.goto(url);
  return page;
}

async function shoot(page, name, fullPage = true) {
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage });
}

async function accessible(page, name) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  for (const violation of result.violations) {
    const where = violation.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ");
    faults.push(`${name}: ${violation.id}: ${violation.help}: ${where}`);
  }
}

async function fits(page, name) {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width <= page.viewportSize().width, `${name}: ${width} px wide`);
}

// Each page in the light on a desk and in the dark on a phone; the ordinary one in all four.
const kinds = [
  ["desktop", {}, true],
  ["dark", { colorScheme: "dark" }, false],
  ["phone", { viewport: phone, deviceScaleFactor: 2 }, false],
  ["phone-dark", { viewport: phone, deviceScaleFactor: 2, colorScheme: "dark" }, true],
];

async function look(browser, name) {
  const url = pathToFileURL(join(pages, `${name}.html`)).href;
  for (const [kind, options, always] of kinds) {
    if (!always && name !== "plain") continue;
    const page = await open(browser, url, options);
    await fits(page, `${name} ${kind}`);
    await shoot(page, `${name}-${kind}`);
    await accessible(page, `${name} ${kind}`);
    await page.context().close();
  }
}

// Behind the strict policy with scripts off: the words are there, the charts have their widths and colours.
async function strict(browser, name, words) {
  const url = `${origin}${name}.html`;
  const refused = /Refused to apply inline style|Applying inline style violates|Blocked script execution|violates the following Content Security Policy/;
  const page = await open(browser, url, { javaScriptEnabled: false }, refused);
  const text = await page.locator("body").innerText();
  for (const word of words) expect(text.includes(word), `${name} strict: no "${word}"`);
  const styled = await page.locator("body").evaluate((body) => getComputedStyle(body).maxWidth);
  expect(styled === "none", `${name} strict: the policy did not hold, so this shows nothing`);
  for (const part of await page.locator("svg.stack").first().locator("rect").all()) {
    const box = await part.boundingBox();
    const fill = await part.evaluate((rect) => getComputedStyle(rect).fill);
    expect(box !== null && box.width >= 1 && fill !== "rgb(0, 0, 0)", `${name} strict: a bar does not show`);
  }
  await shoot(page, `${name}-strict`);
  await page.context().close();
}

// The script's two jobs.
async function scripts(browser, name) {
  const page = await open(browser, pathToFileURL(join(pages, `${name}.html`)).href);
  const rows = () => page.locator("#domains tbody tr th").allInnerTexts();
  const before = await rows();
  const head = page.locator("#domains thead th", { hasText: "Rows" });
  await head.locator("button").click();
  expect((await head.getAttribute("aria-sort")) === "ascending", "sorting: aria-sort is not set");
  const counts = (await page.locator("#domains tbody tr td:nth-child(3)").allInnerTexts()).map((text) => parseInt(text.replace(/,/g, ""), 10));
  expect(counts.every((count, i) => i === 0 || counts[i - 1] <= count), `sorting: ${counts}`);
  await head.locator("button").click();
  expect((await rows())[0] === before[0], "sorting: not back to the biggest first");
  expect((await page.locator("button.copy").count()) > 0, "copying: no button");
  await page.emulateMedia({ media: "print" });
  const pdf = await page.pdf({ format: "A4", printBackground: true });
  expect(pdf.length > 20000, "printing: an empty page");
  await page.context().close();
}

const profile = await mkdtemp(join(tmpdir(), "report-check-"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags, env: { ...process.env, HOME: profile } });
try {
  await mkdir(shots, { recursive: true });
  for (const file of (await readdir(pages)).filter((name) => name.endsWith(".html")).sort()) {
    await look(browser, file.slice(0, -5));
  }
  await strict(browser, "plain", ["3,912", "of 5,000 rows may be mailed", "Unsubscribed at the ESP", "最終クリック日"]);
  await strict(browser, "hostile", ["<script>alert('x')</script>", "Kept back."]);
  await strict(browser, "empty", ["no suppression list was checked"]);
  await scripts(browser, "plain");
  expect((await stat(join(shots, "plain-desktop.png"))).size > 10000, "the screenshot is empty");
} finally {
  await browser.close();
  server.close();
  await rm(profile, { recursive: true, force: true });
}
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? `report: ok, pictures in ${shots}` : `report: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
