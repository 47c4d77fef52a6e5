// node open_bundle.mjs URL NAME: opens the list of bundles, follows the link to the report of bundle
// NAME, and prints what was to be seen of both, as JSON.
import { openPage, survey, waitForDrawn } from "./browser.mjs";

const [url, name] = process.argv.slice(2);
const { page, faults, close } = await openPage({});
await page.goto(url);
const link = page.getByRole("link", { name, exact: true });
await link.waitFor();
const list = await survey(page);
await Promise.all([page.waitForURL("**/report.html"), link.click()]);
await waitForDrawn(page);
console.log(JSON.stringify({ list, report: await survey(page), faults }));
await close();
