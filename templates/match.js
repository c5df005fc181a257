// Which runs a filter finds, and their order: values, aliases and nulls of the ledger's filter language.
// `tests/it/filters.json` holds this reader and the program's own to the same runs.
(function () {
  "use strict";

  var FLOAT = LEDGER.filter.FLOAT;
  var METRICS = new Map([
    ["r2_score", "r2"], ["mean_squared_error", "mse"], ["root_mean_squared_error", "rmse"],
    ["mean_absolute_error", "mae"], ["mean_absolute_percentage_error", "mape"],
    ["explained_variance_score", "explained_variance"], ["accuracy_score", "accuracy"],
    ["balanced_accuracy_score", "balanced_accuracy"], ["precision_score", "precision"], ["recall_score", "recall"],
    ["f1_score", "f1"], ["roc_auc_score", "roc_auc"], ["average_precision_score", "average_precision"]
  ]);
  var STATUS = {
    running: ["running"], finished: ["finished"], failed: ["failed"], interrupted: ["interrupted", "killed"]
  };
  // How the values of an attribute compare; the others are plain texts.
  var KINDS = {
    id: "prefix", data_digest: "prefix", experiment: "several", spec: "several", status: "several",
    note: "several", star: "boolean", started: "time", ended: "time", duration: "number", seed: "number"
  };

  // Texts in the order of their code points, which is that of the bytes of UTF-8.
  function order(a, b) {
    if (a === b) return 0;
    var length = Math.min(a.length, b.length);
    for (var at = 0; at < length; at++) {
      var x = a.charCodeAt(at), y = b.charCodeAt(at);
      if (x === y) continue;
      var astral = function (unit) { return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit; };
      return astral(x) - astral(y);
    }
    return a.length - b.length;
  }

  // A number as a param is written: whole ones without a point, and never with an exponent.
  function numberText(number) {
    if (Number.isNaN(number)) return "NaN";
    if (!Number.isFinite(number)) return number > 0 ? "inf" : "-inf";
    if (Object.is(number, -0)) return "-0";
    var parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(number));
    if (!parts) return String(number);
    var digits = parts[2] + (parts[3] || ""), exponent = Number(parts[4]);
    return parts[1] + (exponent < 0 ? "0." + "0".repeat(-exponent - 1) + digits : digits.padEnd(exponent + 1, "0"));
  }

  function floatOf(text) {
    text = text.trim();
    if (FLOAT.test(text)) return Number(text);
    var word = /^([+-]?)inf(?:inity)?$/i.exec(text);
    return word ? (word[1] === "-" ? -Infinity : Infinity) : NaN;
  }

  // Microseconds from UTC of a time zone at an instant in milliseconds.
  var formats = new Map();
  function offset(zone, instant) {
    if (!formats.has(zone)) {
      var options = { hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric",
        minute: "numeric", second: "numeric" };
      var format;
      try {
        format = new Intl.DateTimeFormat("en-US", Object.assign({ timeZone: zone || "UTC" }, options));
      } catch (unknown) {
        format = new Intl.DateTimeFormat("en-US", Object.assign({ timeZone: "UTC" }, options));
      }
      formats.set(zone, format);
    }
    var part = {};
    formats.get(zone).formatToParts(new Date(instant)).forEach(function (one) { part[one.type] = Number(one.value); });
    var local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
    return local - Math.floor(instant / 1000) * 1000;
  }

  var DATE = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

  // The instant of a date or date-time, in microseconds since 1970; undefined when it is neither.
  function instantOf(text, zone) {
    var part = DATE.exec(text.trim());
    if (!part || (part[8] && !part[4])) return undefined;
    var local = Date.UTC(part[1], part[2] - 1, part[3], part[4] || 0, part[5] || 0, Math.min(part[6] || 0, 59));
    var check = new Date(local);
    if (check.getUTCMonth() !== part[2] - 1 || check.getUTCDate() !== Number(part[3]) || part[4] > 23 ||
      part[5] > 59 || part[6] > 60) return undefined;
    var micro = Number(((part[7] || "") + "000000").slice(0, 6)), away;
    if (part[8]) {
      var signs = /^([+-])(\d\d):?(\d\d)?$/.exec(part[8]);
      away = signs ? (signs[1] + "1") * (signs[2] * 60 + Number(signs[3] || 0)) * 60000 : 0;
    } else {
      // The earlier of two moments of one name; where the clock leaps, as if it had not.
      var before = offset(zone, local - 864e5), after = offset(zone, local + 864e5);
      away = offset(zone, local - before) !== before && offset(zone, local - after) === after ? after : before;
    }
    return (local - away) * 1000 + micro;
  }

  var FITS = {
    "=": function (it) { return it === 0; }, "!=": function (it) { return it !== 0; },
    "<": function (it) { return it < 0; }, "<=": function (it) { return it <= 0; },
    ">": function (it) { return it > 0; }, ">=": function (it) { return it >= 0; }
  };
  FITS["=="] = FITS["="];
  FITS["<>"] = FITS["!="];

  function never() { return false; }

  // A function of a value of one kind: what comparing it with a literal says.
  function comparer(kind, operator, literal, moment) {
    var fits = FITS[operator], value = literal.value, is = literal.kind;
    var lower = is === "text" ? value.toLowerCase() : "";
    // Numbers that are none fit no comparison, != neither.
    var numbers = function (a, b) { return a < b ? fits(-1) : a > b ? fits(1) : a === b && fits(0); };
    switch (kind) {
      case "several":
        if (is !== "text") return never;
        return function (all) {
          var equal = all.some(function (one) { return one.toLowerCase() === lower; });
          return fits === FITS["="] ? equal : fits === FITS["!="] && !equal;
        };
      case "number":
        if (is === "text") return function (a) { return fits(order(numberText(a), value)); };
        var bound = is === "number" ? value : is === "age" ? value / 1e6 : NaN;
        return function (a) { return numbers(a, bound); };
      case "boolean":
        if (is === "boolean") return function (a) { return fits(a - value); };
        return is === "text" ? function (a) { return fits(order(String(a), lower)); } : never;
      case "word":
        return is === "text" ? function (a) { return fits(order(a.toLowerCase(), lower)); } : never;
      case "prefix":
        if (is !== "text") return never;
        return function (a) { return fits(order(lower && a.length > lower.length ? a.slice(0, lower.length) : a, lower)); };
      case "text":
        if (is === "text") return function (a) { return fits(order(a, value)); };
        return is === "number" ? function (a) { return numbers(floatOf(a), value); } : never;
      default:
        var instant = is === "text" ? instantOf(value, moment.timeZone) : is === "number" ? Math.trunc(value * 1e3) :
          is === "age" ? moment.now - value : undefined;
        return instant === undefined ? never : function (a) { return fits(a - instant); };
    }
  }

  function isoText(microseconds) {
    var whole = new Date(Math.floor(microseconds / 1000)).toISOString().slice(0, 19);
    var rest = ((microseconds % 1e6) + 1e6) % 1e6;
    return whole + (rest ? ("." + String(rest).padStart(6, "0")).replace(/0+$/, "") : "") + "Z";
  }

  function texts(kind, value) {
    if (kind === "several") return value;
    if (kind === "number") return [numberText(value)];
    if (kind === "time") return [isoText(value)];
    return [String(value)];
  }

  // SQL's LIKE: % stands for any characters, _ for one.
  function liker(pattern, anyCase) {
    var fold = function (text) { return Array.from(anyCase ? text.toLowerCase() : text); };
    var wanted = fold(pattern);
    return function (whole) {
      var text = fold(whole), at = 0, place = 0, percent = -1, taken = 0;
      while (at < text.length) {
        if (wanted[place] === "%") {
          percent = place++;
          taken = at;
        } else if (place < wanted.length && (wanted[place] === "_" || wanted[place] === text[at])) {
          at++;
          place++;
        } else if (percent >= 0) {
          at = ++taken;
          place = percent + 1;
        } else return false;
      }
      return wanted.slice(place).every(function (letter) { return letter === "%"; });
    };
  }

  // What a key is in a row. Calls `use(kind, value)`, or gives undefined where the row has no value.
  function reader(key, source) {
    var column = source.column;
    function metric(name) {
      var own = column("metrics." + name), alias = METRICS.get(name);
      var other = alias ? column("metrics." + alias) : function () { return undefined; };
      return function (row, use) {
        var value = own(row);
        if (value === undefined) value = other(row);
        return value === undefined ? undefined : use("number", value);
      };
    }
    function param(name) {
      var own = column("params." + name);
      return function (row, use) {
        var value = own(row);
        switch (typeof value) {
          case "undefined": return undefined;
          case "number": case "boolean": return use(typeof value, value);
          // A word of a param has no case, so that MLflow's 'None' finds "none".
          case "string": return use(value.toLowerCase() === "none" ? "word" : "text", value);
          default: return use("text", JSON.stringify(value));
        }
      };
    }
    function plain(name, kind) {
      var own = column(name);
      return function (row, use) {
        var value = own(row);
        return value === undefined ? undefined : use(kind, value);
      };
    }
    switch (key.kind) {
      case "metrics": return metric(key.name);
      case "params": return param(key.name);
      case "tags": return plain("tags." + key.name, "text");
      case "any":
        var parts = [metric(key.name), param(key.name), plain("tags." + key.name, "text")];
        return function (row, use) {
          for (var at = 0; at < 3; at++) {
            var result = parts[at](row, use);
            if (result !== undefined) return result;
          }
          return undefined;
        };
      default: return attributeOf(key.name, column, plain);
    }
  }

  function attributeOf(name, column, plain) {
    var started = column("started"), took = column("took"), id = column("id"), own = column(name);
    switch (name) {
      case "star": return function (row, use) { return use("boolean", own(row) === true); };
      case "status": return function (row, use) { return use("several", STATUS[own(row)] || [String(own(row))]); };
      case "experiment": case "note": return function (row, use) {
        var value = own(row);
        return value === undefined ? undefined : use("several", Array.isArray(value) ? value : [value]);
      };
      case "spec": return function (row, use) {
        var value = own(row) || "";
        return use("several", [value, value.replace(/(\.toml)+$/, "")]);
      };
      case "duration": return function (row, use) { return use("number", took(row) / 1e6); };
      case "ended":
        var status = column("status");
        return function (row, use) {
          return status(row) === "running" ? undefined : use("time", started(row) + took(row));
        };
      case "directory":
        var home = column("home"), experiment = column("experiment"), attempt = column("attempt");
        return function (row, use) {
          var first = [].concat(experiment(row))[0];
          return use("text", "experiments/" + (home(row) || first) + "/runs/" + id(row).slice(0, 2) + "/" +
            id(row).slice(2) + "." + attempt(row));
        };
      default: return plain(name, KINDS[name] || "text");
    }
  }

  // Whether a word, in lower case, occurs in what people wrote about a run.
  function mentions(word, source) {
    var id = source.column("id");
    return function (row) { return id(row).startsWith(word) || source.haystack(row).includes(word); };
  }

  // A function of rows: true, false or undefined, which is SQL's null.
  function holds(condition, source, moment) {
    if (condition.all || condition.any) {
      var decisive = !!condition.any;
      var parts = (condition.all || condition.any).map(function (part) { return holds(part, source, moment); });
      return function (row) {
        var result = !decisive;
        for (var at = 0; at < parts.length; at++) {
          var part = parts[at](row);
          if (part === decisive) return decisive;
          if (part === undefined) result = undefined;
        }
        return result;
      };
    }
    if (condition.not) {
      var inner = holds(condition.not, source, moment);
      return function (row) {
        var value = inner(row);
        return value === undefined ? undefined : !value;
      };
    }
    if (condition.word !== undefined) return mentions(condition.word, source);
    var read = reader(condition.key || condition.isNull, source);
    if (condition.isNull) {
      var known = function () { return false; };
      return function (row) { return read(row, known) === undefined; };
    }
    var made = {};
    var tests = condition.like !== undefined ? like : condition.among ? among : compare;
    var match = condition.like !== undefined ? liker(condition.like, condition.anyCase) : null;
    function like(kind) { return function (value) { return texts(kind, value).some(match); }; }
    function compare(kind) { return comparer(kind, condition.operator, condition.literal, moment); }
    function among(kind) {
      var each = condition.among.map(function (literal) { return comparer(kind, "=", literal, moment); });
      return function (value) { return each.some(function (test) { return test(value); }); };
    }
    var use = function (kind, value) { return (made[kind] || (made[kind] = tests(kind)))(value); };
    return function (row) { return read(row, use); };
  }

  // Whether rows meet the condition of a filter. `source.column(name)` gives a function from a row to its value
  // (undefined for none), `source.haystack(row)` what people wrote in lower case; `moment` is
  // {now: microseconds, timeZone}.
  function matcher(filter, source, moment) {
    if (!filter.condition) return function () { return true; };
    var test = holds(filter.condition, source, moment);
    return function (row) { return test(row) === true; };
  }

  // Numbers before texts, each among their own.
  function rank(a, b) {
    if (a.kind === b.kind && a.kind !== "several") {
      if (typeof a.value === "string") return order(a.value, b.value);
      return a.value - b.value || 0;
    }
    if (a.kind === "number" || b.kind === "number") return a.kind === "number" ? -1 : 1;
    return order(texts(a.kind, a.value)[0], texts(b.kind, b.value)[0]);
  }

  // The order of rows by some keys, [{key, descending}]; what is absent or NaN comes last either way.
  function sorter(keys, source, rows) {
    var values = keys.map(function (by) {
      var read = reader(by.key, source), found = new Map();
      var pack = function (kind, value) { return Number.isNaN(value) ? null : { kind: kind, value: value }; };
      rows.forEach(function (row) { found.set(row, read(row, pack)); });
      return found;
    });
    return function (a, b) {
      for (var at = 0; at < keys.length; at++) {
        var x = values[at].get(a), y = values[at].get(b);
        if (!x || !y) {
          if (!x !== !y) return x ? -1 : 1;
          continue;
        }
        var result = rank(x, y);
        if (result) return keys[at].descending ? -result : result;
      }
      return 0;
    };
  }

  // The column that a name means, with or without its kind; `has` says whether there is such a column.
  function resolve(name, has) {
    if (has(name)) return name;
    var key = LEDGER.filter.key(name);
    if (key.kind === "attribute") return key.name;
    if (key.unknown !== undefined) return name;
    var kinds = key.kind === "any" ? ["metrics", "params", "tags"] : [key.kind], other = METRICS.get(key.name);
    var names = kinds.flatMap(function (kind) {
      var own = [kind + "." + key.name];
      return kind === "metrics" && other ? own.concat("metrics." + other) : own;
    });
    return names.find(has) || name;
  }

  LEDGER.filter.matcher = matcher;
  LEDGER.filter.sorter = sorter;
  LEDGER.filter.resolve = resolve;
})();
