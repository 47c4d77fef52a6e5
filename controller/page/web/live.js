// The live page: the charts of a report, drawn anew as the run goes on.

const RETRY_MS = 2000;

function liveRun(json) {
  const run = new Run(json, null, json.target);
  const index = new Map(json.columns.map((column) =>
    [Math.floor(column[AT.begin] / json.column_ms), column]));
  run.apply = (columns, scrapes, curves) => {
    json.curves = curves || json.curves;
    for (const [number, column] of columns) index.set(number, column);
    json.columns = [...index.keys()].sort((a, b) => a - b).map((key) => index.get(key));
    // What a snapshot has told already may come again.
    const told = json.scrapes.length ? json.scrapes[json.scrapes.length - 1][0] : -Infinity;
    json.scrapes.push(...scrapes.filter(([at]) => at > told));
  };
  return run;
}

const EMPTY_RUN = () => liveRun({ run_id: "", target: "", column_ms: 1000, warmup_ms: 0,
  measure_ms: 0, columns: [], curves: {}, scrapes: [], lost: [], faults: [] });

// The figures of the last whole column, and of the run so far.
function liveTiles(run, status) {
  const last = run.columns[run.columns.length - 1];
  const rates = run.rates();
  const newest = (values) => (values.length ? values[values.length - 1] : null);
  const time = (field, which) => {
    const value = last && last[field].length ? last[field][which] : null;
    return value === null ? "–" : formatNs(value);
  };
  const failed = run.columns.reduce((sum, c) =>
    sum + OUTCOMES.slice(1).reduce((n, _, i) => n + c[AT.outcomes + 1 + i], 0), 0);
  const rate = (value) => (value === null ? "–" : formatRate(value));
  const [, bytes] = run.targetBytes();
  return [tile("achieved", rate(newest(rates.achieved)), undefined,
    status.closed_loop ? "closed loop" : `of ${rate(newest(rates.offered))} offered`),
  tile("p50", time(AT.response, P50), undefined, "response time"),
  tile("p99", time(AT.response, P99), undefined, "response time"),
  tile("p99.9", time(AT.response, P999), undefined, "response time"),
  tile("send lag p99", time(AT.sendLag, P99), undefined, "later than due"),
  tile("not ok", formatCount(failed), undefined, "in this run"),
  bytes.length ? tile("RSS", formatBytes(newest(bytes)), undefined, "of the target") : null];
}

// A second is told within about two.
const QUIET_S = 3;

function silence(run, status) {
  const quiet = Math.floor(status.at_s - run.endSeconds);
  return run.columns.length && quiet >= QUIET_S ? `no report for ${quiet} s` : "";
}

// What the run is at, and how far.
function phaseText(run, status) {
  const { warmup_ms: warmup, measure_ms: measure } = run.json;
  if (status.state !== "running") return status.state;
  const at = status.at_s * 1000;
  if (at < 0) return "starting";
  if (at < warmup) return `warm-up, ${formatClock(Math.ceil((warmup - at) / 1000))} left`;
  if (measure === 0) return "measuring";
  const end = warmup + measure;
  if (at < end) return `measuring, ${formatClock(Math.ceil((end - at) / 1000))} left`;
  return "waiting for the last answers";
}

function bundlesSection() {
  const list = el("div", {}, note("…"));
  const load = async () => {
    try {
      const bundles = await (await fetch("/bundles")).json();
      const link = (b, file, text) =>
        el("a", { href: `/bundles/${encodeURIComponent(b.name)}/${file}` }, text);
      const rows = bundles.map((b) => [b.page ? link(b, "report.html", b.name) : b.name,
        { text: b.validity ? badge(b.validity) : "" }, { text: b.slo ? badge(b.slo) : "" },
        { text: b.validity ? link(b, "report.json", "report.json") : "" }]);
      list.replaceChildren(rows.length
        ? table(["bundle", "measurement", "objectives", ""], rows, { numbers: 9 })
        : note("There are none yet."));
    } catch {
      list.replaceChildren(note("The list cannot be had: the controller does not answer."));
    }
  };
  load();
  return section("bundles", "Bundles", list);
}

function stopButton(token, say) {
  return el("button", { type: "button", id: "stop", onclick: async () => {
    if (!confirm("End the load now, and report what was measured?")) return;
    const answer = await fetch("/stop",
      { method: "POST", headers: { "X-Drumline-Token": token } }).catch(() => null);
    say(answer ? (await answer.text()).trim() : "the controller does not answer");
  } }, "Stop the load");
}

class LivePage {
  constructor(main, live) {
    this.run = EMPTY_RUN();
    this.status = { notes: [], state: "" };
    this.ended = false;
    this.name = el("h1", {}, "…");
    this.phase = el("p", { class: "phase" });
    this.said = el("p", { class: "note", role: "status" });
    this.tiles = el("div", { class: "tiles" });
    this.notes = el("ul", { class: "notes" });
    this.stop = stopButton(live.token, (text) => { this.said.textContent = text; });
    this.charts = el("div", {});
    main.append(el("header", {}, el("p", { class: "brand" }, "Drumline · live"), this.name,
      this.phase, this.stop, this.said), this.tiles,
    this.charts, section("notes", "Notes", this.notes),
    bundlesSection());
    watchAppearance();
    this.rebuild();
    this.connect();
  }

  // What charts there are depends on the run: an agent, a watched series.
  shape() {
    return JSON.stringify([this.run.json.run_id, this.run.agentIds(), this.run.watchedNames()]);
  }

  rebuild() {
    for (const chart of charts) chart.destroy();
    charts.length = 0;
    this.drawn = this.shape();
    this.charts.replaceChildren(timeSection(() => this.run, () => null, null),
      section("percentiles", "Latency by percentile",
        ...curvesOf(() => this.run, "of the measured window so far")));
    drawAll();
  }

  connect() {
    const source = new EventSource("/events");
    source.onmessage = (event) => this.take(JSON.parse(event.data), source);
    source.onerror = () => {
      if (this.ended) return;
      this.said.textContent = "not connected; trying again";
      // Where the server has closed the connection for good, a new one is needed.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.connect(), RETRY_MS);
    };
    source.onopen = () => { this.said.textContent = ""; };
  }

  take(message, source) {
    this.status = message.status;
    if (message.kind === "snapshot") {
      this.run = message.run ? liveRun(message.run) : EMPTY_RUN();
      this.tell();
      this.rebuild();
    } else if (message.kind === "news") {
      this.run.apply(message.columns, message.scrapes, message.curves);
      this.tell();
      if (this.shape() !== this.drawn) this.rebuild();
      else for (const chart of charts) chart.update();
    } else if (message.kind === "end") {
      this.ended = true;
      source.close();
      this.stop.remove();
      this.tell();
      this.phase.textContent = `The campaign is over: ${message.verdict}. Its report is in `
        + `${message.status.bundle}; controller ui shows it.`;
    }
    document.documentElement.dataset.drawn = "yes";
    document.documentElement.dataset.columns = String(this.run.columns.length);
  }

  tell() {
    const { status } = this;
    this.name.textContent = status.name;
    this.phase.textContent = [status.run ? `run ${status.run} of ${status.runs}` : "",
      status.target, phaseText(this.run, status), silence(this.run, status)].filter(Boolean)
      .join(" · ");
    this.tiles.replaceChildren(...liveTiles(this.run, status).filter(Boolean));
    this.notes.replaceChildren(...[...status.notes].reverse().map((text) => el("li", {}, text)));
  }
}

function showLive(live) {
  const main = document.getElementById("page");
  if (live.watch) {
    new LivePage(main, live);
    return;
  }
  main.append(el("header", {}, el("p", { class: "brand" }, "Drumline"), el("h1", {}, "Results")),
    bundlesSection());
  document.documentElement.dataset.drawn = "yes";
}
