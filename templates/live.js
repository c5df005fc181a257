// Only in pages that are served: loads a page again when it changed, and shows the curves of runs under way.
(function () {
  "use strict";

  var own = document.currentScript, known = own && own.dataset.page;
  var main = document.getElementById("main"), section = null, shown = new Map();

  // The page as it is now says what it is by the mark that the server gives it.
  new EventSource("/-/events").onmessage = function () {
    fetch(location.pathname, { cache: "no-store" }).then(function (answer) { return answer.text(); }).then(function (text) {
      var mark = /data-page="([0-9a-f]+)"/.exec(text.slice(-400));
      if (!mark || mark[1] !== known) location.reload();
    });
  };

  function element(name, className, text) {
    var made = document.createElement(name);
    made.className = className || "";
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function drawing(label) {
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 320 80");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    return svg;
  }

  // A path through the values; what is no number is a gap.
  function path(curve) {
    var values = curve.values.filter(Number.isFinite), steps = curve.steps;
    var low = Math.min.apply(null, values), high = Math.max.apply(null, values), open = false;
    var first = steps[0], last = steps[steps.length - 1];
    return curve.values.map(function (value, at) {
      if (!Number.isFinite(value)) {
        open = false;
        return "";
      }
      var x = 2 + (last > first ? (steps[at] - first) / (last - first) : 0) * 316;
      var y = 76 - (high > low ? (value - low) / (high - low) : 0.5) * 72;
      var word = open ? "L" : "M";
      open = true;
      return word + x.toFixed(1) + " " + y.toFixed(1);
    }).join("");
  }

  function one(run) {
    var place = element("div", "pictures"), curves = new Map();
    var part = element("div");
    part.append(element("h3", "", run.label + " "), place);
    part.firstChild.append(element("small", "", run.run + ", " + run.experiment + ", since " + run.started));
    return { part: part, update: function (run) {
      run.curves.forEach(function (curve) {
        var known = curves.get(curve.name);
        if (!known) {
          var figure = element("figure");
          known = { path: null, caption: element("figcaption") };
          var svg = drawing(curve.name + " of " + run.label + " so far");
          known.path = svg.firstChild;
          figure.append(svg, known.caption);
          place.append(figure);
          curves.set(curve.name, known);
        }
        var last = curve.values[curve.values.length - 1];
        known.path.setAttribute("d", path(curve));
        known.caption.textContent = curve.name + " " + (last === null ? "NaN" : Number(last.toPrecision(6))) +
          " at step " + curve.steps[curve.steps.length - 1];
      });
    } };
  }

  function show(runs) {
    var ids = runs.map(function (run) { return run.run; });
    if (!section) {
      section = element("section", "running");
      section.append(element("h2", "", "Running now"));
      var before = main.querySelector("section, #sections");
      if (before) before.before(section);
      else main.append(section);
    }
    section.hidden = runs.length === 0;
    shown.forEach(function (known, id) {
      if (ids.includes(id)) return;
      known.part.remove();
      shown.delete(id);
    });
    runs.forEach(function (run) {
      if (!shown.has(run.run)) {
        shown.set(run.run, one(run));
        section.append(shown.get(run.run).part);
      }
      shown.get(run.run).update(run);
    });
  }

  function running() {
    fetch("/-/running", { cache: "no-store" }).then(function (answer) { return answer.json(); }).then(function (runs) {
      if (runs.length || section) show(runs);
      setTimeout(running, document.hidden ? 15000 : runs.length ? 1000 : 4000);
    }, function () { setTimeout(running, 15000); });
  }

  // Where one looks for what is new: the overview, the runs, an experiment.
  if (main && /^\/(index\.html|runs\/index\.html|x\/[^/]+\/index\.html)?$/.test(location.pathname)) running();
})();
