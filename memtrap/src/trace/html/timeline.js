"use strict";
(() => {
  const trace = JSON.parse(document.getElementById("trace").textContent);
  const { lanes, rows, sources } = trace;
  const LANE = 22, RULER = 40, PAD = 12, HEAD = 18;
  const MONO = '11px ui-monospace, "Liberation Mono", monospace';
  const SANS = '12px system-ui, "Liberation Sans", sans-serif';

  // ---- The page.
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const fold = make("input", { type: "checkbox", checked: true });
  const filter = make("input", { type: "search", placeholder: "registers, e.g. uart.cr" });
  const button = (text, title, onclick) => make("button", { textContent: text, title, onclick });
  const legend = make("div", { className: "legend" });
  for (const [name, text] of [["read", "read"], ["write", "write"], ["poll", "equal reads in a row"], ["refused", "refused"],
    ["line", "interrupt"], ["model", "model"]]) legend.append(make("span", { className: name, textContent: text }));
  const overview = make("canvas", { id: "overview" });
  const canvas = make("canvas", { id: "lanes" });
  const spacer = make("div");
  const view = make("div", { id: "view", tabIndex: 0 }, canvas, spacer);
  const detail = make("div", { id: "detail" });
  const near = make("pre", { id: "near" });
  const tip = make("div", { id: "tip" });
  document.body.append(
    make("div", { className: "tools" },
      button("−", "zoom out (s)", () => zoomAt(0.5)), button("+", "zoom in (w)", () => zoomAt(2)),
      button("all", "show everything (f)", () => { fit(); draw(); }),
      make("label", { title: "squeeze the times in which nothing happens" }, fold, "fold idle time"), filter, legend),
    overview, view, make("footer", {}, detail, near), tip);

  // ---- Numbers as text.
  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, " ");
  const duration = (ns) => {
    for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]]) {
      if (ns >= size) return `${Number((ns / size).toFixed(3))} ${unit}`;
    }
    return `${ns} ns`;
  };
  const end = (row) => row.u ?? row.t;
  const is_access = (row) => row.k === "r" || row.k === "w";
  // As the trace prints it: an offset that has no name follows without a dot.
  const full_name = lane => lane.group + (lane.group && !lane.name.startsWith("+") ? "." : "") + lane.name;
  const plural = (count, word) => `${grouped(count)} ${word}${count === 1 ? "" : "s"}`;
  document.getElementById("summary").textContent =
    `${plural(trace.reads, "read")}, ${plural(trace.writes, "write")}, ` +
    `${rows.length ? duration(rows[rows.length - 1].t) : "0 ns"} of virtual time` +
    (trace.dropped ? `; ${plural(trace.dropped, "earlier event")} not kept` : "");

  // ---- What a lane holds.
  rows.forEach((row, index) => { row.i = index; });
  lanes.forEach((lane) => { lane.rows = []; });
  rows.forEach((row) => lanes[row.l].rows.push(row));
  const fields_of = (row) => {
    const lane = lanes[row.l];
    if (row.a || !lane.fields) return [];
    const value = BigInt("0x" + row.v);
    return lane.fields.map(([name, lsb, bits]) => [name, value >> BigInt(lsb) & (1n << BigInt(bits)) - 1n, bits]);
  };
  const number = (value) => value > 9n ? "0x" + value.toString(16) : value.toString();
  const decoded = (row) => fields_of(row).filter(([, value]) => value).map(([name, value, bits]) =>
    bits === 1 ? name : `${name}=${number(value)}`).join(" ");
  const short = (row) => "0x" + (row.v.replace(/^0+/, "") || "0");
  const before = (row) => {
    const others = lanes[row.l].rows;
    let low = 0, high = others.length;
    while (low < high) { const middle = low + high >> 1; if (others[middle].i < row.i) low = middle + 1; else high = middle; }
    for (let index = low - 1; index >= 0; index--) if (others[index].v && !others[index].a) return others[index];
    return null;
  };
  const spans = (lane) => { // when an interrupt line was high, and when its handler ran
    const high = [], running = [];
    let level = null, latched = null, entered = null;
    const over = (row) => { if (level === null && latched === null) return; high.push([level ?? latched, row.t]); };
    for (const row of lane.rows) {
      if (row.k === "+" && level === null) { if (latched !== null) over(row); level = row.t; latched = null; }
      else if (row.k === "-" && level !== null) { over(row); level = null; }
      else if (row.k === "^" && latched === null && level === null) latched = row.t;
      else if (row.k === "(") { if (level === null && latched !== null) { over(row); latched = null; } entered = row.t; }
      else if (row.k === ")") { running.push([entered ?? row.t, row.t]); entered = null; }
    }
    const last = rows[rows.length - 1].t;
    if (level !== null || latched !== null) high.push([level ?? latched, last]);
    if (entered !== null) running.push([entered, last]);
    return { high, running };
  };
  lanes.forEach((lane) => { if (lane.name.startsWith("irq ") && !lane.group) lane.spans = spans(lane); });

  // ---- Time as a place: every row has a `x`, and in between it is linear. Folded, no gap is wider than a few accesses.
  let places = [];
  const place_rows = () => {
    const times = [...new Set(rows.flatMap((row) => [row.t, end(row)]))].sort((a, b) => a - b);
    const gaps = times.slice(1).map((time, index) => time - times[index]).sort((a, b) => a - b);
    const usual = gaps.length ? gaps[gaps.length >> 1] : 1;
    const cap = fold.checked ? usual * 5 : Infinity;
    places = [];
    let x = 0;
    times.forEach((time, index) => {
      const gap = index ? time - times[index - 1] : 0;
      x += Math.min(gap, cap) / usual;
      places.push({ time, x, folded: gap > cap ? gap : 0 });
    });
    for (const row of rows) { row.from = x_of(row.t); row.to = x_of(end(row)); }
    counted.scale = 0;
  };
  const search = (key, value) => { // the last place at or before
    let low = 0, high = places.length - 1;
    while (low < high) { const middle = low + high + 1 >> 1; if (places[middle][key] <= value) low = middle; else high = middle - 1; }
    return low;
  };
  const convert = (from, to, value) => {
    const index = search(from, value), a = places[index], b = places[index + 1];
    if (!b) return a[to] + (value - a[from]);
    return a[to] + (b[to] - a[to]) * (b[from] > a[from] ? (value - a[from]) / (b[from] - a[from]) : 0);
  };
  const x_of = (time) => convert("time", "x", time);
  const time_of = (x) => convert("x", "time", x);

  // ---- What is visible.
  let zoom = 1, left = 0, gutter = 120, width = 800, height = 400, shown = [], groups = [], hovered = null, chosen = null;
  const span = () => Math.max(places.length ? places[places.length - 1].x : 1, 1);
  const room = () => width - gutter - 2 * PAD;
  const fit = () => { zoom = room() / span(); left = 0; };
  const sx = (x) => gutter + PAD + (x - left) * zoom;
  const wx = (pixel) => left + (pixel - gutter - PAD) / zoom;
  const clamp = () => {
    const least = Math.min(room() / span(), 120);
    zoom = Math.min(Math.max(zoom, least), 240);
    left = Math.min(Math.max(left, 0), Math.max(span() - room() / zoom, 0));
  };
  const zoomAt = (factor, pixel = gutter + room() / 2) => {
    const at = wx(pixel);
    zoom *= factor;
    clamp();
    left = at - (pixel - gutter - PAD) / zoom;
    draw();
  };
  const choose_lanes = () => {
    const wanted = filter.value.trim().toLowerCase();
    let y = 0;
    shown = []; groups = [];
    lanes.forEach((lane) => {
      const name = full_name(lane);
      if (wanted && !name.toLowerCase().includes(wanted)) return;
      if (!groups.length || groups[groups.length - 1].name !== (lane.group || "interrupts")) {
        groups.push({ name: lane.group || "interrupts", y });
        y += HEAD;
      }
      shown.push(lane);
      lane.y = y;
      y += LANE;
    });
    lanes.forEach((lane) => { if (!shown.includes(lane)) lane.y = null; });
    spacer.style.height = `${Math.max(y + RULER + 8 - height, 0)}px`;
  };

  // ---- Drawing.
  let colors = {};
  const read_colors = () => {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["page", "text", "faint", "rule", "band", "gutter", "read", "write", "refused", "irq", "model", "cursor"]) {
      colors[name] = style.getPropertyValue("--" + name).trim();
    }
  };
  const surface = (element, w, h) => {
    const ratio = window.devicePixelRatio || 1;
    if (element.width !== Math.round(w * ratio) || element.height !== Math.round(h * ratio)) {
      element.width = Math.round(w * ratio);
      element.height = Math.round(h * ratio);
      element.style.width = `${w}px`;
      element.style.height = `${h}px`;
    }
    const context = element.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, w, h);
    return context;
  };
  const hatch = (context, x, y, w, h, color) => {
    context.save();
    context.beginPath();
    context.rect(x, y, w, h);
    context.clip();
    context.strokeStyle = color;
    context.globalAlpha = 0.55;
    context.lineWidth = 1.5;
    context.beginPath();
    for (let at = x - h; at < x + w; at += 5) { context.moveTo(at, y + h); context.lineTo(at + h / 2, y); }
    context.stroke();
    context.restore();
    context.strokeStyle = color;
    context.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  };
  const text_at = (context, text, x, y, most, color) => {
    if (most < 12) return;
    context.font = MONO;
    let shown_text = text;
    const fits = Math.floor(most / context.measureText("0").width);
    if (shown_text.length > fits) {
      if (fits < 4) return;
      shown_text = shown_text.slice(0, fits - 1) + "…";
    }
    context.fillStyle = color;
    context.fillText(shown_text, x, y);
  };
  const MODEL = { e: "event", ".": "", "%": "fault:", 0: "reset", "<": "reads", ">": "writes" };
  const model_text = (row) => {
    if (row.k === "<" || row.k === ">") return `${MODEL[row.k]} ${row.x} bytes of memory`;
    return `${MODEL[row.k]} ${row.x ?? ""}`.trim();
  };
  const range_of = (lane) => { // indices of the rows of a lane that are on the screen, with one more at each side
    const from = time_of(Math.max(wx(gutter) - 1, 0)), to = time_of(wx(width) + 1);
    const others = lane.rows;
    const find = (time) => {
      let low = 0, high = others.length;
      while (low < high) { const middle = low + high >> 1; if (others[middle].t < time) low = middle + 1; else high = middle; }
      return low;
    };
    return [Math.max(find(from) - 1, 0), Math.min(find(to) + 1, others.length)];
  };
  const draw_lane = (context, lane, y) => {
    const top = y + 4, high = LANE - 8, base = y + LANE / 2 + 4;
    if (lane.spans) {
      for (const [list, offset, size, alpha] of [[lane.spans.high, 0, high, 0.28], [lane.spans.running, 3, high - 6, 1]]) {
        context.fillStyle = colors.irq;
        context.globalAlpha = alpha;
        for (const [from, to] of list) {
          const a = Math.max(sx(x_of(from)), gutter), b = Math.min(Math.max(sx(x_of(to)), a + 3), width);
          if (b >= gutter && a <= width) context.fillRect(a, top + offset, b - a, size);
        }
        context.globalAlpha = 1;
      }
      return;
    }
    const [from, to] = range_of(lane);
    let free = -Infinity, last_kind = "", together = [];
    for (let index = from; index < to; index++) {
      const row = lane.rows[index], next = lane.rows[index + 1];
      const x = sx(row.from), past = sx(row.to);
      const until = next ? sx(next.from) : width;
      const kind = row.x && is_access(row) ? "x" : row.k;
      if (past + 5 < free && kind === last_kind && row !== chosen && row !== hovered) continue;
      last_kind = kind;
      free = Math.max(past, x) + 1.2;
      let behind = past + 7;
      if (is_access(row)) {
        const color = row.x ? colors.refused : row.k === "r" ? colors.read : colors.write;
        const mark = Math.max(Math.min((until - x) * 0.7, 7), 2);
        if (row.c) {
          const length = Math.max(past - x + mark, 10);
          hatch(context, x, top, length, high, color);
          const label = `${short(row)} ×${grouped(row.c)}`;
          context.font = MONO;
          const wide = context.measureText(label).width;
          if (length > wide + 12) {
            context.fillStyle = colors.page;
            context.fillRect(x + length / 2 - wide / 2 - 4, top + 1.5, wide + 8, high - 3);
            text_at(context, label, x + length / 2 - wide / 2, base, wide + 8, color);
          }
          behind = x + length + 4;
        } else if (row.k === "r" && !row.x && mark > 3) {
          context.strokeStyle = color;
          context.lineWidth = 1.5;
          context.strokeRect(x + 0.75, top + 0.75, mark - 1.5, high - 1.5);
          context.lineWidth = 1;
          behind = x + mark + 4;
        } else {
          context.fillStyle = color;
          context.fillRect(x, top, mark, high);
          behind = x + mark + 4;
        }
        const most = until - behind - 6;
        if (most > 24) {
          const names = decoded(row), value = short(row);
          const all = names ? `${value} ${names}` : value;
          text_at(context, all, behind, base, most, color);
        }
      } else {
        const color = row.k === "%" ? colors.refused : colors.model;
        const middle = y + LANE / 2;
        context.fillStyle = color;
        context.beginPath();
        if (row.k === "<" || row.k === ">") {
          context.rect(x - 1, middle - 4, 8, 8);
        } else if (row.k === "e") {
          context.moveTo(x + 3, middle - 5); context.lineTo(x + 8, middle); context.lineTo(x + 3, middle + 5); context.lineTo(x - 2, middle);
        } else {
          context.arc(x + 3, middle, 3.5, 0, 7);
        }
        context.fill();
        together.push(model_text(row));
        if (until - x < 2) continue; // several things at once are one text
        text_at(context, together.join(", "), x + 12, base, until - x - 16, color);
        together = [];
      }
      if (row === chosen || row === hovered) {
        context.strokeStyle = colors.text;
        context.strokeRect(x - 2.5, y + 1.5, Math.max(past - x + 11, 11), LANE - 3);
      }
    }
  };
  const draw_ruler = (context) => {
    context.fillStyle = colors.page;
    context.fillRect(0, 0, width, RULER);
    context.font = SANS;
    context.textAlign = "center";
    const first = search("x", Math.max(wx(gutter), 0)), folds = [];
    for (let index = first; index + 1 < places.length && sx(places[index].x) < width; index++) {
      if (places[index + 1].folded) folds.push([sx((places[index].x + places[index + 1].x) / 2), places[index + 1].folded]);
    }
    let taken = -Infinity;
    context.fillStyle = colors.faint;
    for (const [x, gap] of folds) {
      const label = `+${duration(gap)}`, half = context.measureText(label).width / 2 + 5;
      if (x < gutter) continue;
      context.strokeStyle = colors.rule;
      context.beginPath();
      for (let y = RULER; y < height; y += 6) { context.moveTo(x + (y / 6 % 2 ? 2 : -2), y); context.lineTo(x + (y / 6 % 2 ? -2 : 2), y + 6); }
      context.stroke();
      if (x - half < taken || x + half > width) continue;
      context.fillText(label, x, 33);
      taken = x + half;
    }
    const pixels = places.length > 1 ? zoom / Math.max((time_of(1) - time_of(0)) || 1, 1) : 1;
    let step = 1;
    for (const unit of [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]) {
      for (const part of [1, 2, 5]) if (step * pixels < 90) step = unit * part;
    }
    context.fillStyle = colors.text;
    const ticks = [];
    const tick = (at, x) => {
      const label = duration(at), half = context.measureText(label).width / 2 + 7;
      if (x < gutter || ticks.some((other) => Math.abs(other.x - x) < other.half + half)) return;
      ticks.push({ x, half });
      context.fillText(label, x, 15);
      context.strokeStyle = colors.rule;
      context.beginPath();
      context.moveTo(x + 0.5, 19);
      context.lineTo(x + 0.5, height);
      context.stroke();
    };
    // Where time goes on behind a fold, and round times elsewhere.
    for (let index = first; index < places.length && sx(places[index].x) < width; index++) {
      if (places[index].folded) tick(places[index].time, sx(places[index].x));
    }
    for (let pixel = gutter + PAD; pixel < width;) {
      const at = Math.ceil((time_of(wx(pixel)) - 1e-6) / step) * step, x = sx(x_of(at)), index = search("time", at);
      if (x > width || at > places[places.length - 1].time + step) break;
      if (!(places[index + 1]?.folded && places[index].time !== at)) tick(at, x);
      pixel = Math.max(x, pixel) + 8;
    }
    context.textAlign = "left";
  };
  let counted = { scale: 0, bins: new Map() };
  const count = (scale) => { // how much of what happens in every three pixels
    if (counted.scale === scale) return counted.bins;
    const bins = new Map();
    for (const row of rows) {
      const bin = Math.floor(row.from * scale / 3), stop = Math.floor(row.to * scale / 3);
      for (let at = bin; at <= stop; at++) {
        const entry = bins.get(at) ?? { r: 0, w: 0, o: 0, x: 0 };
        if (is_access(row)) entry[row.x ? "x" : row.k]++; else entry.o++;
        bins.set(at, entry);
      }
    }
    counted = { scale, bins };
    return bins;
  };
  const draw_overview = () => {
    const w = overview.clientWidth, h = 34, context = surface(overview, w, h);
    const inner = w - gutter - 2 * PAD, scale = inner / span(), bins = count(scale);
    const most = Math.max(...[...bins.values()].map((entry) => entry.r + entry.w + entry.o + entry.x), 1);
    for (const [bin, entry] of bins) {
      let y = h - 3;
      for (const [key, color] of [["r", colors.read], ["w", colors.write], ["o", colors.model], ["x", colors.refused]]) {
        const part = entry[key] && Math.max(entry[key] / most * (h - 8), 1.5);
        context.fillStyle = color;
        context.fillRect(gutter + PAD + bin * 3, y - part, 2.4, part);
        y -= part;
      }
    }
    context.font = SANS;
    context.fillStyle = colors.faint;
    context.fillText("overview", 10, 21);
    const a = gutter + PAD + left * scale, b = Math.min(a + room() / zoom * scale, w - PAD);
    context.strokeStyle = colors.text;
    context.strokeRect(a - 1.5, 1.5, Math.max(b - a + 3, 4), h - 3);
  };
  let asked = false;
  const draw = () => { if (!asked) { asked = true; requestAnimationFrame(draw_now); } };
  const draw_now = () => {
    asked = false;
    clamp();
    const context = surface(canvas, width, height), scroll = view.scrollTop;
    const y_of = (y) => y + RULER - scroll;
    for (const group of groups) {
      context.fillStyle = colors.gutter;
      context.fillRect(0, y_of(group.y), width, HEAD);
    }
    shown.forEach((lane, index) => {
      if (index % 2) return;
      context.fillStyle = colors.band;
      context.fillRect(0, y_of(lane.y), width, LANE);
    });
    if (rows.length) draw_ruler(context);
    context.save();
    context.beginPath();
    context.rect(gutter, RULER, width - gutter, height - RULER);
    context.clip();
    for (const row of [hovered, chosen]) {
      if (!row) continue;
      context.fillStyle = colors.cursor;
      context.fillRect(sx(row.from), RULER, 1, height);
    }
    for (const lane of shown) if (y_of(lane.y) > RULER - LANE && y_of(lane.y) < height) draw_lane(context, lane, y_of(lane.y));
    context.restore();
    context.save();
    context.beginPath();
    context.rect(0, RULER, width, height - RULER);
    context.clip();
    for (const group of groups) {
      context.font = "600 " + SANS;
      context.fillStyle = colors.text;
      context.fillText(group.name, 10, y_of(group.y) + 13);
    }
    for (const lane of shown) {
      context.font = SANS;
      context.fillStyle = lane.name.startsWith("(") ? colors.faint : colors.text;
      context.fillText(lane.name, 20, y_of(lane.y) + 15);
    }
    context.restore();
    context.strokeStyle = colors.rule;
    context.beginPath();
    context.moveTo(gutter - 0.5, RULER);
    context.lineTo(gutter - 0.5, height);
    context.stroke();
    draw_overview();
  };

  // ---- What is pointed at.
  const cell = (label, content) => make("tr", {}, make("td", { textContent: label }), make("td", {}, ...[content].flat()));
  const LINES = { "+": "raised", "-": "lowered", "^": "pulsed", "(": "handler called", ")": "handler returned" };
  const explain = (row) => {
    const lane = lanes[row.l];
    const table = make("table", {}), parts = [];
    const name = full_name(lane);
    if (is_access(row)) {
      const verb = row.k === "r" ? "read" : "write";
      const part = row.a && !lane.name.startsWith("+") ? ` (${plural(row.a[1], "byte")} at +${row.a[0]})` : "";
      parts.push(make("h2", { textContent: `#${row.n} ${verb} of ${name}${part}` }));
      table.append(cell("value", "0x" + row.v));
      const earlier = before(row), old = new Map(earlier ? fields_of(earlier).map(([field, value]) => [field, value]) : []);
      const list = fields_of(row).flatMap(([field, value], index) => {
        const changed = old.has(field) && old.get(field) !== value;
        const text = `${field}=${number(value)}`;
        return [index ? " " : "", changed ? make("b", { textContent: `${text} (was ${number(old.get(field))})` }) : text];
      });
      if (list.length) table.append(cell("fields", list));
      if (row.m) table.append(cell("part of", row.m === "locked" ? "a locked read-modify-write" : "a read-modify-write"));
      if (row.c) table.append(cell("repeated", `${grouped(row.c)} times, until ${duration(row.u)}`));
      if (row.x) table.append(cell("refused", row.x));
      if (row.s !== undefined) table.append(cell("driver", sources[row.s]));
    } else if (LINES[row.k]) {
      parts.push(make("h2", { textContent: `${name} ${LINES[row.k]}${row.x ? ` by ${row.x}` : ""}` }));
    } else {
      parts.push(make("h2", { textContent: `${lane.group || "bus"}: ${model_text(row)}` }));
      if (row.n) table.append(cell("during", `access #${row.n}`));
    }
    table.append(cell("time", duration(row.t)));
    return [...parts, table];
  };
  const line_of = (row) => {
    const lane = lanes[row.l], name = full_name(lane);
    const head = is_access(row) ? `#${row.n}`.padEnd(7) + (row.k === "r" ? "R " : "W ") : "         ";
    if (!is_access(row)) return head + (LINES[row.k] ? `${name} ${LINES[row.k]}` : `${lane.group}: ${model_text(row)}`);
    const names = decoded(row);
    return `${head}${name}  0x${row.v}${names ? `  {${names}}` : ""}${row.x ? `  refused: ${row.x}` : ""}${row.c ? `  x ${row.c}` : ""}`;
  };
  const describe = (row) => {
    if (!row) {
      detail.replaceChildren("Point at a mark to see what it is, click to keep it. Wheel zooms, dragging moves, ← and → step, f shows everything.");
    } else {
      detail.replaceChildren(...explain(row));
    }
    const at = row ? row.i : 0, from = Math.max(Math.min(at - 3, rows.length - 8), 0);
    near.replaceChildren(...rows.slice(from, from + 8).map((other) =>
      make("span", { className: other === row ? "here" : "", textContent: line_of(other) })));
  };
  const at = (x, y) => {
    const lane = shown.find((other) => { const top = other.y + RULER - view.scrollTop; return y >= top && y < top + LANE; });
    if (!lane || x < gutter || y < RULER) return null;
    const [from, to] = range_of(lane);
    let best = null, distance = 9;
    for (let index = from; index < to; index++) {
      const row = lane.rows[index], a = sx(row.from), b = sx(row.to) + 7;
      const away = x < a ? a - x : x > b ? x - b : 0;
      if (away < distance) { best = row; distance = away; }
    }
    return best;
  };
  const hover = (row, x, y) => {
    if (row !== hovered) {
      hovered = row;
      if (row) tip.replaceChildren(...explain(row));
      describe(row ?? chosen);
      draw();
    }
    tip.style.visibility = row ? "visible" : "hidden";
    if (!row) return;
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.min(x + 14, window.innerWidth - box.width - 8)}px`;
    tip.style.top = `${y + 18 + box.height > window.innerHeight ? y - box.height - 10 : y + 18}px`;
  };
  const choose = (row) => {
    chosen = row;
    if (row) {
      const x = sx(row.from), y = lanes[row.l].y;
      if (x < gutter + PAD || x > width - 40) left = row.from - room() / zoom / 2;
      if (y !== null && (y < view.scrollTop || y + LANE + RULER > view.scrollTop + height)) view.scrollTop = y - height / 2;
    }
    describe(row);
    draw();
  };

  // ---- Hands.
  let drag = null;
  const local = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  canvas.addEventListener("pointerdown", (event) => { drag = { x: event.clientX, left, moved: false }; canvas.setPointerCapture(event.pointerId); view.focus(); });
  canvas.addEventListener("pointermove", (event) => {
    if (drag) {
      if (Math.abs(event.clientX - drag.x) > 3) drag.moved = true;
      if (drag.moved) { left = drag.left - (event.clientX - drag.x) / zoom; hover(null); draw(); }
      return;
    }
    hover(at(...local(event)), event.clientX, event.clientY);
  });
  canvas.addEventListener("pointerup", (event) => { if (drag && !drag.moved) choose(at(...local(event))); drag = null; });
  canvas.addEventListener("pointerleave", () => hover(null));
  view.addEventListener("wheel", (event) => {
    const scrolls = view.scrollHeight > view.clientHeight + 1 && !event.ctrlKey;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
      left += (event.deltaX || event.deltaY) / zoom; draw(); event.preventDefault();
    } else if (!scrolls) {
      zoomAt(Math.exp(-event.deltaY / 300), local(event)[0]); event.preventDefault();
    }
  }, { passive: false });
  view.addEventListener("scroll", draw);
  view.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step && rows.length) {
      let index = chosen ? chosen.i + step : 0;
      while (rows[index] && lanes[rows[index].l].y === null) index += step;
      if (rows[index]) choose(rows[index]);
    } else if (event.key === "w" || event.key === "+") zoomAt(2);
    else if (event.key === "s" || event.key === "-") zoomAt(0.5);
    else if (event.key === "a") { left -= room() / zoom / 4; draw(); }
    else if (event.key === "d") { left += room() / zoom / 4; draw(); }
    else if (event.key === "f") { fit(); draw(); }
    else if (event.key === "Escape") choose(null);
    else return;
    event.preventDefault();
  });
  const jump = (event) => {
    const scale = (overview.clientWidth - gutter - 2 * PAD) / span();
    left = (event.offsetX - gutter - PAD) / scale - room() / zoom / 2;
    draw();
  };
  overview.addEventListener("pointerdown", jump);
  overview.addEventListener("pointermove", (event) => { if (event.buttons) jump(event); });
  filter.addEventListener("input", () => { choose_lanes(); draw(); });
  fold.addEventListener("change", () => { const middle = places.length ? time_of(wx(gutter + room() / 2)) : 0; place_rows(); fit(); left = x_of(middle) - room() / zoom / 2; draw(); });
  const resize = () => {
    width = view.clientWidth;
    height = view.clientHeight;
    choose_lanes();
    draw();
  };
  window.addEventListener("resize", resize);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { read_colors(); draw(); });

  // ---- The first picture: everything, if the marks can be told apart; otherwise the beginning.
  read_colors();
  const measure = canvas.getContext("2d");
  measure.font = SANS;
  gutter = Math.min(Math.max(...lanes.map((lane) => measure.measureText(lane.name).width), 60) + 34, 260);
  place_rows();
  resize();
  fit();
  if (zoom < 5) { zoom = 12; left = 0; }
  const wanted = new URLSearchParams(location.hash.slice(1)).get("n");
  const target = wanted && rows.find((row) => row.n === Number(wanted) && is_access(row));
  if (target) choose(target); else describe(null);
  draw_now();
  document.body.dataset.drawn = rows.length;
})();
