// node take_terminal_picture.mjs SCREEN PNG: a terminal's screen as `tmux capture-pane -ep` writes
// it, drawn by Chromium in the colours of a dark terminal.
import { readFileSync } from "node:fs";
import { openPage } from "./browser.mjs";

// The sixteen colours of a palette, as many terminals have them.
const PALETTE = ["#2e3436", "#e5675f", "#63c28b", "#e0b04a", "#6cb0f5", "#b594ea", "#4fc4c0",
  "#d3d7cf", "#7d8690", "#ff8b83", "#86d9a9", "#f3cd74", "#93c6f8", "#cbb3f2", "#7fdcd8",
  "#f2f4f5"];
const PAGE = `margin: 0; padding: 18px 22px; width: max-content; background: #14171a;
  color: #e0e3e6; font: 15px/1.32 "DejaVu Sans Mono", monospace; white-space: pre;`;

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

// What a sequence "CSI … m" changes of the style.
function restyle(style, codes) {
  for (const code of codes.split(";").map(Number)) {
    if (code === 0) style = {};
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, faint: true };
    else if (code === 22) style = { ...style, bold: false, faint: false };
    else if (code === 49) continue;
    else if (code === 39) style = { ...style, colour: undefined };
    else if (code >= 30 && code <= 37) style = { ...style, colour: PALETTE[code - 30] };
    else if (code >= 90 && code <= 97) style = { ...style, colour: PALETTE[code - 82] };
    else throw new Error(`an unknown code: ${code}`);
  }
  return style;
}

const css = (style) => [style.colour ? `color: ${style.colour}` : "",
  style.bold ? "font-weight: 700" : "", style.faint ? "opacity: 0.62" : ""]
  .filter(Boolean).join("; ");

function pageOf(screen) {
  let style = {};
  const parts = screen.split(/\x1b\[([\d;]*)m/);
  return parts.map((part, i) => {
    if (i % 2 === 1) {
      style = restyle(style, part || "0");
      return "";
    }
    return part ? `<span style="${css(style)}">${escaped(part)}</span>` : "";
  }).join("");
}

const [file, picture] = process.argv.slice(2);
const { page, close } = await openPage({ width: 900, height: 600 });
const screen = readFileSync(file, "utf8").trimEnd();
await page.setContent(`<!doctype html><meta charset="utf-8"><body style='${PAGE}'>${
  pageOf(screen)}</body>`);
await page.locator("body").screenshot({ path: picture });
await close();
