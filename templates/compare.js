// Chosen runs side by side: what differs, with signed differences to the baseline, and commands to copy.
(function () {
  "use strict";

  var store = LEDGER.store, view = LEDGER.view, element = LEDGER.element;
  var holder = document.querySelector("#sections[data-manifest]"), own = document.getElementById("compare");
  if (!holder || !own) return;
  var section = own.parentNode;
  var root = "../", MOST = 24, started = false;
  var ATTRIBUTES = ["experiment", "spec", "status", "cause", "trainer", "seed", "target", "data", "data_digest", "commit",
    "host", "started", "took", "description", "note"];

  // The runs of the fragment, the baseline first.
  function chosen() {
    var found = view.read(), unknown = [], rows = [];
    var base = store.rowOf(found.get("base") || "");
    view.list(found.get("ids")).forEach(function (id) {
      var row = store.rowOf(id);
      if (row < 0) unknown.push(id);
      else if (!rows.includes(row)) rows.push(row);
    });
    if (base >= 0) rows = [base].concat(rows.filter(function (row) { return row !== base; }));
    return { rows: rows.slice(0, MOST), left: Math.max(0, rows.length - MOST), base: base, unknown: unknown,
      all: found.get("diff") === "0", ignored: found.get("ignored") === "1" };
  }

  function same(a, b) { return a === b || (Number.isNaN(a) && Number.isNaN(b)) || JSON.stringify(a) === JSON.stringify(b); }

  function lines(rows, all, ignored) {
    var names = ["metrics.", "params.", "tags.", "versions."].flatMap(function (kind) {
      return store.columns.filter(function (column) { return column.name.startsWith(kind) && (ignored || !column.ignored); })
        .map(function (column) { return column.name; });
    }).concat(ATTRIBUTES);
    return names.map(function (name) {
      var values = rows.map(function (row) { return store.values(name)[row]; });
      // Times differ where people see it.
      var seen = /^(started|took)$/.test(name) ? values.map(function (value) { return store.text(name, value); }) : values;
      return { name: name, values: values, differs: seen.some(function (value) { return !same(value, seen[0]); }) };
    }).filter(function (line) {
      return (all || line.differs) && line.values.some(function (value) { return value !== undefined; });
    });
  }

  function cell(line, at, base) {
    var value = line.values[at], first = line.values[0], name = line.name;
    var long = /^(commit|data_digest)$/.test(name) && value ? value.slice(0, 10) : store.text(name, value);
    var content = [long], className = "wrap";
    if (typeof value === "number" && !/^(started|ended)$/.test(name)) className = "n";
    if (Number.isNaN(value)) className += " bad";
    if (base >= 0 && at > 0 && !same(value, first) && !/^(started|took)$/.test(name)) {
      var numbers = Number.isFinite(value) && Number.isFinite(first) && (name.includes(".") || name === "seed");
      var better = numbers ? (value - first) * store.direction(name) : 0;
      content.push(" ", element("small", { className: better > 0 ? "good" : better < 0 ? "bad" : "" },
        numbers ? store.signed(value - first) : "differs"));
    }
    return element("td", { className: className }, content);
  }

  function table(rows, found, base) {
    var head = element("tr", {}, element("th", { scope: "col" }, "what"));
    rows.forEach(function (row) {
      var label = store.label(row);
      var cell = element("th", { scope: "col" }, [
        element("a", { href: root + store.page(row) }, label), " ", element("small", {}, store.short(row))
      ]);
      if (row === base) cell.append(element("strong", {}, "baseline"));
      else cell.append(element("button", { type: "button", ariaLabel: label + " as baseline", onclick: function () { change(rows, row); } }, "as baseline"));
      cell.append(" ", element("button", { type: "button", ariaLabel: "leave out " + label, onclick: function () {
        var rest = rows.filter(function (other) { return other !== row; });
        change(rest, row === base ? -1 : base);
      } }, "leave out"));
      head.append(cell);
    });
    var kind = "", body = element("tbody");
    found.forEach(function (line) {
      var own = (/^(metrics|params|tags|versions)(?=\.)/.exec(line.name) || ["attributes"])[0];
      if (own !== kind) {
        kind = own;
        body.append(element("tr", { className: "kind" }, [element("th", { scope: "rowgroup" }, own)].concat(
          rows.map(function () { return element("td"); }))));
      }
      var direction = store.direction(line.name);
      var name = element("th", { scope: "row", className: line.differs ? "differs" : "" }, store.title(line.name));
      if (direction) name.append(" ", element("small", {}, direction > 0 ? "higher is better" : "lower is better"));
      body.append(element("tr", {}, [name].concat(rows.map(function (row, at) { return cell(line, at, base); }))));
    });
    return element("div", { className: "scroll", role: "region", ariaLabel: "Comparison", tabIndex: 0 },
      element("table", { className: "matrix", ariaLabel: "Comparison" }, [element("thead", {}, head), body]));
  }

  function change(rows, base) {
    view.write({ ids: rows.map(store.short).join(","), base: base < 0 ? "" : store.short(base) });
    draw();
  }

  function commands(rows, base) {
    var ids = rows.map(store.short);
    var list = ["fairledger diff " + ids.join(" ") + (base >= 0 ? " --baseline " + store.short(base) : "")];
    var commits = Array.from(new Set(rows.map(function (row) { return store.values("commit")[row]; })
      .filter(function (commit) { return /^[0-9a-f]{7,64}$/.test(commit || ""); })));
    if (commits.length === 2) list.push("git diff " + commits[0] + " " + commits[1]);
    return element("ul", { className: "commands" }, list.map(function (text) {
      return element("li", {}, [element("code", {}, text), element("button", {
        type: "button", ariaLabel: "Copy the command " + text, onclick: function (event) { LEDGER.copy(text, event.currentTarget); }
      }, "copy")]);
    }));
  }

  function draw() {
    var now = chosen(), heading = element("h2", { id: "compare" }, "What differs");
    if (now.rows.length < 2) {
      section.replaceChildren(element("h2", { id: "compare" }, "Any runs"), element("p", {}, [
        "Choose runs in ", element("a", { href: root + "runs/index.html" }, "the table of all runs"),
        " and press Compare; they are compared here."]));
      if (now.unknown.length) section.append(element("p", { className: "bad" }, "No run of this ledger: " + now.unknown.join(", ")));
      return;
    }
    var found = lines(now.rows, now.all, now.ignored);
    var option = function (checked, text, write) {
      var box = element("input", { type: "checkbox", checked: checked, onchange: function () {
        view.write(write(box.checked));
        draw();
      } });
      return element("label", {}, [box, " " + text]);
    };
    var options = [option(!now.all, "differences only", function (checked) { return { diff: checked ? "" : "0" }; })];
    if (store.columns.some(function (column) { return column.ignored; })) {
      options.push(" ", option(now.ignored, "also what ledger.toml ignores", function (checked) { return { ignored: checked ? "1" : "" }; }));
    }
    var rows = function () {
      return [["what"].concat(now.rows.map(function (row) { return store.label(row) + " " + store.short(row); }))]
        .concat(found.map(function (line) {
          return [line.name].concat(line.values.map(function (value) { return store.exact(line.name, value); }));
        }));
    };
    var copies = [["CSV", "csv"], ["Markdown", "markdown"], ["HTML", "html"]].flatMap(function (pair) {
      return [" ", element("button", { type: "button", ariaLabel: "Copy as " + pair[0], onclick: function (event) {
        LEDGER.copy(LEDGER.table[pair[1]](rows()), event.currentTarget);
      } }, pair[0])];
    });
    var back = root + "runs/index.html#sel=" + now.rows.map(store.short).join(",") + (now.base >= 0 ? "&base=" + store.short(now.base) : "");
    var tools = element("p", { className: "quiet tools" }, options.concat(" · copy as", copies, [" · ", element("a", { href: back }, "change the runs")]));
    var curves = document.getElementById("curves") || element("div", { id: "curves" });
    section.replaceChildren(heading, tools, table(now.rows, found, now.base));
    if (found.length === 0) section.append(element("p", {}, "Nothing differs."));
    if (now.unknown.length) section.append(element("p", { className: "bad" }, "No run of this ledger: " + now.unknown.join(", ")));
    if (now.left) section.append(element("p", { className: "quiet" }, now.left + " more runs are left out."));
    section.append(commands(now.rows, now.base), curves);
    if (LEDGER.curves) LEDGER.curves(curves, now.rows, root);
  }

  store.load(holder.dataset.manifest, function (problem) {
    if (problem) return section.prepend(element("p", { className: "bad", role: "alert" }, problem));
    // Before the runs are there, no address finds one.
    if (!started) addEventListener("hashchange", draw);
    started = true;
    draw();
    document.documentElement.dataset.ready = String(Math.round(performance.now()));
  });
})();
