// Starts Debian's Chromium through playwright-core, for a test or a picture.
//
//     const page = await openPage({ width: 390, scheme: "dark" });
//     … page.page, page.faults …
//     await page.close();
//
// PLAYWRIGHT_CORE names the package's directory. `faults` are errors of the console and of scripts,
// and every request to anywhere but the page's own origin.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { chromium } = require(process.env.PLAYWRIGHT_CORE);

const CHROMIUM = "/usr/bin/chromium";
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync"];

export async function openPage({ width = 1200, height = 900, scheme = "light" }) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: scheme });
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("request", (request) => {
    const own = /^(file|data|blob|about):/.test(request.url())
      || new URL(request.url()).hostname === "127.0.0.1";
    if (!own) faults.push(`request: ${request.url()}`);
  });
  return { page, faults, close: () => browser.close() };
}

// What the test wants to know of a page.
export const survey = (page) => page.evaluate(() => {
  const painted = (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3]) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    }
    return colours.size;
  };
  return {
    fields: [...document.querySelectorAll("[data-field]")]
      .map((e) => [e.dataset.field, e.textContent]),
    sections: [...document.querySelectorAll("section")].map((e) => e.id),
    colours: [...document.querySelectorAll("canvas")].map(painted),
    background: getComputedStyle(document.body).backgroundColor,
    scrollWidth: document.documentElement.scrollWidth,
    title: document.title,
    width: innerWidth,
    text: document.body.textContent,
    heading: document.querySelector("h1").textContent,
  };
});

export const waitForDrawn = (page) =>
  page.waitForFunction(() => document.documentElement.dataset.drawn === "yes");
