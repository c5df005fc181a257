// Adds to pages that are complete without it: tables that sort, commands that copy themselves.
(function () {
  "use strict";

  // What a cell sorts by: its own text without the quiet words behind it.
  function key(row, index) {
    var cell = row.cells[index].cloneNode(true);
    cell.querySelectorAll("small").forEach(function (small) { small.remove(); });
    var text = cell.textContent.trim();
    var plain = text.replace("−", "-").replace("∞", "Infinity").replace("±", "");
    var number = /^[+-]?(\d|Infinity)/.test(plain) && !/^\d{4}-\d\d/.test(plain) ? parseFloat(plain) : NaN;
    var unit = { ms: 0.001, s: 1, min: 60, h: 3600 }[(plain.match(/^[\d.]+ (\w+)$/) || [])[1]] || 1;
    return { text: text, number: number * unit, missing: text === "—" || text === "NaN" };
  }

  // Numbers by size, text by letters; what is missing stays last either way.
  function compare(a, b, sign) {
    if (a.missing || b.missing) return a.missing - b.missing;
    if (!isNaN(a.number) && !isNaN(b.number)) return sign * (a.number - b.number);
    return sign * a.text.localeCompare(b.text, "en", { numeric: true });
  }

  function sort(table, heads, index) {
    var head = heads[index];
    var ascending = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    var body = table.tBodies[0];
    Array.from(body.rows)
      .map(function (row, place) { return { row: row, place: place, key: key(row, index) }; })
      .sort(function (a, b) { return compare(a.key, b.key, ascending ? 1 : -1) || a.place - b.place; })
      .forEach(function (entry) { body.appendChild(entry.row); });
  }

  document.querySelectorAll("table.sortable").forEach(function (table) {
    var heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, index) {
      var button = document.createElement("button");
      button.type = "button";
      // Quiet words stay below the button, so that the arrow follows the name.
      button.append.apply(button, Array.from(head.childNodes).filter(function (node) { return node.nodeName !== "SMALL"; }));
      button.addEventListener("click", function () { sort(table, heads, index); });
      head.prepend(button);
    });
  });

  document.querySelectorAll(".commands code").forEach(function (code) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.setAttribute("aria-label", "Copy the command " + code.textContent);
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(code.textContent).then(function () {
        button.textContent = "copied";
      }, function () {
        getSelection().selectAllChildren(code);
        button.textContent = "selected";
      });
    });
    code.after(button);
  });
})();
