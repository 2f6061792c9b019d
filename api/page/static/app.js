// The page of Touchline. It uses the public API only: resources over REST for what was, the websocket for what is.
//
//   feed      keeps one websocket, resumes from the last cursor, knows how the connection is
//   board     what is known of matches: the feed's image and deltas, histories fetched when a curve needs them
//   views     live, fixtures, tables, models, health: functions from what is known to elements
//   painter   draws the current view at most once a frame

const $ = (id) => document.getElementById(id);

// el makes an element: el("p", {class: "x", onclick: f}, "text", child).
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined));
  return node;
}

// svg makes an SVG element.
function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.flat().filter(Boolean));
  return node;
}

const percent = (p) => (p > 0 && p < 0.005 ? "<1" : p < 1 && p > 0.995 ? ">99" : Math.round(p * 100)) + "%";
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const label = { "pre-match": "Not started", "in-play": "In play", "half-time": "Half-time", settled: "Full time", postponed: "Postponed" };

// get fetches a resource. Readiness is an answer also when a part fails, with status 503.
async function get(path) {
  const response = await fetch(path, { headers: { Accept: "application/json" } });
  const body = await response.json().catch(() => ({}));
  if (!response.ok && !body.probes) throw new Error(body.detail || `the server answered ${response.status}`);
  return body;
}

// ---- board -----------------------------------------------------------------------------------------------------

const board = {
  matches: new Map(), // by id
  competitions: new Map(),
  promoted: "", // the model that the house stands behind
  model: "", // the one that is shown
  models: new Set(),
  now: 0, // the latest instant that any record spoke of: the product's today

  image(list) {
    this.matches.clear();
    for (const m of list) this.add(m);
  },
  add(m) {
    const known = { ...m, home: m.home, away: m.away, predictions: new Map(), history: null, events: [], last: null };
    for (const p of m.predictions) this.take(known, p);
    this.matches.set(m.id, known);
    return known;
  },
  take(m, p) {
    m.predictions.set(p.model.id, p);
    this.models.add(p.model.id);
    if (!m.sequence || p.feature.sequence >= m.sequence) {
      const goals = m.live ? m.live.home_goals + m.live.away_goals : 0;
      m.sequence = p.feature.sequence;
      m.scored = m.live && p.live.home_goals + p.live.away_goals > goals ? performance.now() : m.scored;
      m.live = p.live;
      m.kickoff = p.kickoff ?? m.kickoff;
      m.at = p.at;
    }
    this.now = Math.max(this.now, Date.parse(p.at));
    if (m.history && m.history.model === p.model.id && !m.history.loading) {
      const last = m.history.points.at(-1);
      if (!last || p.feature.sequence > last.feature.sequence) m.history.points.push(p);
    }
  },
  forecast(p) {
    let m = this.matches.get(p.match);
    if (!m) {
      m = this.add({ id: p.match, competition: p.competition, season: p.season, home: team(p.home), away: team(p.away), kickoff: p.kickoff, live: p.live, predictions: [] });
    }
    this.take(m, p);
    this.trim();
  },
  event(e) {
    this.now = Math.max(this.now, Date.parse(e.at));
    const m = this.matches.get(e.match);
    if (m && sayable(e)) m.last = e;
    if (m && m === this.opened) m.events.push(e);
  },
  // trim lets go of matches that have been over for three days of their own time.
  trim() {
    if (this.matches.size < 1500) return;
    for (const [id, m] of this.matches) {
      if (m.live.phase === "settled" && Date.parse(m.at) < this.now - 3 * 86400e3) this.matches.delete(id);
    }
  },
  shown(m) {
    return m.predictions.get(this.model) ?? m.predictions.values().next().value;
  },
  // curve returns the points of a match's curve and fetches the past ones the first time.
  curve(m) {
    const model = this.shown(m)?.model.id;
    if (!m.history || m.history.model !== model) {
      m.history = { model, points: [], loading: true };
      const history = m.history;
      get(`v1/matches/${encodeURIComponent(m.id)}/predictions?limit=1000&model=${encodeURIComponent(model)}`)
        .then((page) => {
          const last = page.items.at(-1)?.feature.sequence ?? 0;
          const newest = m.predictions.get(model);
          history.points = page.items;
          if (newest && newest.feature.sequence > last) history.points.push(newest);
        })
        .catch(() => setTimeout(() => { if (m.history === history) m.history = null; }, 3000))
        .finally(() => { history.loading = false; paint(); });
    }
    return m.history.points;
  },
};

const names = new Map();
const team = (id) => ({ id, name: names.get(id) ?? id.split("-").map((w) => w[0].toUpperCase() + w.slice(1)).join(" ") });
const kick = (e) => e.body?.clock?.period === 5; // of a shoot-out
const sayable = (e) => ["goal", "card", "substitution", "period-ended", "full-time", "kick-off", "correction"].includes(e.kind) || e.kind === "shot" && kick(e);

function saying(e, m) {
  const of = (side) => (side === "home" ? m.home.name : m.away.name);
  const b = e.body;
  if (kick(e) && e.kind !== "period-ended") return `${e.kind === "goal" ? "Scored" : "Missed"}, ${of(b.side)}${b.player ? `: ${b.player}` : ""}`;
  switch (e.kind) {
    case "goal": return `Goal, ${of(b.side)}${b.player ? `: ${b.player}` : ""}${b.own_goal ? " (own goal)" : b.penalty ? " (penalty)" : ""}`;
    case "card": return `${b.colour === "yellow" ? "Yellow" : "Red"} card, ${of(b.side)}${b.player ? `: ${b.player}` : ""}`;
    case "substitution": return `${of(b.side)}: ${b.on} for ${b.off}`;
    case "period-ended": return b.winner ? `${of(b.winner)} win on penalties` : ["", "Half-time", "End of 90 minutes", "Half-time of extra time", "End of extra time", "End of the shoot-out"][b.period];
    case "full-time": return "Full time";
    case "kick-off": return "Kick-off";
    case "correction": return `Corrected: ${b.reason || "an earlier event was taken back"}`;
  }
  return e.kind;
}

function minuteOf(clock) {
  if (!clock || !clock.period) return "";
  if (clock.period === 5) return "Pens.";
  const start = [0, 0, 45, 90, 105, 120][clock.period], length = [0, 45, 45, 15, 15, 0][clock.period];
  const minute = Math.floor(clock.elapsed / 60) + 1;
  return length && minute > length ? `${start + length}+${minute - length}'` : `${start + minute}'`;
}

// ---- feed ------------------------------------------------------------------------------------------------------

const feed = {
  state: "connecting", // connecting, catching, live, down
  cursor: null,
  wait: 300,
  loaded: false,

  connect() {
    const url = new URL("v1/ws?conflate_ms=200&heartbeat_s=10", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => socket.close(), 30000);
    };
    socket.onopen = () => {
      heard();
      this.subscribe(socket);
    };
    socket.onmessage = ({ data }) => {
      heard();
      this.take(JSON.parse(data), socket);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(silence);
      if (code === 4410) this.cursor = null; // the log was rebuilt
      this.set("down");
      setTimeout(() => this.connect(), this.wait * (0.7 + 0.6 * Math.random()));
      this.wait = Math.min(this.wait * 1.8, 8000);
    };
  },
  subscribe(socket) {
    const request = { action: "subscribe", id: "page", detail: "compact" };
    if (this.cursor && this.loaded) request.cursor = this.cursor;
    socket.send(JSON.stringify(request));
  },
  take(frame, socket) {
    if (frame.cursor) this.cursor = frame.cursor;
    switch (frame.type) {
      case "image":
        for (const m of frame.data.matches) for (const t of [m.home, m.away]) names.set(t.id, t.name);
        board.image(frame.data.matches);
        this.loaded = true;
        break;
      case "prediction": board.forecast(frame.data); break;
      case "event": board.event(frame.data); break;
      case "snapshot_required":
        this.cursor = null;
        this.subscribe(socket);
        break;
      case "error": // the server is still warming: come again
        if (frame.code === "warming-up" || frame.code === "internal") socket.close();
        break;
    }
    if (frame.health && frame.type !== "error") {
      this.wait = 300;
      this.set(frame.health === "live" ? "live" : frame.health === "stale" ? "down" : "catching");
    }
    paint();
  },
  set(state) {
    if (this.state === state) return;
    this.state = state;
    paint();
  },
};

// ---- parts -----------------------------------------------------------------------------------------------------

function bar(o) {
  const part = (kind, p) => {
    const node = el("span", { class: p < 0.09 ? `${kind} tight` : kind }, percent(p));
    node.style.flexGrow = Math.max(p, 0.001);
    return node;
  };
  return el("div", { class: "bar", role: "img", "aria-label": `Home ${percent(o.home)}, draw ${percent(o.draw)}, away ${percent(o.away)}` },
    part("h", o.home), part("d", o.draw), part("a", o.away));
}

// through says who goes on, of a knock-out.
function through(a) {
  if (!a) return null;
  const part = (kind, p) => {
    const node = el("span", { class: p < 0.09 ? `${kind} tight` : kind }, percent(p));
    node.style.flexGrow = Math.max(p, 0.001);
    return node;
  };
  return el("div", { class: "through", role: "img", "aria-label": `Home goes on ${percent(a.home)}, away ${percent(a.away)}` },
    el("span", { class: "what" }, "Goes on"), el("div", { class: "bar thin" }, part("h", a.home), part("a", a.away)));
}

// ways says how a knock-out is decided, and what the first leg has left.
function ways(a) {
  const parts = [["in 90 minutes", a.regular], ["in extra time", a.extra], ["on penalties", a.penalties]].filter(([, p]) => p > 0).map(([way, p]) => `${percent(p)} ${way}`);
  return (a.first_leg ? `First leg ${a.first_leg.home}–${a.first_leg.away}. ` : "") + `Decided: ${parts.join(", ")}.`;
}

// place is where a forecast stands on a match's axis of 0 to 95 minutes, with half-time at 47.
function place(p) {
  const { phase, period, elapsed } = p.live;
  if (phase === "pre-match" || phase === "postponed") return 0;
  if (phase === "half-time") return 47;
  if (phase === "settled") return 95;
  return period <= 1 ? Math.min(elapsed / 60, 46.5) : period === 2 ? Math.min(47.5 + elapsed / 60, 95) : 95;
}

// curve draws how the probabilities moved: home from below, away from above, the draw between.
function curve(points, labels) {
  const width = 340, height = 100;
  const steps = [];
  for (const p of points) { // of forecasts at one place only the last counts
    const x = (place(p) / 95) * width;
    if (steps.length && x <= steps.at(-1).x) steps[steps.length - 1] = { ...steps.at(-1), ...p, x: steps.at(-1).x };
    else steps.push({ ...p, x });
  }
  const picture = svg("svg", { class: "curve", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": "How the probabilities moved" });
  picture.append(svg("rect", { class: "frame", width, height, rx: 6 }));
  if (!steps.length) return picture;
  const end = steps.at(-1);
  const last = { ...end, x: Math.max(end.x, 2) };
  const goals = (s) => s.live.home_goals + s.live.away_goals;
  const line = [...steps, last].map((s) => ({ x: s.x, h: 1 - s.outcome.home, a: s.outcome.away, goals: goals(s) }));
  // A probability holds until what changes it: a goal is a step, a long silence too; from minute to minute it flows.
  const trace = (key) => line.map((s, i) => {
    const before = line[i - 1];
    const step = i && (s.goals !== before.goals || s.x - before.x > 8);
    return !i ? `M${s.x.toFixed(2)} ${(s[key] * height).toFixed(2)}`
      : (step ? `H${s.x.toFixed(2)}` : "") + `L${s.x.toFixed(2)} ${(s[key] * height).toFixed(2)}`;
  }).join("");
  const x = last.x.toFixed(2), from = line[0].x.toFixed(2);
  picture.append(
    svg("path", { class: "d", d: `M${from} 0H${x}V${height}H${from}Z` }),
    svg("path", { class: "h", d: `${trace("h")}L${x} ${height}L${from} ${height}Z` }),
    svg("path", { class: "a", d: `${trace("a")}L${x} 0L${from} 0Z` }),
    svg("path", { class: "half", d: `M${(47 / 95) * width} 0V${height}` }),
  );
  for (let i = 1; i < steps.length; i++) { // where a goal fell
    if (goals(steps[i]) > goals(steps[i - 1])) picture.append(svg("path", { class: "mark", d: `M${steps[i].x.toFixed(2)} 0V${height}` },
      labels ? svg("title", {}, `${steps[i].live.home_goals}–${steps[i].live.away_goals}`) : null));
  }
  return picture;
}

// lastGoal says the last goal as the forecasts know it, for a match whose events came before this page did.
function lastGoal(m) {
  const points = m.history?.points ?? [];
  for (let i = points.length - 1; i > 0; i--) {
    const now = points[i].live, before = points[i - 1].live;
    const side = now.home_goals > before.home_goals ? m.home : now.away_goals > before.away_goals ? m.away : null;
    if (side) return `${now.minute}  Goal, ${side.name}: ${now.home_goals}–${now.away_goals}`;
  }
  return "";
}

function minute(live) {
  if (live.phase === "in-play" && live.period === 5) return el("span", { class: "minute" }, el("i"), `Penalties ${live.shootout?.home ?? 0}–${live.shootout?.away ?? 0}`);
  if (live.phase === "in-play" && live.period > 2) return el("span", { class: "minute" }, el("i"), `${live.minute} extra time`);
  if (live.phase === "settled" && live.shootout) return el("span", {}, live.shootout.home + live.shootout.away > 0 ? `${live.shootout.home}–${live.shootout.away} on penalties` : "After penalties");
  if (live.phase === "settled" && live.period > 2) return el("span", {}, "After extra time");
  if (live.phase === "in-play") return el("span", { class: "minute" }, el("i"), live.minute || "In play");
  if (live.phase === "half-time") return el("span", { class: "minute rest" }, el("i"), "Half-time");
  return el("span", {}, label[live.phase] ?? live.phase);
}

function sides(m) {
  const fresh = performance.now() - (m.scored ?? -1e9) < 2400 ? " new" : "";
  const reds = (n) => Array.from({ length: n }, () => el("i", { class: "red", title: "Red card" }));
  const started = m.live.phase !== "pre-match" && m.live.phase !== "postponed";
  return el("div", { class: "sides" },
    el("div", { class: "team" }, el("b", {}, m.home.name), ...reds(m.live.home_reds)), el("div", { class: "goals" + fresh }, started ? String(m.live.home_goals) : ""),
    el("div", { class: "team away" }, el("b", {}, m.away.name), ...reds(m.live.away_reds)), el("div", { class: "goals" + fresh }, started ? String(m.live.away_goals) : ""));
}

function card(m) {
  const p = board.shown(m);
  const competition = board.competitions.get(m.competition)?.name ?? m.competition;
  const last = m.last ? [m.last.body?.clock ? minuteOf(m.last.body.clock) : "", saying(m.last, m)].filter(Boolean).join("  ") : lastGoal(m);
  const shots = m.live.home_xg + m.live.away_xg > 0 ? `xG ${m.live.home_xg.toFixed(1)}–${m.live.away_xg.toFixed(1)}` : "";
  return el("article", { class: "card" },
    el("div", { class: "meta" }, el("span", {}, competition), minute(m.live)),
    sides(m), curve(board.curve(m)), bar(p.outcome), through(p.advance),
    el("div", { class: "said" }, el("span", {}, last), el("span", {}, shots)),
    el("button", { class: "open", type: "button", "aria-label": `${m.home.name} against ${m.away.name}, details`, onclick: () => open(m) }));
}

// row is a match in a list; a list of several days names the day too.
function row(m, days) {
  const p = board.shown(m);
  const over = m.live.phase === "settled";
  const middle = over ? `${m.live.home_goals}–${m.live.away_goals}` : m.live.phase === "postponed" ? "P–P" : "v";
  return el("button", { class: "row", type: "button", onclick: () => open(m) },
    el("span", { class: "when" }, m.kickoff ? `${days === true ? weekday.format(new Date(m.kickoff)) + " " : ""}${time.format(new Date(m.kickoff))}` : "–"),
    el("span", { class: "who" }, el("span", {}, m.home.name), el("span", { class: over ? "mid score" : "mid" }, middle), el("span", {}, m.away.name)),
    bar(((over && board.curve(m).findLast((q) => q.live.phase === "pre-match")) || p).outcome), // of a match that is over: as it was at kick-off
    el("span", { class: "xg", title: "Expected goals" }, over ? label.settled : `${p.expected_goals.home.toFixed(2)} – ${p.expected_goals.away.toFixed(2)}`));
}

const legend = () => el("div", { class: "legend" }, el("span", {}, el("i"), "Home"), el("span", { class: "d" }, el("i"), "Draw"), el("span", { class: "a" }, el("i"), "Away"));
const pitch = () => svg("svg", { viewBox: "0 0 190 122", "aria-hidden": "true" },
  svg("rect", { x: 2, y: 2, width: 186, height: 118, rx: 4 }), svg("path", { d: "M95 2v118M2 32h26v58H2M188 32h-26v58h26" }), svg("circle", { cx: 95, cy: 61, r: 20 }));
const empty = (title, text) => el("div", { class: "empty" }, pitch(), el("b", {}, title), text);
const ghosts = (n) => el("div", { class: "cards", "aria-hidden": "true" }, Array.from({ length: n }, () => el("div", { class: "ghost" })));

function byDay(list) {
  const days = new Map();
  for (const m of list) {
    const key = m.kickoff ? day.format(new Date(m.kickoff)) : "Without a date";
    if (!days.has(key)) days.set(key, []);
    days.get(key).push(m);
  }
  return [...days].map(([title, matches]) => el("section", {},
    el("div", { class: "head" }, el("h2", {}, title)),
    el("div", { class: "list" }, matches.map((m) => row(m)))));
}

// ---- views -----------------------------------------------------------------------------------------------------

const kickoff = (m) => (m.kickoff ? Date.parse(m.kickoff) : Infinity);
const all = (...phases) => [...board.matches.values()].filter((m) => phases.includes(m.live.phase) && board.shown(m));

const views = {
  live() {
    if (!feed.loaded) return [el("div", { class: "head" }, el("h1", {}, "In play"), el("p", {}, waiting())), ghosts(6)];
    const playing = all("in-play", "half-time").sort((a, b) => kickoff(b) - kickoff(a) || a.id.localeCompare(b.id));
    const next = all("pre-match").sort((a, b) => kickoff(a) - kickoff(b)).slice(0, 8);
    const over = all("settled").sort((a, b) => kickoff(b) - kickoff(a)).slice(0, 8);
    const parts = [el("div", { class: "head" },
      el("h1", {}, playing.length ? `${playing.length} ${playing.length === 1 ? "match" : "matches"} in play` : "In play"), legend())];
    parts.push(playing.length ? el("div", { class: "cards" }, playing.slice(0, 30).map(card))
      : empty("No match is being played", next.length ? "The next forecasts are below; this fills by itself at kick-off." : "Forecasts appear here as soon as the feed has fixtures."));
    if (next.length) parts.push(el("section", {}, el("div", { class: "head" }, el("h2", {}, "Next")), el("div", { class: "list" }, next.map((m) => row(m, true)))));
    if (over.length) parts.push(el("section", {}, el("div", { class: "head" }, el("h2", {}, "Just over, with the forecast at kick-off")), el("div", { class: "list" }, over.map((m) => row(m, true)))));
    return parts;
  },

  fixtures() {
    if (!feed.loaded) return [el("div", { class: "head" }, el("h1", {}, "Fixtures"), el("p", {}, waiting())), ghosts(3)];
    const chosen = state.competition;
    const list = all("pre-match", "postponed").filter((m) => !chosen || m.competition === chosen).sort((a, b) => kickoff(a) - kickoff(b) || a.id.localeCompare(b.id));
    const present = [...new Set(all("pre-match", "postponed").map((m) => m.competition))].sort();
    const pick = el("select", { "aria-label": "Competition", onchange: (e) => { state.competition = e.target.value; paint(); } },
      el("option", { value: "" }, "All competitions"), present.map((c) => el("option", { value: c, selected: c === chosen }, board.competitions.get(c)?.name ?? c)));
    return [el("div", { class: "head" }, el("h1", {}, "Fixtures"), el("div", { class: "filters" }, pick)),
      list.length ? null : empty("No fixture is known yet", "Forecasts are made from fourteen days before a match."), ...byDay(list.slice(0, 120))];
  },

  tables() {
    const data = load("competitions", "v1/competitions");
    const played = (data.value?.items ?? []).filter((c) => c.seasons.length && c.level); // a cup has no table
    const shown = (c) => [...board.matches.values()].filter((m) => m.competition === c.id).length;
    const competition = played.find((c) => c.id === state.table) // or the one that there is most of
      ?? played.toSorted((a, b) => b.seasons.length - a.seasons.length || shown(b) - shown(a))[0];
    if (!competition) {
      return [el("div", { class: "head" }, el("h1", {}, "Tables"), el("p", {}, data.error ?? "")),
        data.value ? empty("No table yet", "A table begins with the first settled match of a season.") : ghosts(2)];
    }
    const season = competition.seasons.includes(state.season) ? state.season : competition.seasons[0];
    const table = load(`table ${competition.id} ${season}`, `v1/competitions/${competition.id}/table?season=${season}`, 5000);
    const rows = table.value?.rows ?? [];
    const outlook = load(`outlook ${competition.id} ${season}`, `v1/competitions/${competition.id}/outlook?season=${season}`, 5000).value;
    const chances = new Map((outlook?.teams ?? []).map((t) => [t.team.id, t]));
    const places = outlook?.remaining ? Object.keys(outlook.teams[0].places).sort((a, b) => placeOrder(a) - placeOrder(b)) : [];
    return [
      el("div", { class: "head" }, el("h1", {}, competition.name), el("div", { class: "filters" },
        el("select", { "aria-label": "Competition", onchange: (e) => { state.table = e.target.value; paint(); } },
          played.map((c) => el("option", { value: c.id, selected: c === competition }, c.name))),
        el("select", { "aria-label": "Season", onchange: (e) => { state.season = e.target.value; paint(); } },
          competition.seasons.map((s) => el("option", { value: s, selected: s === season }, s))))),
      rows.length ? el("div", { class: "list sheet" }, el("table", {},
        el("thead", {}, el("tr", {}, ...["", "Team", "Played", "Won", "Drawn", "Lost", "Goals", "Diff.", "Points"].map((t, i) =>
          el("th", { scope: "col", class: i === 1 ? "name" : i >= 3 && i <= 6 ? "wide" : null }, t)),
          ...places.map((p) => el("th", { scope: "col", title: `Share of ${outlook.simulations.toLocaleString()} simulated seasons` }, placeName(p))))),
        el("tbody", {}, rows.map((r) => el("tr", {}, el("td", { class: "pos" }, String(r.position)), el("td", { class: "name" }, r.team.name),
          el("td", {}, String(r.played)), ...[r.won, r.drawn, r.lost].map((n) => el("td", { class: "wide" }, String(n))),
          el("td", { class: "wide" }, `${r.goals_for}:${r.goals_against}`), el("td", {}, r.goal_difference > 0 ? `+${r.goal_difference}` : String(r.goal_difference).replace("-", "−")),
          el("td", { class: "points", title: r.deducted ? `${r.deducted} deducted` : null }, r.deducted ? `${r.points}*` : String(r.points)), ...places.map((p) => chance(chances.get(r.team.id)?.places[p])))))))
        : table.value ? empty("Nothing is settled yet", `The ${season} season has matches, but no result.`) : ghosts(2),
      rows.some((r) => r.deducted) ? el("p", { class: "note" }, "* After points were deducted: " +
        rows.filter((r) => r.deducted).map((r) => `${r.team.name} ${r.deducted}`).join(", ") + ".") : null,
      places.length ? el("p", { class: "note" }, `Right of the points: how the season ends in ${outlook.simulations.toLocaleString()} simulations of the ${outlook.remaining} matches that are left.`) : null,
    ];
  },

  models() {
    const data = load("models", "v1/models", 5000);
    const models = (data.value?.items ?? []).filter((m) => m.evaluations.length);
    if (!models.length) {
      return [el("div", { class: "head" }, el("h1", {}, "Model quality"), el("p", {}, data.error ?? "")),
        data.value ? empty("Nothing was scored yet", "Forecasts are scored as soon as their match is settled.") : ghosts(2)];
    }
    const points = [["opening", "Opening"], ["kick-off", "Kick-off"], ["half-time", "Half-time"]].filter(([id]) => models.some((m) => m.evaluations.some((e) => e.checkpoint === id)));
    const chosen = points.some(([id]) => id === state.checkpoint) ? state.checkpoint : (points.find(([id]) => id === "kick-off") ?? points[0])[0];
    const rows = models.map((m) => ({ m, e: m.evaluations.find((e) => e.checkpoint === chosen) })).filter((r) => r.e).sort((a, b) => a.e.rps - b.e.rps);
    const best = (key) => Math.min(...rows.map((r) => r.e[key]));
    const cell = (r, key) => el("td", { class: rows.length > 1 && r.e[key] === best(key) ? "best" : null }, r.e[key].toFixed(4));
    return [
      el("div", { class: "head" }, el("h1", {}, "Model quality"), el("div", { class: "filters" },
        el("select", { "aria-label": "Checkpoint", onchange: (e) => { state.checkpoint = e.target.value; paint(); } },
          points.map(([id, name]) => el("option", { value: id, selected: id === chosen }, `Forecast at ${name.toLowerCase()}`))))),
      el("div", { class: "two" },
        el("div", { class: "panel" }, el("h2", {}, "Scores"), el("p", {}, "Mean over all settled matches. Less is better; RPS is the ranked probability score."),
          el("div", { class: "sheet" }, el("table", {},
            el("thead", {}, el("tr", {}, ...["Model", "Matches", "RPS", "Log loss", "Brier"].map((t, i) => el("th", { scope: "col", class: i ? null : "name" }, t)))),
            el("tbody", {}, rows.map((r, i) => el("tr", {},
              el("td", { class: "name" }, dot(i), r.m.id.includes("@") ? r.m.id : `${r.m.id} v${r.m.version}`, el("span", { class: `badge ${r.m.status}` }, r.m.status)),
              el("td", {}, r.e.n.toLocaleString()), cell(r, "rps"), cell(r, "log_loss"), cell(r, "brier"))))))),
        el("div", { class: "panel" }, el("h2", {}, "Calibration"), el("p", {}, "How often it happened, by what was forecast. On the line is right; a dot's size is the number of forecasts."), calibration(rows))),
    ];
  },

  health() {
    const data = load("health", "readyz", 5000);
    const probes = data.value?.probes ?? [];
    const failing = probes.filter((p) => p.status !== "ready").length;
    return [
      el("div", { class: "head" }, el("h1", {}, "Health"), el("p", {}, data.error ?? (probes.length ? failing ? `${failing} of ${probes.length} parts fail` : "All parts are ready" : ""))),
      probes.length ? el("div", { class: "list sheet" }, el("table", { class: "parts" },
        el("thead", {}, el("tr", {}, ...["Part", "State", "Report"].map((t) => el("th", { scope: "col" }, t)))),
        el("tbody", {}, probes.map((p) => el("tr", {}, el("td", {}, p.name),
          el("td", { class: `${p.status === "ready" ? "fine" : "fails"}` }, p.status),
          el("td", {}, (p.detail ?? "").split("\n").map((line) => el("div", {}, line)))))))) : ghosts(2),
    ];
  },
};

// Places that a season's table decides, best first.
const knownPlaces = [["title", "Title"], ["champions-league", "Champions L."], ["europe", "Europe"], ["promotion", "Promoted"], ["promotion-play-off", "Play-off"], ["championship-round", "Title round"], ["europe-round", "Europe round"], ["relegation-round", "Lower round"], ["relegation-play-off", "Down play-off"], ["relegation", "Down"]];
const placeOrder = (id) => { const i = knownPlaces.findIndex(([known]) => known === id); return i < 0 ? knownPlaces.length : i; };
const placeName = (id) => knownPlaces.find(([known]) => known === id)?.[1] ?? id.replaceAll("-", " ");
function chance(p) {
  if (p === undefined) return el("td", {}, "–");
  const cell = el("td", { class: "chance" }, p > 0 && p < 0.005 ? "<1%" : p < 1 && p > 0.995 ? ">99%" : p === 0 ? "–" : percent(p));
  cell.style.setProperty("--p", p);
  return cell;
}

const palette = ["var(--home)", "var(--away)", "var(--good)", "var(--bad)", "var(--dim)"];
function dot(i) {
  const mark = svg("svg", { width: 10, height: 10, viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("circle", { cx: 5, cy: 5, r: 5 }));
  mark.style.cssText = `margin-right:9px;fill:${palette[i % palette.length]}`;
  return mark;
}

function calibration(rows) {
  const size = 340, left = 40, top = 10, right = 22, bottom = 36;
  const x = (p) => left + p * (size - left - right), y = (p) => size - bottom - p * (size - top - bottom);
  const plot = svg("svg", { class: "plot", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "Calibration: forecast probability against frequency" });
  for (const p of [0, 0.25, 0.5, 0.75, 1]) {
    plot.append(svg("path", { class: "grid", d: `M${x(p)} ${y(0)}V${y(1)}M${x(0)} ${y(p)}H${x(1)}`, fill: "none" }),
      svg("text", { x: x(p), y: size - bottom + 16, "text-anchor": "middle" }, `${p * 100}%`), svg("text", { x: left - 7, y: y(p) + 4, "text-anchor": "end" }, `${p * 100}%`));
  }
  plot.append(svg("path", { class: "ideal", d: `M${x(0)} ${y(0)}L${x(1)} ${y(1)}`, fill: "none" }),
    svg("text", { x: x(0.5), y: size - 4, "text-anchor": "middle" }, "forecast"));
  const most = Math.max(1, ...rows.flatMap((r) => r.e.calibration.map((b) => b.n)));
  rows.forEach((r, i) => {
    for (const b of r.e.calibration) {
      const mark = svg("circle", { cx: x(b.forecast), cy: y(b.happened), r: 2.5 + 7 * Math.sqrt(b.n / most) },
        svg("title", {}, `${r.m.id}: forecast ${percent(b.forecast)}, happened ${percent(b.happened)} of ${b.n}`));
      mark.style.fill = palette[i % palette.length];
      mark.style.fillOpacity = 0.85;
      plot.append(mark);
    }
  });
  return plot;
}

// ---- detail ----------------------------------------------------------------------------------------------------

async function open(m) {
  const dialog = $("detail");
  board.opened = m;
  m.full = null;
  draw(m);
  dialog.showModal();
  const id = encodeURIComponent(m.id);
  const model = board.shown(m).model.id;
  const [full, events] = await Promise.allSettled([get(`v1/matches/${id}/prediction?model=${encodeURIComponent(model)}`), get(`v1/matches/${id}/events`)]);
  if (full.status === "fulfilled") m.full = full.value;
  if (events.status === "fulfilled") m.events = events.value.items;
  if (board.opened === m) draw(m);
}

function draw(m) {
  const p = board.shown(m);
  const full = m.full ?? p;
  const told = m.events.filter(sayable).reverse();
  $("detail").replaceChildren(el("div", { class: "inside" },
    el("button", { class: "icon close", type: "button", "aria-label": "Close", onclick: () => $("detail").close() },
      svg("svg", { viewBox: "0 0 20 20" }, svg("path", { class: "cross", d: "M5 5l10 10M15 5L5 15" }))),
    el("div", { class: "meta" }, el("span", {}, [board.competitions.get(m.competition)?.name ?? m.competition, m.season, m.kickoff ? day.format(new Date(m.kickoff)) : "no date"].join(" · ")), minute(m.live)),
    sides(m), bar(p.outcome), p.advance ? [through(p.advance), el("p", { class: "hint" }, ways(p.advance))] : null,
    m.live.phase === "pre-match" ? null : curve(board.curve(m), true),
    el("dl", { class: "facts" }, ...[
      ["Expected goals", `${p.expected_goals.home.toFixed(2)} – ${p.expected_goals.away.toFixed(2)}`],
      ["Over 2.5 goals", p.over_2_5 === null ? "–" : percent(p.over_2_5)], ["Both score", percent(p.both_score)], ["Model", `${p.model.id} v${p.model.version}`],
    ].map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    el("div", { class: "halves" },
      el("div", {}, el("h2", {}, p.advance ? "Score after 90 minutes, in per cent" : "Final score, in per cent"), el("p", { class: "hint" }, `${m.home.name} downwards, ${m.away.name} across`), full.grid ? heat(full.grid, m) : el("p", {}, "…")),
      el("div", {}, el("h2", {}, "What happened"), told.length ? el("ul", { class: "log" }, told.map((e) =>
        el("li", {}, el("time", {}, minuteOf(e.body?.clock) || time.format(new Date(e.at))), saying(e, m)))) : el("p", { class: "log" }, "Nothing yet.")))));
}

// heat shows the likeliest final scores: rows are the home side's goals.
function heat(grid, m) {
  const size = Math.min(6, grid.p.length);
  const most = Math.max(...grid.p.flat());
  const table = el("div", { class: "heat", role: "img", "aria-label": "Probability of each final score" });
  table.style.gridTemplateColumns = `28px repeat(${size}, 1fr)`;
  table.append(el("span", { class: "axis" }), ...Array.from({ length: size }, (_, a) => el("span", { class: "axis" }, String(grid.away_from + a))));
  for (let h = 0; h < size; h++) {
    table.append(el("span", { class: "axis" }, String(grid.home_from + h)));
    for (let a = 0; a < size; a++) {
      const home = grid.home_from + h, away = grid.away_from + a, p = grid.p[h][a];
      const cell = el("span", { title: `${m.home.name} ${home}–${away} ${m.away.name}: ${(p * 100).toFixed(1)}%` }, p >= 0.005 ? `${Math.round(p * 100)}` : "");
      const colour = home > away ? "--home" : home < away ? "--away" : "--draw";
      cell.style.background = `color-mix(in srgb, var(${colour}) ${Math.round(8 + 82 * (p / most))}%, var(--surface))`;
      if (p / most > 0.55) cell.style.color = home > away ? "var(--on-home)" : home < away ? "var(--on-away)" : "var(--on-draw)";
      table.append(cell);
    }
  }
  return table;
}

// ---- painter ---------------------------------------------------------------------------------------------------

const state = { view: "live", competition: "", table: "", season: "", checkpoint: "kick-off" };

// load fetches a resource once, and again when it is older than fresh milliseconds while somebody looks.
const resources = new Map();
function load(key, path, fresh = 30000) {
  let r = resources.get(key);
  if (!r) resources.set(key, (r = { value: null, error: null, at: 0, busy: false }));
  if (!r.busy && performance.now() - r.at > (r.value ? fresh : 1500) || r.at === 0 && !r.busy) {
    r.busy = true;
    get(path).then((v) => { r.value = v; r.error = null; }, (e) => { r.error = e.message; })
      .finally(() => { r.busy = false; r.at = performance.now(); paint(); });
  }
  return r;
}

function waiting() {
  return { connecting: "Connecting …", down: "The server does not answer yet. Trying again …" }[feed.state] ?? "Fetching what is current …";
}

let asked = false, painted = -1000;
function paint() {
  if (asked) return;
  asked = true;
  setTimeout(() => requestAnimationFrame(() => {
    asked = false;
    painted = performance.now();
    show();
  }), Math.max(0, 100 - (performance.now() - painted)));
}

function show() {
  const status = $("status");
  status.dataset.state = feed.state;
  status.lastElementChild.textContent = { connecting: "Connecting", catching: "Catching up", live: "Live", down: "Reconnecting" }[feed.state];
  $("clock").textContent = board.now ? `As of ${day.format(new Date(board.now))}, ${time.format(new Date(board.now))}` : "";
  for (const a of document.querySelectorAll("[data-view]")) a.dataset.view === state.view ? a.setAttribute("aria-current", "page") : a.removeAttribute("aria-current");
  pickModel();
  const main = $("main");
  if (main.contains(document.activeElement) && document.activeElement.tagName === "SELECT") return; // don't close a list that is open
  const focus = document.activeElement?.getAttribute?.("aria-label");
  main.replaceChildren(...views[state.view]().filter(Boolean));
  if (focus && document.activeElement === document.body) main.querySelector(`[aria-label="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  if ($("detail").open && board.opened) draw(board.opened);
}

function pickModel() {
  const models = [...board.models].sort();
  if (!board.model && models.length) board.model = models.includes(board.promoted) ? board.promoted : models[0];
  const select = $("model");
  select.hidden = models.length < 2;
  if (select.dataset.models === models.join() + board.model) return;
  select.dataset.models = models.join() + board.model;
  select.replaceChildren(...models.map((id) => el("option", { value: id, selected: id === board.model }, id)));
}

function route() {
  const view = location.hash.slice(1);
  state.view = views[view] ? view : "live";
  scrollTo(0, 0);
  paint();
}

const theme = () => document.documentElement.dataset.theme;
document.documentElement.dataset.theme = localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
$("theme").onclick = () => {
  document.documentElement.dataset.theme = theme() === "light" ? "dark" : "light";
  localStorage.setItem("theme", theme());
};
$("model").onchange = (e) => { board.model = e.target.value; paint(); };
$("detail").onclose = () => { board.opened = null; };
$("detail").onclick = (e) => { if (e.target === $("detail")) $("detail").close(); };
addEventListener("hashchange", route);
document.addEventListener("change", (e) => { if (e.target.tagName === "SELECT") { e.target.blur(); paint(); } });
setInterval(() => { if (["tables", "models", "health"].includes(state.view)) paint(); }, 2000);

// What the feed does not say: names of competitions, the promoted model. Asked until the server has warmed up.
async function backdrop(wait = 500) {
  try {
    const [competitions, models] = await Promise.all([get("v1/competitions"), get("v1/models")]);
    for (const c of competitions.items) board.competitions.set(c.id, c);
    board.promoted = models.items.find((m) => m.status === "promoted")?.id ?? "";
    if (board.promoted && board.models.has(board.promoted) && !backdrop.done) board.model = board.promoted;
    backdrop.done = competitions.items.length > 0;
  } catch { /* it is still warming */ }
  paint();
  setTimeout(() => backdrop(Math.min(wait * 2, 60000)), backdrop.done ? 60000 : wait);
}

route();
feed.connect();
backdrop();
