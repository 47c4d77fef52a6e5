// node watch_run.mjs URL: watches a run until charts have three columns, presses Stop, waits for the
// end, and prints what was to be seen, as JSON.
import { openPage, survey } from "./browser.mjs";

const [url] = process.argv.slice(2);
const { page, faults, close } = await openPage({});
page.on("dialog", (dialog) => dialog.accept());
await page.goto(url);
await page.waitForFunction(() => Number(document.documentElement.dataset.columns) >= 3);
const during = await survey(page);
const tiles = await page.locator(".tile").allTextContents();
await page.click("#stop");
await page.waitForFunction(() => document.querySelector(".phase").textContent.includes("is over"));
const phase = await page.textContent(".phase");
// The controller ends now: what is refused from here on is no fault of the page.
console.log(JSON.stringify({ during, tiles, phase, faults }));
await close();
