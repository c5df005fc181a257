// The runs of the ledger for the scripts of a page: `site/data/` loaded as classic scripts and read by column.
var LEDGER = window.LEDGER || {};
(function () {
  "use strict";

  var chunks = [], columns = new Map(), known = false, address, haystacks = [];
  var store = { count: 0, columns: [], experiments: [], timeZone: "UTC", ready: false };

  function load(file, done) {
    var script = document.createElement("script");
    script.src = file;
    script.onload = script.onerror = function (event) {
      script.remove();
      done(event.type === "error" ? file : "");
    };
    document.head.appendChild(script);
  }

  // Loads several files at once; `done` gets those that are missing.
  function loadAll(files, done) {
    var left = files.length, missing = [];
    if (left === 0) return done(missing);
    files.forEach(function (file) {
      load(file, function (lost) {
        if (lost) missing.push(lost);
        if (--left === 0) done(missing);
      });
    });
  }

  LEDGER.manifest = function (head, files, names, experiments) {
    if (head.format !== 1) return;
    store.count = head.rows;
    store.timeZone = head.time_zone || "UTC";
    store.columns = names;
    store.experiments = experiments;
    direct();
    var first = 0;
    chunks = files.map(function (file) {
      var chunk = { first: first, rows: file.rows, columns: new Map(), file: file };
      first += file.rows;
      return chunk;
    });
    known = true;
  };

  LEDGER.runs = LEDGER.more = function (number, rows, list) {
    var chunk = chunks[number - 1];
    if (chunk && chunk.rows === rows) list.forEach(function (column) { chunk.columns.set(column.name, column); });
  };

  function folder(file, hash) { return address.replace(/manifest\.js.*$/, "") + file + "?v=" + hash; }

  // Loads the runs; `done(error)` when they can be read, again when columns that few runs have came later.
  store.load = function (manifest, done) {
    address = manifest;
    load(manifest, function (lost) {
      if (lost || !known) return done("the data of the runs cannot be read: " + manifest);
      var files = chunks.map(function (chunk) { return folder(chunk.file.file, chunk.file.hash); });
      loadAll(files, function (missing) {
        if (missing.length) return done("the data of the runs cannot be read: " + missing[0]);
        store.ready = true;
        done("");
        var more = chunks.filter(function (chunk) { return chunk.file.more; });
        more = more.map(function (chunk) { return folder(chunk.file.more.file, chunk.file.more.hash); });
        if (more.length) {
          loadAll(more, function () {
            columns.clear();
            haystacks = [];
            done("");
          });
        }
      });
    });
  };

  // The values of a chunk's column, put at their rows of the whole.
  function fill(all, first, rows, column) {
    if ("same" in column) return void all.fill(column.same, first, first + rows);
    var items = column.numbers || column.texts || column.values, special = column.special;
    for (var at = 0; at < items.length; at++) {
      var item = items[at];
      if (item !== null && column.words) item = column.words[item];
      else if (item === null && special && special[at] !== undefined) item = Number(special[at]);
      if (item !== null) all[first + (column.rows ? column.rows[at] : at)] = item;
    }
  }

  // All values of a column by row, undefined where a run has none.
  store.values = function (name) {
    var all = columns.get(name);
    if (all) return all;
    all = new Array(store.count).fill(undefined);
    chunks.forEach(function (chunk) {
      var column = chunk.columns.get(name);
      if (column) fill(all, chunk.first, chunk.rows, column);
    });
    if (name === "duration") {
      store.values("took").forEach(function (took, row) { if (took !== undefined) all[row] = took / 1e6; });
    }
    if (name === "ended") {
      store.values("took").forEach(function (took, row) { all[row] = store.values("started")[row] + took; });
    }
    columns.set(name, all);
    return all;
  };

  store.has = function (name) {
    return store.columns.some(function (column) { return column.name === name; });
  };

  store.column = function (name) {
    var all = store.values(name);
    return function (row) { return all[row]; };
  };

  // What people wrote about a run, in lower case, for words in a filter.
  store.haystack = function (row) {
    if (haystacks[row] !== undefined) return haystacks[row];
    var parts = ["label", "experiment", "spec", "description", "note"].map(function (name) {
      return [].concat(store.values(name)[row] || "").join("\0");
    });
    store.columns.forEach(function (column) {
      if (!column.name.startsWith("tags.")) return;
      var value = store.values(column.name)[row];
      if (value !== undefined) parts.push(column.name.slice(5), value);
    });
    return (haystacks[row] = parts.join("\0").toLowerCase());
  };

  store.moment = function () { return { now: Date.now() * 1000, timeZone: store.timeZone }; };
  store.short = function (row) { return store.values("id")[row].slice(0, 10); };
  store.page = function (row) {
    var id = store.values("id")[row];
    return "r/" + id.slice(0, 2) + "/" + id + "/index.html";
  };
  store.label = function (row) { return store.values("label")[row] || store.short(row); };
  store.rowOf = function (start) {
    if (!/^[0-9a-f]{4,32}$/.test(start)) return -1;
    return store.values("id").findIndex(function (id) { return id.startsWith(start); });
  };

  // 1 where larger is better, -1 where smaller is, 0 where the ledger does not say: by the goals, then by the name.
  var directions = new Map();
  function sign(word) { return word === "maximize" ? 1 : word === "minimize" ? -1 : 0; }
  store.direction = function (name) { return directions.get(name) || 0; };
  store.isGoal = function (name) {
    return store.experiments.some(function (experiment) { return "metrics." + experiment.metric === name; });
  };
  function direct() {
    store.columns.forEach(function (column) { directions.set(column.name, sign(column.direction)); });
    var goals = new Map();
    store.experiments.forEach(function (experiment) {
      var name = "metrics." + experiment.metric, own = sign(experiment.direction);
      goals.set(name, goals.has(name) && goals.get(name) !== own ? 0 : own);
    });
    goals.forEach(function (own, name) { directions.set(name, own); });
  }

  // The name of a column for people: without its kind.
  store.title = function (name) {
    return name.replace(/^(metrics|params|tags)\./, "");
  };

  // A number for people: six significant digits at most, a true minus.
  store.number = function (value) {
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    var size = Math.abs(value), text;
    if (Number.isInteger(value) && size < 1e9) text = String(value);
    else text = size !== 0 && (size < 1e-4 || size >= 1e9) ? Number(value.toPrecision(4)).toExponential() : String(Number(value.toPrecision(6)));
    return text.replace("-", "−");
  };
  store.signed = function (value) {
    if (value === 0) return "±0";
    var rounded = Number(value.toPrecision(3));
    var text = Math.abs(rounded) < 1e7 ? store.number(rounded) : rounded.toExponential().replace("-", "−");
    return (rounded > 0 ? "+" : "") + text;
  };
  store.minute = function (microseconds) {
    return new Date(Math.floor(microseconds / 1000)).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  };
  store.span = function (seconds) {
    if (seconds < 1) return Math.round(seconds * 1000) + " ms";
    if (seconds < 60) return store.number(Number(seconds.toPrecision(3))) + " s";
    return seconds < 3600 ? (seconds / 60).toFixed(1) + " min" : (seconds / 3600).toFixed(1) + " h";
  };

  // A value of a column for people.
  store.text = function (name, value) {
    if (value === undefined || value === null) return "—";
    if (name === "started" || name === "ended") return store.minute(value);
    if (name === "took") return store.span(value / 1e6);
    if (name === "duration") return store.span(value);
    if (typeof value === "number") return store.number(value);
    if (Array.isArray(value)) return value.join(", ");
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
  // The same with nothing rounded, for copies.
  store.exact = function (name, value) {
    if (value === undefined || value === null) return "";
    if (name === "started" || name === "ended") return new Date(Math.floor(value / 1000)).toISOString();
    if (name === "took") return String(value / 1e6);
    return Array.isArray(value) ? value.join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value);
  };

  // The view in the fragment of the address: a list of [key, value], unknown ones kept.
  LEDGER.view = {
    read: function () {
      var view = new Map();
      var text = location.hash.slice(1);
      if (!text.includes("=")) return view;
      text.split("&").forEach(function (part) {
        var at = part.indexOf("=");
        if (at < 0) at = part.length;
        try {
          view.set(decodeURIComponent(part.slice(0, at)), decodeURIComponent(part.slice(at + 1).replace(/\+/g, " ")));
        } catch (broken) {
          // A broken escape says nothing.
        }
      });
      return view;
    },
    write: function (changes) {
      var view = LEDGER.view.read();
      Object.keys(changes).forEach(function (key) {
        if (changes[key]) view.set(key, changes[key]);
        else view.delete(key);
      });
      var parts = [];
      view.forEach(function (value, key) { parts.push(encodeURIComponent(key) + "=" + encodeURIComponent(value)); });
      var hash = parts.join("&").replace(/%2C/g, ",").replace(/%3A/g, ":");
      if (hash === location.hash.slice(1)) return;
      if (!hash && !location.hash.includes("=")) return;
      history.replaceState(null, "", location.pathname + location.search + (hash ? "#" + hash : ""));
    },
    list: function (text) {
      if (!text) return [];
      return text.split(",").map(function (part) {
        try { return decodeURIComponent(part); } catch (broken) { return part; }
      });
    },
    text: function (names) {
      return names.map(function (name) { return name.replace(/[%,]/g, encodeURIComponent); }).join(",");
    }
  };

  // An element with attributes or properties, and what is in it; texts stay texts.
  LEDGER.element = function (name, properties, children) {
    var element = document.createElement(name);
    Object.keys(properties || {}).forEach(function (key) {
      var value = properties[key];
      if (key.startsWith("aria")) element.setAttribute("aria-" + key.slice(4).toLowerCase(), value);
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else if (key in element && key !== "list") element[key] = value;
      else if (value !== null && value !== undefined) element.setAttribute(key, value);
    });
    [].concat(children === undefined ? [] : children).forEach(function (child) { element.append(child); });
    return element;
  };

  // Puts text where other programs find it; where that is not allowed, selects it for the person to copy.
  LEDGER.copy = function (text, button) {
    var before = button.textContent;
    var say = function (word) {
      button.textContent = word;
      setTimeout(function () { button.textContent = before; }, 1500);
    };
    // Pages without a secure origin have no clipboard.
    (navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject()).then(function () { say("copied"); }, function () {
      var area = LEDGER.element("textarea", { value: text, ariaLabel: "The copy" });
      document.body.append(area);
      area.select();
      say(document.execCommand("copy") ? "copied" : "not allowed here");
      area.remove();
    });
  };

  // A table as CSV, Markdown or HTML; `rows` are lists of texts, the first the names.
  LEDGER.table = {
    csv: function (rows) {
      var cell = function (text) { return /[",\r\n]/.test(text) ? "\"" + text.replace(/"/g, "\"\"") + "\"" : text; };
      return rows.map(function (row) { return row.map(cell).join(","); }).join("\n") + "\n";
    },
    markdown: function (rows) {
      var cell = function (text) {
        return text.replace(/[\\|`*_<>\[\]]/g, "\\$&").replace(/[\r\n]+/g, " ");
      };
      var line = function (row) { return "| " + row.map(cell).join(" | ") + " |"; };
      var rule = "|" + rows[0].map(function () { return "---|"; }).join("");
      return [line(rows[0]), rule].concat(rows.slice(1).map(line)).join("\n") + "\n";
    },
    html: function (rows) {
      var table = document.createElement("table");
      var head = table.createTHead().insertRow(), body = table.createTBody();
      rows[0].forEach(function (text) { head.append(LEDGER.element("th", {}, text)); });
      rows.slice(1).forEach(function (row) {
        var line = body.insertRow();
        row.forEach(function (text) { line.insertCell().textContent = text; });
      });
      return table.outerHTML + "\n";
    }
  };

  LEDGER.store = store;
})();
