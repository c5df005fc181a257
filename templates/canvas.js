// What the drawings of scripts share: a canvas that follows its place and the colours of the page, scales and ticks.
(function () {
  "use strict";

  var element = LEDGER.element;
  // Blue to yellow, readable in grey too (viridis of matplotlib, by van der Walt and Smith).
  var VIRIDIS = [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121],
    [110, 206, 88], [181, 222, 43], [253, 231, 37]];
  var DASHES = [[], [8, 3], [2, 3], [10, 3, 2, 3]];
  // The surfaces of the page; what was taken off it is forgotten when all are drawn anew.
  var surfaces = new Set(), night = matchMedia("(prefers-color-scheme: dark)");

  function redrawAll() {
    surfaces.forEach(function (surface) {
      if (surface.element.isConnected) surface.redraw();
      else surfaces.delete(surface);
    });
  }
  addEventListener("resize", redrawAll);
  night.addEventListener("change", redrawAll);

  function colours() {
    var style = getComputedStyle(document.documentElement), found = {};
    ["paper", "ink", "muted", "line", "soft", "accent", "bad", "c1", "c2", "c3", "c4", "c5", "c6"].forEach(function (name) {
      found[name] = style.getPropertyValue("--" + name).trim();
    });
    found.dark = night.matches;
    return found;
  }

  // A canvas of the width of its place; `draw(context, width, height, colours)` is called when it must be drawn anew.
  function surface(place, label, height, draw) {
    var canvas = element("canvas", { role: "img", ariaLabel: label, tabIndex: 0, className: "canvas" });
    var asked = false;
    function now() {
      asked = false;
      var width = Math.max(260, place.clientWidth), ratio = Math.max(1, devicePixelRatio || 1);
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = width + "px";
      canvas.style.height = height + "px";
      var context = canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, height);
      context.font = "12px system-ui, -apple-system, \"Segoe UI\", Roboto, sans-serif";
      draw(context, width, height, colours());
    }
    function redraw() {
      if (asked) return;
      asked = true;
      requestAnimationFrame(now);
    }
    place.append(canvas);
    var surface = { element: canvas, redraw: redraw };
    surfaces.add(surface);
    redraw();
    return surface;
  }

  // From values between low and high to places between from and to, and back.
  function scale(low, high, from, to, log) {
    if (!(high > low)) {
      var room = low === 0 ? 1 : Math.abs(low) * (log ? 0.5 : 0.1);
      low -= room;
      high += room;
    }
    var f = log ? Math.log10 : function (value) { return value; };
    var back = log ? function (value) { return Math.pow(10, value); } : f;
    var a = f(low), b = f(high);
    return {
      low: low, high: high, log: log,
      at: function (value) { return from + (f(value) - a) / (b - a) * (to - from); },
      value: function (place) { return back(a + (place - from) / (to - from) * (b - a)); },
      ticks: function (count) { return log ? decades(low, high, count) : steps(low, high, count); }
    };
  }

  function steps(low, high, count) {
    var rough = (high - low) / Math.max(1, count), size = Math.pow(10, Math.floor(Math.log10(rough)));
    var step = [1, 2, 5, 10].map(function (by) { return by * size; }).find(function (it) { return it >= rough; }) || size * 10;
    var found = [];
    for (var at = Math.ceil(low / step); at * step <= high + step * 1e-9 && found.length < 50; at++) {
      found.push(Number((at * step).toPrecision(12)));
    }
    return found;
  }

  function decades(low, high, count) {
    var found = [], first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
    var every = Math.max(1, Math.ceil((last - first) / Math.max(1, count)));
    for (var at = first; at <= last; at += every) {
      (last - first <= 2 ? [1, 2, 5] : [1]).forEach(function (by) {
        var value = by * Math.pow(10, at);
        if (value >= low * 0.999999 && value <= high * 1.000001) found.push(value);
      });
    }
    return found.length > 1 ? found : steps(low, high, count);
  }

  // The lowest and the highest of some numbers, room around them where they lie on one another.
  function range(values, log) {
    var low = Infinity, high = -Infinity;
    values.forEach(function (value) {
      if (!Number.isFinite(value) || (log && value <= 0)) return;
      if (value < low) low = value;
      if (value > high) high = value;
    });
    return low <= high ? [low, high] : log ? [1, 10] : [0, 1];
  }

  // Axes left and below a field {left, top, right, bottom}.
  function axes(context, field, x, y, names, colours) {
    var number = LEDGER.store.number;
    context.lineWidth = 1;
    context.strokeStyle = colours.line;
    context.fillStyle = colours.muted;
    context.textAlign = "right";
    context.textBaseline = "middle";
    y.ticks((field.bottom - field.top) / 45).forEach(function (value) {
      var at = Math.round(y.at(value)) + 0.5;
      context.beginPath();
      context.moveTo(field.left, at);
      context.lineTo(field.right, at);
      context.stroke();
      context.fillText(number(value), field.left - 6, at);
    });
    context.textAlign = "center";
    context.textBaseline = "top";
    x.ticks((field.right - field.left) / 90).forEach(function (value) {
      var at = Math.round(x.at(value)) + 0.5;
      context.beginPath();
      context.moveTo(at, field.bottom);
      context.lineTo(at, field.bottom + 4);
      context.stroke();
      context.fillText(number(value), at, field.bottom + 7);
    });
    context.strokeStyle = colours.muted;
    context.strokeRect(field.left + 0.5, field.top + 0.5, field.right - field.left - 1, field.bottom - field.top - 1);
    context.fillStyle = colours.ink;
    context.textAlign = "right";
    context.fillText(names[0] + (x.log ? ", logarithmic" : ""), field.right, field.bottom + 23);
    context.textAlign = "left";
    context.textBaseline = "bottom";
    context.fillText(names[1] + (y.log ? ", logarithmic" : ""), 2, field.top - 5);
  }

  // A colour of a share of 0 to 1, lighter at night so that it stands out.
  function viridis(share, dark) {
    var place = Math.min(1, Math.max(0, share)), from = dark ? 2 : 0, to = dark ? 9 : 8;
    place = from + place * (to - from);
    var first = Math.min(8, Math.floor(place)), part = place - first;
    var mixed = VIRIDIS[first].map(function (value, at) { return Math.round(value + (VIRIDIS[first + 1][at] - value) * part); });
    return "rgb(" + mixed.join(",") + ")";
  }

  // The share of values that lie below each value: colours by rank, so that a few extremes do not flatten the rest.
  function quantiles(values) {
    var sorted = values.filter(Number.isFinite).sort(function (a, b) { return a - b; });
    return function (value) {
      if (!Number.isFinite(value)) return NaN;
      var low = 0, high = sorted.length;
      while (low < high) {
        var middle = (low + high) >> 1;
        if (sorted[middle] < value) low = middle + 1;
        else high = middle;
      }
      return sorted.length > 1 ? low / (sorted.length - 1) : 0.5;
    };
  }

  // A colour and a dash for each run, by its id, so that it keeps them; another where they are taken.
  function styles(ids) {
    var taken = new Set();
    return ids.map(function (id) {
      var place = parseInt(id.slice(-6), 16) % 24;
      for (var tries = 0; taken.has(place) && tries < 24; tries++) place = (place + 7) % 24;
      taken.add(place);
      return { colour: "c" + (place % 6 + 1), dash: DASHES[Math.floor(place / 6)] };
    });
  }

  // A labelled choice.
  function choice(label, names, value, change) {
    var list = element("select", { ariaLabel: label, onchange: function () { change(list.value); } });
    names.forEach(function (name) {
      list.append(element("option", { value: name }, name === "" ? "none" : name));
    });
    list.value = value;
    return element("label", {}, [label + " ", list]);
  }

  function tick(label, value, change) {
    var box = element("input", { type: "checkbox", checked: value, onchange: function () { change(box.checked); } });
    return element("label", {}, [box, " " + label]);
  }

  LEDGER.canvas = { surfaces: surfaces, surface: surface, scale: scale, range: range, axes: axes, viridis: viridis, quantiles: quantiles,
    styles: styles, choice: choice, tick: tick };
})();
