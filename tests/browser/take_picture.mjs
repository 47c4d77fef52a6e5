// node take_picture.mjs REPORT_HTML PNG: the upper part of a report, as the README shows it.
import { pathToFileURL } from "node:url";
import { openPage, waitForDrawn } from "./browser.mjs";

const [file, picture] = process.argv.slice(2);
const { page, close } = await openPage({ width: 1100, height: 1500 });
await page.goto(pathToFileURL(file).href);
await waitForDrawn(page);
await page.screenshot({ path: picture });
await close();
