// node survey_report.mjs REPORT_HTML VIEWS: opens it in each of VIEWS (JSON: [{width, scheme}]) and
// prints what is to be seen there, as JSON.
import { pathToFileURL } from "node:url";
import { openPage, survey, waitForDrawn } from "./browser.mjs";

const [file, views] = process.argv.slice(2);
const seen = [];
for (const view of JSON.parse(views)) {
  const opened = await openPage(view);
  await opened.page.goto(pathToFileURL(file).href);
  await waitForDrawn(opened.page);
  seen.push({ ...(await survey(opened.page)), faults: opened.faults });
  await opened.close();
}
console.log(JSON.stringify(seen));
