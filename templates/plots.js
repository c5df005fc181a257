// Drawings over all runs: parallel coordinates with ranges drawn on the axes, and a scatter coloured by a third value.
(function () {
  "use strict";

  var store = LEDGER.store, view = LEDGER.view, element = LEDGER.element, canvas = LEDGER.canvas;
  var holder = document.querySelector("#sections[data-manifest]");
  var kind = (/(parallel|scatter)\.html$/.exec(location.pathname) || [])[1];
  if (!holder || !kind) return;
  // Lines while a range is being drawn, and runs in one drawing.
  var SAMPLE = 1500, MOST = 100000;

  var rows = [], mistake, note, caption, filterBox, place, redraw = function () {}, timer = 0;

  // Columns that tell runs apart, the goals and those with most values first; `numeric` leaves texts out.
  function columns(numeric) {
    var own = ["seed", "took", "trainer", "experiment", "status"].filter(function (name) { return !numeric || /seed|took/.test(name); });
    var all = store.columns.filter(function (column) { return /^(metrics|params)\./.test(column.name); });
    all.sort(function (a, b) {
      return store.isGoal(b.name) - store.isGoal(a.name) || b.rows - a.rows;
    });
    return all.map(function (column) { return column.name; }).filter(function (name) {
      return !numeric || store.values(name).some(function (value) { return typeof value === "number"; });
    }).concat(own);
  }

  function varies(name) {
    var first;
    return store.values(name).some(function (value) {
      if (value === undefined) return false;
      if (first === undefined) first = value;
      return value !== first;
    });
  }

  function goal() {
    return columns(true).find(store.isGoal) || columns(true)[0];
  }

  function choose() {
    var filter;
    mistake.hidden = true;
    try {
      filter = LEDGER.filter.parse(filterBox.value);
    } catch (wrong) {
      mistake.textContent = wrong.text || String(wrong);
      mistake.hidden = false;
      return;
    }
    var test = LEDGER.filter.matcher(filter, store, store.moment());
    rows = [];
    for (var row = store.count - 1; row >= 0 && rows.length < MOST; row--) if (test(row)) rows.push(row);
    view.write({ q: filterBox.value });
  }

  // Shares of 0 to 1 for the values of a column, NaN for a missing one, and what to write beside an axis.
  function measure(name, log) {
    var all = store.values(name), number = rows.some(function (row) { return typeof all[row] === "number"; }) &&
      rows.every(function (row) { return all[row] === undefined || typeof all[row] === "number"; });
    if (number) {
      var ends = canvas.range(rows.map(function (row) { return all[row]; }), log), scale = canvas.scale(ends[0], ends[1], 0, 1, log);
      return { number: true, scale: scale, words: [], share: function (row) {
        var value = all[row];
        return typeof value !== "number" || !Number.isFinite(value) || (log && value <= 0) ? NaN : scale.at(value);
      } };
    }
    var words = Array.from(new Set(rows.map(function (row) { return all[row] === undefined ? undefined : store.text(name, all[row]); })))
      .filter(function (word) { return word !== undefined; });
    words.sort(new Intl.Collator("en", { numeric: true }).compare);
    var places = new Map(words.map(function (word, at) { return [word, words.length > 1 ? at / (words.length - 1) : 0.5]; }));
    return { number: false, words: words, share: function (row) {
      return all[row] === undefined ? NaN : places.get(store.text(name, all[row]));
    } };
  }

  // Colours of runs by a column: by rank for numbers, by word otherwise. `words` are its words, `word(row)` the place of
  // a run's among them, and `colour(row, colours)` what the run is drawn in.
  function painter(name) {
    if (!name) return { words: [], word: function () { return 0; }, colour: function (row, colours) { return colours.c1; } };
    var all = store.values(name), own = measure(name, false);
    if (!own.number) {
      var places = new Map(own.words.map(function (word, at) { return [word, at]; }));
      var word = function (row) {
        var at = places.get(store.text(name, all[row]));
        return at === undefined ? -1 : at;
      };
      return { words: own.words, word: word, colour: function (row, colours) {
        var at = word(row);
        return at < 0 ? colours.muted : colours["c" + (at % 6 + 1)];
      } };
    }
    var rank = canvas.quantiles(rows.map(function (row) { return all[row]; }));
    return { words: null, word: function () { return 0; }, colour: function (row, colours) {
      var share = rank(all[row]);
      return Number.isNaN(share) ? colours.muted : canvas.viridis(share, colours.dark);
    } };
  }

  // The column that a name in the address means.
  function named(name) { return LEDGER.filter.resolve(name, store.has); }

  function parallel() {
    var found = view.read(), goalName = goal(), brushes = new Map(), drag = null, order = [], axes = [], field;
    var usual = columns(false).filter(function (name) { return name.startsWith("params.") && varies(name); }).slice(0, 7).concat(goalName);
    var names = view.list(found.get("cols")).map(named).filter(store.has), paint;
    if (names.length < 2) names = usual;
    view.list(found.get("brush")).forEach(function (text) {
      var part = /^(.*)~([-\d.e+]+)~([-\d.e+]+)$/.exec(text);
      if (part) brushes.set(part[1], [Number(part[2]), Number(part[3])]);
    });
    var logs = new Set(view.list(found.get("log"))), colourBy = named(found.get("colour") || names[names.length - 1]);

    function write() {
      view.write({
        cols: names.join() === usual.join() ? "" : view.text(names),
        log: view.text(Array.from(logs)),
        colour: colourBy === names[names.length - 1] ? "" : colourBy,
        brush: view.text(Array.from(brushes).map(function (pair) { return pair[0] + "~" + pair[1].join("~"); }))
      });
    }
    function compute() {
      axes = names.map(function (name) {
        var own = measure(name, logs.has(name));
        var shares = new Float64Array(store.count);
        rows.forEach(function (row) { shares[row] = own.share(row); });
        return { name: name, own: own, shares: shares };
      });
      var by = store.values(colourBy), sign = store.direction(colourBy) || 1;
      // The best is drawn last, above the others.
      order = rows.slice().sort(function (a, b) {
        var x = by[a], y = by[b];
        if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.isFinite(x) ? 1 : Number.isFinite(y) ? -1 : 0;
        return sign * (x - y);
      });
      paint = painter(colourBy);
      chooser();
      redraw();
    }
    function kept(row) {
      return axes.every(function (axis) {
        var range = brushes.get(axis.name);
        if (!range) return true;
        var share = axis.shares[row];
        return Number.isNaN(share) ? range[0] < 0 : share >= range[0] && share <= range[1];
      });
    }
    function line(context, row, last) {
      axes.forEach(function (axis, at) {
        var share = axis.shares[row], y = Number.isNaN(share) ? field.missing : field.bottom - share * (field.bottom - field.top);
        if (at === 0) context.moveTo(axis.x, y);
        else context.lineTo(axis.x, y);
      });
    }
    function draw(context, width, height, colours) {
      field = { top: 44, bottom: height - 40, missing: height - 14, left: 60, right: width - 60 };
      axes.forEach(function (axis, at) { axis.x = field.left + (field.right - field.left) * (axes.length > 1 ? at / (axes.length - 1) : 0.5); });
      var every = drag ? Math.max(1, Math.floor(order.length / SAMPLE)) : 1, inside = [], outside = [];
      order.forEach(function (row, at) {
        var keep = kept(row);
        if (every > 1 && at % every !== 0) return;
        (keep ? inside : outside).push(row);
      });
      context.lineWidth = 1;
      context.strokeStyle = colours.muted;
      context.globalAlpha = Math.max(0.02, Math.min(0.2, 40 / Math.max(1, outside.length)));
      context.beginPath();
      outside.forEach(function (row, at) {
        line(context, row);
        if (at % 500 === 499) { context.stroke(); context.beginPath(); }
      });
      context.stroke();
      context.globalAlpha = Math.max(0.08, Math.min(0.9, 300 / Math.max(1, inside.length)));
      inside.forEach(function (row) {
        context.strokeStyle = paint.colour(row, colours);
        context.beginPath();
        line(context, row);
        context.stroke();
      });
      context.globalAlpha = 1;
      axes.forEach(function (axis, at) { drawAxis(context, axis, at, colours); });
      if (!drag) words();
    }
    function drawAxis(context, axis, at, colours) {
      context.strokeStyle = colours.ink;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(axis.x + 0.5, field.top);
      context.lineTo(axis.x + 0.5, field.bottom);
      context.stroke();
      var range = brushes.get(axis.name);
      if (range) {
        context.fillStyle = colours.accent;
        context.globalAlpha = 0.3;
        var high = field.bottom - Math.min(1, range[1]) * (field.bottom - field.top);
        var low = range[0] < 0 ? field.missing + 6 : field.bottom - range[0] * (field.bottom - field.top);
        context.fillRect(axis.x - 6, high, 13, low - high);
        context.globalAlpha = 1;
      }
      var write = function (text, x, y) {
        // A rim in the colour of the page keeps text readable over lines.
        context.strokeStyle = colours.paper;
        context.lineWidth = 4;
        context.lineJoin = "round";
        context.strokeText(text, x, y);
        context.fillText(text, x, y);
      };
      var last = at === axes.length - 1, side = last ? -6 : 6;
      context.textAlign = last ? "right" : "left";
      context.textBaseline = "middle";
      context.fillStyle = colours.ink;
      var most = (field.right - field.left) / Math.max(1, axes.length - 1) / 7;
      var short = function (text) { return text.length > most ? text.slice(0, Math.max(4, most - 1)) + "…" : text; };
      (axis.own.number ? axis.own.scale.ticks(5).map(function (value) { return [axis.own.scale.at(value), store.number(value)]; }) :
        axis.own.words.slice(0, 12).map(function (word, place, all) { return [axis.own.words.length > 1 ? place / (axis.own.words.length - 1) : 0.5, word]; }))
        .forEach(function (pair) { write(short(pair[1]), axis.x + side, field.bottom - pair[0] * (field.bottom - field.top)); });
      write("—", axis.x + side, field.missing);
      context.textAlign = at === 0 ? "left" : last ? "right" : "center";
      var edge = at === 0 ? axis.x - 56 : last ? axis.x + 56 : axis.x;
      write(short(store.title(axis.name)) + (axis.own.number && axis.own.scale.log ? " (log)" : ""), edge, at % 2 && axes.length > 5 ? 12 : 28);
    }
    // The ranges as a filter, for the table of runs.
    function asFilter() {
      var parts = filterBox.value.trim() ? ["(" + filterBox.value.trim() + ")"] : [];
      brushes.forEach(function (range, name) {
        var axis = axes.find(function (axis) { return axis.name === name; });
        if (!axis) return;
        var key = LEDGER.filter.name(name);
        if (axis.own.number) {
          if (range[0] >= 0) parts.push(key + " >= " + Number(axis.own.scale.value(range[0]).toPrecision(6)));
          parts.push(key + " <= " + Number(axis.own.scale.value(range[1]).toPrecision(6)));
        } else {
          var inside = axis.own.words.filter(function (word, at) {
            var share = axis.own.words.length > 1 ? at / (axis.own.words.length - 1) : 0.5;
            return share >= range[0] && share <= range[1];
          });
          parts.push(key + " in (" + inside.map(LEDGER.filter.text).join(", ") + ")");
        }
      });
      return parts.join(" and ");
    }
    function words() {
      var inside = order.filter(kept).length, missing = axes.filter(function (axis) {
        return order.some(function (row) { return Number.isNaN(axis.shares[row]); });
      });
      caption.replaceChildren(inside.toLocaleString("en") + " of " + order.length.toLocaleString("en") + " runs inside the ranges, coloured by " +
        store.title(colourBy) + ". Drag along an axis to choose a range, click it to take the range off." +
        (missing.length ? " — at the bottom is a run without the value." : "") + " ");
      if (brushes.size) {
        caption.append(element("a", { href: "../runs/index.html#q=" + encodeURIComponent(asFilter()) }, "these runs as a table"));
      }
    }
    function chooser() {
      var all = columns(false), list = element("ul");
      all.slice(0, 200).forEach(function (name) {
        list.append(element("li", {}, [canvas.tick(name, names.includes(name), function (on) {
          names = on ? names.concat(name) : names.filter(function (other) { return other !== name; });
          if (!names.includes(colourBy)) colourBy = names[names.length - 1] || colourBy;
          brushes.delete(on ? "" : name);
          write();
          compute();
        }), " ", canvas.tick("log", logs.has(name), function (on) {
          if (on) logs.add(name);
          else logs.delete(name);
          brushes.delete(name);
          write();
          compute();
        })]));
      });
      var details = element("details", { className: "chooser", open: note.querySelector("details[open]") !== null }, [
        element("summary", {}, "Axes"), element("div", { className: "choices" }, list)]);
      note.replaceChildren(canvas.choice("colour", all, colourBy, function (name) {
        colourBy = name;
        write();
        compute();
      }), details);
    }
    var surface = canvas.surface(place, "Parallel coordinates of all runs; the caption says how many are inside the ranges", 420, draw);
    var paper = surface.element;
    redraw = surface.redraw;
    function nearest(event) {
      var x = event.clientX - paper.getBoundingClientRect().left;
      var best = axes.reduce(function (best, axis) { return !best || Math.abs(axis.x - x) < Math.abs(best.x - x) ? axis : best; }, null);
      return best && Math.abs(best.x - x) < 24 ? best : null;
    }
    function share(event) {
      var y = event.clientY - paper.getBoundingClientRect().top;
      return y > field.bottom + 10 ? -0.1 : Math.min(1, Math.max(0, (field.bottom - y) / (field.bottom - field.top)));
    }
    paper.addEventListener("pointerdown", function (event) {
      var axis = nearest(event);
      if (!axis) return;
      drag = { axis: axis.name, from: share(event) };
      paper.setPointerCapture(event.pointerId);
    });
    paper.addEventListener("pointermove", function (event) {
      if (!drag) return;
      var to = share(event);
      brushes.set(drag.axis, [Math.min(drag.from, to), Math.max(drag.from, to)]);
      redraw();
    });
    paper.addEventListener("pointerup", function (event) {
      if (!drag) return;
      if (Math.abs(share(event) - drag.from) < 0.01 && drag.from >= 0) brushes.delete(drag.axis);
      else if (drag.from < 0 && share(event) < 0) brushes.set(drag.axis, [-1, -0.05]);
      drag = null;
      write();
      redraw();
    });
    return compute;
  }

  function scatter() {
    var found = view.read(), numbers = columns(true), goalName = goal();
    // Those with the most different values tell the most.
    var count = function (name) { return new Set(store.values(name)).size; };
    var params = numbers.filter(function (name) { return name.startsWith("params.") && varies(name); }).slice(0, 12)
      .sort(function (a, b) { return count(b) - count(a); });
    var known = function (name, usual) { return columns(false).includes(named(name || "")) ? named(name) : usual; };
    var x = known(found.get("x"), params[0] || numbers[0]), y = known(found.get("y"), goalName);
    var colourBy = found.has("colour") ? known(found.get("colour"), "") : params[1] || "";
    var logs = new Set(view.list(found.get("log"))), points = [], here = -1, own, paint;

    function set() {
      view.write({ x: x, y: y, colour: colourBy, log: view.text(Array.from(logs)) });
      controls();
      compute();
    }
    function compute() {
      own = [measure(x, logs.has("x")), measure(y, logs.has("y"))];
      paint = painter(colourBy);
      here = -1;
      redraw();
    }
    function controls() {
      var all = columns(false);
      note.replaceChildren(
        canvas.choice("x", all, x, function (name) { x = name; set(); }), canvas.tick("log x", logs.has("x"), function (on) { toggle("x", on); }),
        canvas.choice("y", all, y, function (name) { y = name; set(); }), canvas.tick("log y", logs.has("y"), function (on) { toggle("y", on); }),
        canvas.choice("colour", [""].concat(all), colourBy, function (name) { colourBy = name; set(); }));
    }
    function toggle(axis, on) {
      if (on) logs.add(axis);
      else logs.delete(axis);
      set();
    }
    function draw(context, width, height, colours) {
      var field = { left: 80, top: 24, right: width - 12, bottom: height - 44 };
      var place = own.map(function (one, at) {
        var from = at ? field.bottom - 8 : field.left + 8, to = at ? field.top + 8 : field.right - 8;
        return one.number ? canvas.scale(one.scale.low, one.scale.high, from, to, one.scale.log) : worded(one, from, to);
      });
      canvas.axes(context, field, place[0], place[1], [store.title(x), store.title(y)], colours);
      var left = 0;
      points = [];
      context.globalAlpha = Math.max(0.25, Math.min(0.9, 2000 / Math.max(1, rows.length)));
      rows.forEach(function (row) {
        var a = own[0].share(row), b = own[1].share(row);
        if (Number.isNaN(a) || Number.isNaN(b)) {
          left++;
          return;
        }
        var px = field.left + 8 + a * (field.right - field.left - 16), py = field.bottom - 8 - b * (field.bottom - field.top - 16);
        points.push([px, py, row]);
        context.fillStyle = paint.colour(row, colours);
        mark(context, px, py, paint.word(row), rows.length > 1000 ? 1 : 1.5);
      });
      context.globalAlpha = 1;
      if (here >= 0 && points[here]) {
        context.strokeStyle = colours.ink;
        context.lineWidth = 2;
        context.strokeRect(points[here][0] - 6, points[here][1] - 6, 12, 12);
      }
      say(left);
    }
    // Words stand at equal distances.
    function worded(one, from, to) {
      return { log: false, at: function (share) { return from + share * (to - from); }, ticks: function () { return []; } };
    }
    // Colour never tells words apart alone: a shape goes with it.
    function mark(context, x, y, shape, size) {
      var corners = function (list) { list.forEach(function (it) { context.lineTo(x + size * it[0], y + size * it[1]); }); };
      if (shape <= 0) return context.fillRect(x - 2 * size, y - 2 * size, 4 * size, 4 * size);
      context.beginPath();
      if (shape % 4 === 1) context.arc(x, y, 2.8 * size, 0, 7);
      else if (shape % 4 === 2) corners([[0, -3.5], [3.2, 2.5], [-3.2, 2.5]]);
      else if (shape % 4 === 3) corners([[0, -3.8], [3.8, 0], [0, 3.8], [-3.8, 0]]);
      else context.rect(x - 3 * size, y - size, 6 * size, 2 * size);
      context.fill();
    }
    function say(left) {
      var text = points.length.toLocaleString("en") + " runs";
      if (left) text += ", " + left.toLocaleString("en") + " without " + (logs.size ? "values above zero" : "both values");
      if (colourBy) text += !paint.words ? "; coloured by the rank of " + store.title(colourBy) + ", dark low and bright high" :
        "; coloured and shaped by " + store.title(colourBy) + ": " + paint.words.slice(0, 12).join(", ");
      caption.replaceChildren(text + ". ");
      if (here < 0 || !points[here]) return;
      var row = points[here][2], value = function (name) { return store.title(name) + " " + store.text(name, store.values(name)[row]); };
      caption.append(element("a", { href: "../" + store.page(row) }, store.label(row) + " " + store.short(row)),
        ": " + [x, y].concat(colourBy || []).map(value).join(", "));
    }
    var surface = canvas.surface(place, "Scatter of all runs; the caption names the one pointed at", 420, draw);
    redraw = surface.redraw;
    function point(event) {
      var box = surface.element.getBoundingClientRect(), best = -1, distance = 400;
      points.forEach(function (one, at) {
        var dx = one[0] - (event.clientX - box.left), dy = one[1] - (event.clientY - box.top);
        if (dx * dx + dy * dy < distance) {
          distance = dx * dx + dy * dy;
          best = at;
        }
      });
      if (best !== here && best >= 0) {
        here = best;
        redraw();
      }
    }
    surface.element.addEventListener("pointermove", point);
    surface.element.addEventListener("click", function () {
      if (here >= 0) location.href = "../" + store.page(points[here][2]);
    });
    surface.element.addEventListener("keydown", function (event) {
      var step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || !points.length) return;
      event.preventDefault();
      here = (here + step + points.length) % points.length;
      redraw();
    });
    controls();
    return compute;
  }

  store.load(holder.dataset.manifest, function (problem) {
    if (problem) return holder.prepend(element("p", { className: "bad", role: "alert" }, problem));
    if (store.count === 0 || caption || !goal()) return;
    filterBox = element("input", { type: "search", value: view.read().get("q") || "", spellcheck: false, ariaLabel: "Filter",
      placeholder: "metrics.r2 > 0.8 and not status = failed", oninput: function () {
        clearTimeout(timer);
        timer = setTimeout(function () {
          choose();
          update();
        }, 100);
      } });
    mistake = element("pre", { className: "mistake", role: "alert", hidden: true });
    note = element("div", { className: "tools" });
    caption = element("p", { className: "quiet" });
    place = element("div");
    holder.prepend(element("section", { id: "all-runs" }, [element("h2", {}, "All runs"), element("div", { className: "tools" }, filterBox),
      mistake, note, place, caption]));
    choose();
    var update = kind === "parallel" ? parallel() : scatter();
    update();
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
  });
})();
