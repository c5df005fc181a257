// The curves of chosen runs over one another: logarithmic axes, smoothing over the faint raw trace, zoom and cursor.
(function () {
  "use strict";

  var store = LEDGER.store, view = LEDGER.view, element = LEDGER.element, canvas = LEDGER.canvas;
  var loaded = new Map(), waiting = new Map(), asked = 0;
  // More curves than this are grey but for the one pointed at.
  var COLOURED = 12;

  LEDGER.series = function (id, metrics) { loaded.set(id, metrics); };

  // Loads the curves of runs that are not there yet, then calls `done`.
  function load(rows, root, done) {
    var left = 1;
    function one() { if (--left === 0) done(); }
    rows.forEach(function (row) {
      var id = store.values("id")[row];
      if (loaded.has(id)) return;
      left++;
      // What another call is loading is waited for, not loaded again.
      if (waiting.has(id)) return waiting.get(id).push(one);
      var calls = [one];
      waiting.set(id, calls);
      var script = element("script", { src: root + "r/" + id.slice(0, 2) + "/" + id + "/series.js" });
      script.onload = script.onerror = function () {
        script.remove();
        waiting.delete(id);
        calls.forEach(function (call) { call(); });
      };
      document.head.append(script);
    });
    one();
  }

  // The debiased moving average of TensorBoard: as if the points before the first were not there.
  function smoothed(values, weight) {
    var last = 0, count = 0;
    return values.map(function (value) {
      if (!Number.isFinite(value)) return value;
      last = last * weight + (1 - weight) * value;
      count++;
      return last / (1 - Math.pow(weight, count));
    });
  }

  function valuesOf(metric) {
    return metric.values.map(function (value, at) {
      return value === null ? Number(metric.special[at]) : value;
    });
  }

  LEDGER.curves = function (place, rows, root) {
    var mine = ++asked;
    rows = rows.filter(function (row) { return store.values("curves")[row] > 0; });
    if (rows.length === 0) return place.replaceChildren();
    load(rows, root, function () { if (mine === asked) show(place, rows); });
  };

  function show(place, rows) {
    var ids = rows.map(function (row) { return store.values("id")[row]; });
    var looks = canvas.styles(ids), names = new Set();
    ids.forEach(function (id) { (loaded.get(id) || []).forEach(function (metric) { names.add(metric.name); }); });
    if (names.size === 0) return place.replaceChildren();
    names = Array.from(names).sort();
    var found = view.read(), zoom = null, pointer = null, drag = null, focus = -1, drawn = null;
    var options = {
      m: names.includes(found.get("m")) ? found.get("m") : names[0],
      x: found.get("x") === "time" ? "time" : "step",
      log: (found.get("log") || "").split(","),
      sm: Math.min(0.99, Math.max(0, Number(found.get("sm")) || 0))
    };

    function set(name, value) {
      options[name] = value;
      if (name !== "sm") zoom = null;
      view.write({ m: options.m === names[0] ? "" : options.m, x: options.x === "time" ? "time" : "",
        log: options.log.filter(Boolean).join(","), sm: options.sm ? String(options.sm) : "" });
      compute();
    }
    function setLog(axis, on) {
      set("log", options.log.filter(function (other) { return other !== axis; }).concat(on ? axis : []));
    }

    var lines = [];
    function compute() {
      lines = ids.map(function (id, at) {
        var metric = (loaded.get(id) || []).find(function (metric) { return metric.name === options.m; });
        if (!metric) return null;
        var raw = valuesOf(metric);
        return { row: rows[at], look: looks[at], raw: raw, of: metric.of, x: options.x === "time" ? metric.seconds : metric.steps,
          steps: metric.steps, smooth: options.sm ? smoothed(raw, options.sm) : raw };
      });
      words();
      legend();
      surface.redraw();
    }

    function words() {
      var kept = 0, of = 0, odd = 0, below = 0;
      lines.forEach(function (line) {
        if (!line) return;
        kept += line.raw.length;
        of += line.of;
        line.raw.forEach(function (value) {
          if (!Number.isFinite(value)) odd++;
          else if (options.log.includes("y") && value <= 0) below++;
        });
      });
      var text = kept === of ? of.toLocaleString("en") + " points" :
        kept.toLocaleString("en") + " of " + of.toLocaleString("en") + " points, minimum and maximum of each stretch kept";
      if (odd) text += "; " + odd + " not finite, marked ×";
      if (below) text += "; " + below + " not above zero have no place on a logarithmic axis";
      if (options.sm) text += "; smoothed " + options.sm + ", the raw trace faint";
      caption.textContent = text + ". Drag to zoom, double click for all.";
    }

    function legend() {
      list.replaceChildren.apply(list, lines.map(function (line, at) {
        var row = rows[at];
        if (!line) return element("li", { className: "quiet" }, store.label(row) + ": no " + options.m);
        var swatch = element("span", { className: "swatch" });
        var dashes = line.look.dash.length;
        swatch.style.borderTop = "3px " + (dashes === 0 ? "solid" : line.look.dash[0] < 5 ? "dotted" : "dashed") + " var(--" +
          (lines.length > COLOURED ? "muted" : line.look.colour) + ")";
        var point = function () { focus = at; surface.redraw(); }, leave = function () { focus = -1; surface.redraw(); };
        line.said = element("span", {}, "");
        return element("li", { onpointerenter: point, onpointerleave: leave }, [swatch, " ", store.label(row) + " ",
          element("small", {}, store.short(row)), " ", line.said]);
      }));
    }

    function path(context, line, values, x, y) {
      var open = false;
      context.beginPath();
      values.forEach(function (value, at) {
        var where = line.x[at];
        if (!Number.isFinite(value) || (y.log && value <= 0) || (x.log && where <= 0)) {
          open = false;
          return;
        }
        if (open) context.lineTo(x.at(where), y.at(value));
        else context.moveTo(x.at(where), y.at(value));
        open = true;
      });
      context.stroke();
    }

    function draw(context, width, height, colours) {
      var field = { left: 70, top: 24, right: width - 12, bottom: height - 44 };
      var known = lines.filter(Boolean), logX = options.log.includes("x"), logY = options.log.includes("y");
      var all = zoom || canvas.range(known.flatMap(function (line) { return line.x; }), logX);
      var x = canvas.scale(all[0], all[1], field.left, field.right, logX);
      var inside = known.flatMap(function (line) {
        return line.smooth.concat(options.sm ? line.raw : []).filter(function (value, at) {
          var where = line.x[at % line.x.length];
          return where >= x.low && where <= x.high;
        });
      });
      var ends = canvas.range(inside, logY), room = logY ? 0 : (ends[1] - ends[0]) * 0.04;
      var y = canvas.scale(ends[0] - room, ends[1] + room, field.bottom, field.top, logY);
      drawn = { x: x, field: field };
      canvas.axes(context, field, x, y, [options.x === "time" ? "seconds" : "step", options.m], colours);
      context.save();
      context.beginPath();
      context.rect(field.left, field.top, field.right - field.left, field.bottom - field.top);
      context.clip();
      var many = lines.length > COLOURED;
      lines.forEach(function (line, at) {
        if (!line || (focus >= 0 && at === focus)) return;
        one(line, many || focus >= 0 ? colours.muted : colours[line.look.colour], focus >= 0 || many ? 1 : 1.6);
      });
      if (lines[focus]) one(lines[focus], colours[lines[focus].look.colour], 2.4);
      function one(line, colour, thick) {
        context.strokeStyle = context.fillStyle = colour;
        context.lineWidth = thick;
        if (options.sm) {
          context.globalAlpha = 0.25;
          context.setLineDash([]);
          path(context, line, line.raw, x, y);
        }
        context.globalAlpha = 1;
        context.setLineDash(line.look.dash);
        path(context, line, line.smooth, x, y);
        context.setLineDash([]);
        context.textAlign = "center";
        context.textBaseline = "middle";
        var last = NaN;
        line.raw.forEach(function (value, at) {
          if (Number.isFinite(value)) last = value;
          else context.fillText("×", x.at(line.x[at]), Number.isFinite(last) && !(logY && last <= 0) ? y.at(last) : field.top + 8);
        });
      }
      if (drag) {
        context.fillStyle = colours.accent;
        context.globalAlpha = 0.15;
        context.fillRect(Math.min(drag.from, drag.to), field.top, Math.abs(drag.to - drag.from), field.bottom - field.top);
        context.globalAlpha = 1;
      } else if (pointer !== null) {
        context.strokeStyle = colours.ink;
        context.lineWidth = 1;
        context.beginPath();
        context.moveTo(Math.round(pointer) + 0.5, field.top);
        context.lineTo(Math.round(pointer) + 0.5, field.bottom);
        context.stroke();
      }
      context.restore();
      say();
    }

    // What stands under the cursor, beside each name: raw and smoothed.
    function say() {
      lines.forEach(function (line) {
        if (!line) return;
        var text = "";
        if (pointer !== null && drawn) {
          var wanted = drawn.x.value(pointer), best = -1;
          line.x.forEach(function (where, at) { if (best < 0 || Math.abs(where - wanted) < Math.abs(line.x[best] - wanted)) best = at; });
          if (best >= 0) {
            text = store.number(line.raw[best]) + (options.sm ? ", smoothed " + store.number(line.smooth[best]) : "") +
              " at step " + line.steps[best];
          }
        }
        if (line.said.textContent !== text) line.said.textContent = text;
      });
    }

    var slider = element("input", { type: "range", min: 0, max: 0.99, step: 0.01, ariaLabel: "Smoothing",
      oninput: function () { set("sm", Number(slider.value)); } });
    slider.value = options.sm;
    var tools = element("div", { className: "tools" }, [
      canvas.choice("metric", names, options.m, function (name) { set("m", name); }),
      canvas.choice("over", ["step", "time"], options.x, function (name) { set("x", name); }),
      canvas.tick("log x", options.log.includes("x"), function (on) { setLog("x", on); }),
      canvas.tick("log y", options.log.includes("y"), function (on) { setLog("y", on); }),
      element("label", {}, ["smoothing ", slider]),
      element("button", { type: "button", onclick: function () { zoom = null; surface.redraw(); } }, "whole range")
    ]);
    var caption = element("p", { className: "quiet" }), list = element("ul", { className: "legend" }), holder = element("div");
    place.replaceChildren(element("h2", {}, "Curves"), tools, holder, caption, list);
    var surface = canvas.surface(holder, "Curves of " + rows.length + " runs; the values stand in the list below", 360, draw);
    var paper = surface.element;
    function at(event) {
      var place = event.clientX - paper.getBoundingClientRect().left;
      return drawn ? Math.min(drawn.field.right, Math.max(drawn.field.left, place)) : place;
    }
    paper.addEventListener("pointerdown", function (event) {
      drag = { from: at(event), to: at(event) };
      paper.setPointerCapture(event.pointerId);
    });
    paper.addEventListener("pointermove", function (event) {
      pointer = at(event);
      if (drag) drag.to = pointer;
      surface.redraw();
    });
    paper.addEventListener("pointerup", function () {
      if (drag && Math.abs(drag.to - drag.from) > 6) {
        zoom = [drag.from, drag.to].map(drawn.x.value).sort(function (a, b) { return a - b; });
      }
      drag = null;
      surface.redraw();
    });
    paper.addEventListener("pointerleave", function () {
      if (!drag) pointer = null;
      surface.redraw();
    });
    paper.addEventListener("dblclick", function () {
      zoom = null;
      surface.redraw();
    });
    paper.addEventListener("keydown", function (event) {
      var step = { ArrowLeft: -8, ArrowRight: 8 }[event.key];
      if (!step || !drawn) return;
      event.preventDefault();
      pointer = Math.min(drawn.field.right, Math.max(drawn.field.left, (pointer === null ? drawn.field.left : pointer) + step));
      surface.redraw();
    });
    compute();
  }
})();
