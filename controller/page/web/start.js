// What the page holds decides what it is.
const measured = JSON.parse(document.getElementById("measured").textContent);
if (measured.live) showLive(measured.live);
else if (measured.bundles.length) showReport(measured);
