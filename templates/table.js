// The table of all runs: filter, sort, columns, selection, baseline, groups and copies over the data of the site.
// Only the rows in sight are in the page; the whole view stands in the fragment of the address.
(function () {
  "use strict";

  var store = LEDGER.store, view = LEDGER.view, element = LEDGER.element;
  var section = document.getElementById("runs");
  if (!section || !section.dataset.manifest) return;
  var root = "../";
  // Rows above and below those in sight.
  var SPARE = 12;
  // Rows of a print.
  var PRINTED = 1000;

  var state, rows = [], found = 0, groups = null, cursor = -1, rowHeight = 29, printing = false, chosen = new Set();
  var parts = {}, drawn = "", looked = new Map(), varying = new Set();

  // Whether a column tells some of the runs apart.
  function varies(name) {
    var all = store.values(name), first;
    if (looked.get(name) !== all) {
      looked.set(name, all);
      if (all.some(function (value) {
        if (first === undefined) first = value;
        return value !== undefined && value !== first;
      })) varying.add(name);
    }
    return varying.has(name);
  }

  function defaults() {
    var names = new Map(store.columns.map(function (column) { return [column.name, column.rows]; }));
    var some = function (prefix, most, wanted) {
      return store.columns.filter(function (column) {
        return column.name.startsWith(prefix) && !column.ignored && (!wanted || wanted(column.name.slice(prefix.length)));
      }).sort(function (a, b) {
        return store.isGoal(b.name) - store.isGoal(a.name) || varies(b.name) - varies(a.name) || b.rows - a.rows;
      }).slice(0, most).map(function (column) { return column.name; });
    };
    var listed = function (name) { return !/^(train_|fold_|cv_.*_std$)/.test(name); };
    var fixed = ["experiment", "status", "trainer"];
    if (store.experiments.length < 2) fixed.shift();
    return fixed.concat(some("metrics.", 6, listed), names.has("curve") ? "curve" : [], some("params.", 8), ["seed", "started", "took"])
      .filter(function (name) { return names.has(name) || !name.includes("."); });
  }

  function readView() {
    var found = view.read();
    var named = function (name) { return LEDGER.filter.resolve(name, store.has); };
    var cols = view.list(found.get("cols")).map(named), sort = found.get("sort") || "";
    state = {
      q: found.get("q") || "",
      sort: sort[0] === "-" ? "-" + named(sort.slice(1)) : named(sort),
      cols: cols.length ? cols : defaults(),
      own: cols.length > 0,
      group: named(found.get("group") || ""),
      base: store.rowOf(found.get("base") || "")
    };
    chosen = new Set(view.list(found.get("sel")).map(store.rowOf).filter(function (row) { return row >= 0; }));
  }

  function writeView() {
    view.write({
      q: state.q,
      sort: state.sort,
      cols: state.own ? view.text(state.cols) : "",
      group: state.group,
      base: state.base < 0 ? "" : store.short(state.base),
      sel: Array.from(chosen).map(store.short).join(",")
    });
  }

  // Which rows, and in which order.
  function choose() {
    var filter = null;
    parts.mistake.hidden = true;
    parts.filter.removeAttribute("aria-invalid");
    try {
      filter = LEDGER.filter.parse(state.q);
    } catch (mistake) {
      parts.mistake.textContent = mistake.text || String(mistake);
      parts.mistake.hidden = false;
      parts.filter.setAttribute("aria-invalid", "true");
      // The rows stay as they were: a filter half written finds nothing new.
      if (rows.length || groups) return false;
      filter = { condition: null, order: [] };
    }
    var test = LEDGER.filter.matcher(filter, store, store.moment());
    rows = [];
    for (var row = store.count - 1; row >= 0; row--) if (test(row)) rows.push(row);
    groups = null;
    found = rows.length;
    if (state.group) makeGroups();
    else if (state.sort) sortBy(rows, state.sort);
    else if (filter.order.length) rows.sort(LEDGER.filter.sorter(filter.order, store, rows));
    if (!groups && state.base >= 0) {
      rows = rows.filter(function (row) { return row !== state.base; });
      rows.unshift(state.base);
    }
    cursor = Math.min(cursor, rows.length - 1);
    scales();
    return true;
  }

  // The ends of the bars behind metrics that are better one way: nearly all values, so that a few do not flatten the rest.
  function scales() {
    parts.scales = new Map();
    var every = Math.ceil(rows.length / 2000);
    state.cols.forEach(function (name) {
      if (!name.startsWith("metrics.") || !store.direction(name)) return;
      var all = store.values(name), some = [];
      for (var at = 0; at < rows.length; at += every) if (Number.isFinite(all[rows[at]])) some.push(all[rows[at]]);
      some.sort(function (a, b) { return a - b; });
      var low = some[Math.floor(some.length * 0.05)], high = some[Math.ceil(some.length * 0.95) - 1];
      if (high > low) parts.scales.set(name, [low, high]);
    });
  }

  function bar(name, value) {
    var ends = parts.scales.get(name);
    if (!ends || !Number.isFinite(value)) return "";
    var share = Math.min(1, Math.max(0, (value - ends[0]) / (ends[1] - ends[0])));
    return " bar w" + Math.round(1 + 19 * (store.direction(name) > 0 ? share : 1 - share));
  }

  // The shape of a curve, from the letters 0, its lowest value, to z, its highest; a hyphen is a gap.
  function shape(letters, label) {
    var last = letters.length - 1, open = false, path = "";
    Array.from(letters).forEach(function (letter, at) {
      var height = parseInt(letter, 36);
      if (last > 0 && !Number.isNaN(height)) {
        path += (open ? "L" : "M") + Math.floor(1 + at * 78 / last) + " " + (16 - Math.floor(height * 14 / 35));
      }
      open = !Number.isNaN(height);
    });
    var make = function (name, attributes) {
      var made = document.createElementNS("http://www.w3.org/2000/svg", name);
      Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
      return made;
    };
    var drawing = make("svg", { class: "shape", viewBox: "0 0 80 18", width: 80, height: 18, role: "img", "aria-label": "curve of " + label });
    drawing.append(make("path", { d: path }));
    return drawing;
  }

  // Sorts by one column: numbers by size, texts by letters, what is missing last either way.
  function sortBy(list, sort) {
    var descending = sort[0] === "-", name = descending ? sort.slice(1) : sort, all = values(name);
    var texts = [], known = new Map(), sign = descending ? -1 : 1;
    list.forEach(function (row) {
      var value = all[row];
      if (value !== undefined && typeof value !== "number" && !known.has(value)) {
        known.set(value, 0);
        texts.push([store.text(name, value), value]);
      }
    });
    var collator = new Intl.Collator("en", { numeric: true });
    texts.sort(function (a, b) { return collator.compare(a[0], b[0]); });
    texts.forEach(function (pair, at) { known.set(pair[1], at); });
    // Two numbers a row: what it is, then its place among those.
    var kind = new Uint8Array(store.count), place = new Float64Array(store.count);
    list.forEach(function (row) {
      var value = all[row];
      if (value === undefined) kind[row] = 3;
      else if (typeof value !== "number") {
        kind[row] = 1;
        place[row] = sign * known.get(value);
      } else if (Number.isNaN(value)) kind[row] = 2;
      else place[row] = sign * value;
    });
    list.sort(function (a, b) { return kind[a] - kind[b] || (place[a] < place[b] ? -1 : place[a] > place[b] ? 1 : b - a); });
  }

  function values(name) {
    return name === "run" ? store.values("label") : store.values(name);
  }

  function mean(list) {
    var sum = 0;
    list.forEach(function (value) { sum += value; });
    var middle = sum / list.length, squares = 0;
    list.forEach(function (value) { squares += (value - middle) * (value - middle); });
    return { n: list.length, mean: middle, deviation: list.length > 1 ? Math.sqrt(squares / (list.length - 1)) : NaN };
  }

  function makeGroups() {
    var by = values(state.group), found = new Map();
    rows.forEach(function (row) {
      var key = store.text(state.group, by[row]);
      if (!found.has(key)) found.set(key, { key: key, value: by[row], rows: [] });
      found.get(key).rows.push(row);
    });
    groups = Array.from(found.values());
    state.cols.forEach(function (name) {
      if (name === state.group || !isNumber(name)) return;
      var all = values(name);
      groups.forEach(function (group) {
        var numbers = group.rows.map(function (row) { return all[row]; }).filter(Number.isFinite);
        group[" " + name] = numbers.length && name !== "started" && name !== "ended" ? mean(numbers) : null;
      });
    });
    var descending = state.sort[0] === "-", name = descending ? state.sort.slice(1) : state.sort;
    var collator = new Intl.Collator("en", { numeric: true });
    groups.sort(function (a, b) {
      var x = a[" " + name], y = b[" " + name];
      if (x && y) return descending ? y.mean - x.mean : x.mean - y.mean;
      if (x || y) return x ? -1 : 1;
      return (descending && name === state.group ? -1 : 1) * collator.compare(a.key, b.key);
    });
  }

  // The columns that have a mean.
  function groupColumns() {
    return state.cols.filter(function (name) { return name !== state.group && parts.numbers.has(name); });
  }

  function groupText(name, group) {
    var of = group[" " + name];
    if (!of) return "—";
    if (name === "took") return store.span(of.mean / 1e6);
    return store.number(of.mean) + (of.n > 1 ? " ± " + store.number(Number(of.deviation.toPrecision(2))) : "");
  }

  function isNumber(name) {
    if (["started", "ended"].includes(name)) return false;
    if (name.startsWith("metrics.") || ["seed", "took", "duration"].includes(name)) return true;
    var all = store.values(name);
    for (var at = 0; at < all.length; at++) if (all[at] !== undefined) return typeof all[at] === "number";
    return false;
  }

  function cell(name, row) {
    var value = store.values(name)[row], className = parts.numbers.has(name) ? "n" : "", note = null;
    if (name === "status" && value !== "finished") className = "bad";
    if (typeof value === "number" && Number.isNaN(value)) className += " bad";
    var base = state.base >= 0 && state.base !== row && name.includes(".") ? store.values(name)[state.base] : undefined;
    if (Number.isFinite(base) && Number.isFinite(value)) {
      var better = (value - base) * store.direction(name);
      note = element("small", { className: better > 0 ? "good" : better < 0 ? "bad" : "" }, store.signed(value - base));
    } else if (base !== undefined && value !== undefined && typeof value !== "number" && value !== base) {
      note = element("small", {}, "differs");
    }
    if (name === "curve" && value) return element("td", {}, shape(value, store.label(row)));
    className += bar(name, value);
    var content = [store.text(name, value)];
    if (note) content.push(" ", note);
    return element("td", { className: className.trim(), title: String(content[0]).length > 24 ? content[0] : "" }, content);
  }

  function runRow(at) {
    var row = rows[at], label = store.label(row), base = row === state.base;
    var box = element("input", {
      type: "checkbox", checked: chosen.has(row), ariaLabel: "Select " + label + " " + store.short(row),
      onchange: function () { select(row); }
    });
    var link = element("a", { href: root + store.page(row) }, label);
    var head = element("th", { scope: "row", title: label }, [box, " ", link, " ", element("small", {}, store.short(row))]);
    if (store.values("star")[row]) head.append(" ★");
    if (base) head.append(" ", element("strong", {}, "baseline"));
    var line = element("tr", { className: (at === cursor ? "here" : "") + (base ? " base" : "") }, head);
    line.dataset.at = at;
    state.cols.forEach(function (name) { line.append(cell(name, row)); });
    return line;
  }

  function groupRow(at) {
    var group = groups[at];
    var button = element("button", {
      type: "button", title: "Show these runs", onclick: function () { open(group); }
    }, group.key);
    var line = element("tr", {}, [element("th", { scope: "row" }, button), element("td", { className: "n" }, String(group.rows.length))]);
    groupColumns().forEach(function (name) { line.append(element("td", { className: "n" }, groupText(name, group))); });
    return line;
  }

  // The runs of one group, by a filter.
  function open(group) {
    var key = LEDGER.filter.name(state.group), value = group.value;
    var test = value === undefined ? key + " is null" : key + " = " + (typeof value === "number" ? String(value) :
      LEDGER.filter.text(Array.isArray(value) ? value[0] : store.text(state.group, value)));
    var ordered = /\border\s+by\b/i.test(state.q);
    state.q = state.q.trim() && !ordered ? "(" + state.q.trim() + ") and " + test : test;
    state.group = parts.group.value = "";
    parts.filter.value = state.q;
    refresh(true);
  }

  function drawHead() {
    parts.numbers = new Set(state.cols.filter(isNumber));
    var head = function (name, title, className) {
      var sorted = state.sort.replace(/^-/, "") === name;
      var button = element("button", { type: "button", onclick: function () { sortOn(name); } }, title);
      var direction = store.direction(name);
      var cell = element("th", { scope: "col", className: className || "", title: name }, button);
      if (direction) cell.append(" ", element("small", {}, direction > 0 ? "higher is better" : "lower is better"));
      if (sorted) cell.setAttribute("aria-sort", state.sort[0] === "-" ? "descending" : "ascending");
      return cell;
    };
    var line = element("tr", {}, groups ? [head(state.group, store.title(state.group)), element("th", { scope: "col", className: "n" }, "runs")] : head("run", "run"));
    (groups ? groupColumns() : state.cols).forEach(function (name) {
      line.append(head(name, store.title(name), parts.numbers.has(name) ? "n" : ""));
    });
    parts.head.replaceChildren(line);
  }

  function count() { return groups ? groups.length : rows.length; }

  // Draws the rows in sight; `force` when what they show has changed.
  function draw(force) {
    var top = parts.scroll.scrollTop, height = parts.scroll.clientHeight || 600;
    var first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
    var last = Math.min(count(), Math.ceil((top + height) / rowHeight) + SPARE);
    if (printing) {
      first = 0;
      last = Math.min(count(), PRINTED);
    }
    var key = first + " " + last;
    if (!force && key === drawn) return;
    drawn = key;
    var focused = document.activeElement && parts.body.contains(document.activeElement) &&
      document.activeElement.closest("tr").dataset.at;
    var kind = focused && document.activeElement.tagName;
    var lines = [];
    for (var at = first; at < last; at++) lines.push(groups ? groupRow(at) : runRow(at));
    parts.body.replaceChildren.apply(parts.body, lines);
    parts.above.style.height = first * rowHeight + "px";
    parts.below.style.height = (count() - last) * rowHeight + "px";
    parts.above.parentNode.hidden = first === 0;
    parts.below.parentNode.hidden = last === count();
    parts.table.setAttribute("aria-rowcount", count() + 1);
    if (focused) {
      var again = parts.body.querySelector("tr[data-at=\"" + focused + "\"] " + (kind === "INPUT" ? "input" : "a"));
      if (again) again.focus({ preventScroll: true });
    }
  }

  function words() {
    var text = found.toLocaleString("en") + " of " + store.count.toLocaleString("en") + " runs";
    if (groups) text += " in " + groups.length.toLocaleString("en") + " groups, mean ± standard deviation";
    if (chosen.size) text += " · " + chosen.size + " selected";
    parts.count.textContent = text;
    parts.compare.hidden = !section.dataset.compare;
    parts.compare.disabled = chosen.size + (state.base >= 0 && !chosen.has(state.base) ? 1 : 0) < 2;
    parts.clear.hidden = chosen.size === 0 && state.base < 0;
  }

  function refresh(top) {
    if (choose()) {
      if (top) parts.scroll.scrollTop = 0;
      drawHead();
      draw(true);
      var line = parts.body.rows[0];
      if (line && line.offsetHeight && Math.abs(line.getBoundingClientRect().height - rowHeight) > 0.01) {
        rowHeight = line.getBoundingClientRect().height;
        draw(true);
      }
    }
    words();
    writeView();
  }

  function sortOn(name) {
    // Numbers that are better when larger come largest first.
    var first = parts.numbers.has(name) && store.direction(name) >= 0 ? "-" : "", other = first ? "" : "-";
    state.sort = state.sort === first + name ? other + name : state.sort === other + name ? "" : first + name;
    refresh(true);
    var again = Array.from(parts.head.rows[0].cells).find(function (cell) { return cell.title === name; });
    if (again) again.querySelector("button").focus();
  }

  function select(row) {
    if (!chosen.delete(row)) chosen.add(row);
    draw(true);
    words();
    writeView();
  }

  function baseline(row) {
    state.base = state.base === row ? -1 : row;
    refresh(false);
  }

  function compare() {
    var ids = Array.from(chosen);
    if (state.base >= 0 && !chosen.has(state.base)) ids.unshift(state.base);
    if (ids.length < 2 || !section.dataset.compare) return;
    location.href = section.dataset.compare + "#ids=" + ids.map(store.short).join(",") +
      (state.base >= 0 ? "&base=" + store.short(state.base) : "");
  }

  function copyRows() {
    var names = groups ? groupColumns() : state.cols;
    if (groups) {
      return [[state.group, "runs"].concat(names)].concat(groups.map(function (group) {
        return [group.key, String(group.rows.length)].concat(names.map(function (name) { return groupText(name, group); }));
      }));
    }
    return [["run", "id"].concat(names)].concat(rows.map(function (row) {
      return [store.label(row), store.values("id")[row]].concat(names.map(function (name) {
        return store.exact(name, store.values(name)[row]);
      }));
    }));
  }

  function move(step) {
    if (groups || rows.length === 0) return;
    cursor = Math.max(0, Math.min(rows.length - 1, cursor + step));
    var top = cursor * rowHeight, seen = parts.scroll.clientHeight - parts.head.offsetHeight - rowHeight;
    if (top < parts.scroll.scrollTop) parts.scroll.scrollTop = top;
    if (top > parts.scroll.scrollTop + seen) parts.scroll.scrollTop = top - seen;
    draw(true);
    var link = parts.body.querySelector("tr.here a");
    if (link) link.focus({ preventScroll: true });
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    var at = event.target;
    if (event.key === "Escape" && at === parts.filter) return parts.filter.blur();
    if (/^(TEXTAREA|SELECT)$/.test(at.tagName) || (at.tagName === "INPUT" && at.type !== "checkbox")) return;
    var here = rows[cursor];
    var does = {
      "/": function () { parts.filter.focus(); },
      j: function () { move(1); },
      k: function () { move(-1); },
      x: function () { if (here !== undefined && !groups) select(here); },
      b: function () { if (here !== undefined && !groups) baseline(here); },
      c: compare,
      "?": function () { parts.help.showModal(); }
    };
    if (event.key === "Enter" && at === document.body && here !== undefined && !groups) does.Enter = function () {
      location.href = root + store.page(here);
    };
    if (!Object.prototype.hasOwnProperty.call(does, event.key) || parts.help.open) return;
    event.preventDefault();
    does[event.key]();
  }

  // The chooser: every column of the ledger, those in the table ticked.
  function fillColumns() {
    var own = ["experiment", "spec", "status", "cause", "trainer", "seed", "started", "ended", "took", "description", "note",
      "host", "commit", "data", "target", "star", "curve", "curves"];
    var names = own.concat(store.columns.map(function (column) { return column.name; })
      .filter(function (name) { return name.includes("."); }));
    var list = element("ul");
    var draw = function () {
      var wanted = search.value.toLowerCase(), found = names.filter(function (name) { return name.toLowerCase().includes(wanted); });
      list.replaceChildren.apply(list, found.slice(0, 200).map(function (name) {
        var box = element("input", { type: "checkbox", checked: state.cols.includes(name), onchange: function () {
          state.cols = box.checked ? state.cols.concat(name) : state.cols.filter(function (other) { return other !== name; });
          state.own = true;
          refresh(false);
        } });
        return element("li", {}, element("label", {}, [box, " ", name]));
      }));
      if (found.length > 200) list.append(element("li", {}, (found.length - 200) + " more: search"));
    };
    var search = element("input", { type: "search", placeholder: "name of a column", ariaLabel: "Search columns", oninput: draw });
    var usual = element("button", { type: "button", onclick: function () {
      state.cols = defaults();
      state.own = false;
      draw();
      refresh(false);
    } }, "as usual");
    draw();
    parts.columns.replaceChildren(element("summary", {}, "Columns"), element("div", { className: "choices" }, [search, " ", usual, list]));
    var groupable = ["experiment", "spec", "status", "trainer", "target", "data", "host"].concat(
      names.filter(function (name) { return /^(params|tags)\./.test(name); }));
    parts.group.replaceChildren(element("option", { value: "" }, "no groups"));
    groupable.forEach(function (name) { parts.group.append(element("option", { value: name }, name)); });
    if (state.group && !groupable.includes(state.group)) parts.group.append(element("option", { value: state.group }, state.group));
    parts.group.value = state.group;
  }

  // The view as a table of ledger.toml, which keeps it on the site.
  function asToml() {
    var text = function (value) { return JSON.stringify(value).replace(/\u007f/g, "\\u007f"); };
    var list = function (values) { return "[" + values.map(text).join(", ") + "]"; };
    var lines = ["[[view]]", "name = \"a name for it\""];
    [["filter", state.q.trim()], ["sort", state.sort], ["group", state.group], ["baseline", state.base < 0 ? "" : store.short(state.base)]]
      .forEach(function (pair) { if (pair[1]) lines.push(pair[0] + " = " + text(pair[1])); });
    if (state.own) lines.push("columns = " + list(state.cols));
    if (chosen.size) lines.push("runs = " + list(Array.from(chosen).map(store.short)));
    return lines.join("\n") + "\n";
  }

  // The views that the ledger keeps, as the page lists them below, and how to keep this one.
  function views() {
    var links = Array.from(document.querySelectorAll("#views tbody th a"), function (link) {
      return element("li", {}, element("a", { href: link.hash }, link.textContent));
    });
    var keep = element("button", { type: "button", ariaLabel: "Copy as view", onclick: function (event) {
      LEDGER.copy(asToml(), event.currentTarget);
    } }, "copy this view for ledger.toml");
    return element("details", { className: "chooser" }, [element("summary", {}, "Views"),
      element("div", { className: "choices" }, [element("ul", {}, links), keep])]);
  }

  function build() {
    var timer = 0;
    parts.filter = element("input", {
      type: "search", value: state.q, spellcheck: false, autocomplete: "off", ariaLabel: "Filter",
      placeholder: "metrics.r2 > 0.8 and not status = failed",
      oninput: function () {
        clearTimeout(timer);
        timer = setTimeout(function () {
          state.q = parts.filter.value;
          refresh(true);
        }, store.count > 20000 ? 150 : 0);
      }
    });
    parts.group = element("select", { ariaLabel: "Group by", onchange: function () {
      state.group = parts.group.value;
      refresh(true);
    } });
    parts.columns = element("details", { className: "chooser" });
    parts.compare = element("button", { type: "button", onclick: compare }, "Compare");
    parts.clear = element("button", { type: "button", onclick: function () {
      chosen.clear();
      state.base = -1;
      refresh(false);
    } }, "Select none");
    var copy = function (name, form) {
      return element("button", { type: "button", ariaLabel: "Copy as " + name, onclick: function (event) {
        LEDGER.copy(LEDGER.table[form](copyRows()), event.currentTarget);
      } }, name);
    };
    parts.count = element("span", { role: "status" });
    parts.mistake = element("pre", { className: "mistake", role: "alert", hidden: true });
    parts.head = element("thead");
    parts.body = element("tbody");
    parts.above = element("td", { colSpan: 1000 });
    parts.below = element("td", { colSpan: 1000 });
    var spacer = function (cell) { return element("tbody", { ariaHidden: "true", className: "space" }, element("tr", {}, cell)); };
    parts.table = element("table", { ariaLabel: "Runs" }, [parts.head, spacer(parts.above), parts.body, spacer(parts.below)]);
    parts.scroll = element("div", { className: "scroll grid", role: "region", ariaLabel: "Runs", tabIndex: 0, onscroll: function () {
      requestAnimationFrame(function () { draw(false); });
    } }, parts.table);
    parts.body.addEventListener("click", function (event) {
      var line = event.target.closest("tr");
      if (line && line.dataset.at && !event.target.closest("a, input, button")) {
        cursor = Number(line.dataset.at);
        draw(true);
      }
    });
    parts.help = element("dialog", { ariaLabel: "Keys" }, [element("table", {}, element("tbody", {}, [
      ["/", "filter"], ["j k", "next and previous run"], ["x", "select"], ["b", "baseline"], ["c", "compare what is selected"],
      ["Enter", "open the run"], ["?", "these keys"]
    ].map(function (pair) {
      return element("tr", {}, [element("th", { scope: "row" }, element("kbd", {}, pair[0])), element("td", {}, pair[1])]);
    }))), element("button", { type: "button", onclick: function () { parts.help.close(); } }, "Close")]);
    var tools = element("div", { className: "tools" }, [parts.filter, parts.group, parts.columns, views(), parts.compare]);
    var keys = element("button", { type: "button", onclick: function () { parts.help.showModal(); } }, "keys");
    var line = element("p", { className: "quiet tools" }, [parts.count, " · copy as ", copy("CSV", "csv"), " ", copy("Markdown", "markdown"),
      " ", copy("HTML", "html"), " · ", keys, " ", parts.clear]);
    section.replaceChildren(tools, parts.mistake, line, parts.scroll, parts.help);
    document.addEventListener("keydown", key);
    ["beforeprint", "afterprint"].forEach(function (name) {
      addEventListener(name, function () {
        printing = name === "beforeprint";
        draw(true);
      });
    });
    addEventListener("resize", function () { draw(true); });
    addEventListener("hashchange", function () {
      readView();
      parts.filter.value = state.q;
      fillColumns();
      refresh(true);
    });
    var summary = document.getElementById("summary");
    if (summary) summary.hidden = true;
  }

  store.load(section.dataset.manifest, function (problem) {
    if (problem) {
      // The rows that came with the page stay.
      section.prepend(element("p", { className: "bad", role: "alert" }, problem));
      return;
    }
    if (!parts.filter) {
      readView();
      build();
    }
    fillColumns();
    refresh(false);
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
  });
})();
