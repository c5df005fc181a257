// The ledger's filter language for pages: reads filters, with the grammar and the mistakes of `fairledger list`, and
// writes names and texts for them. `match.js` says which runs a filter finds.
var LEDGER = window.LEDGER || {};
(function () {
  "use strict";

  // Every name of an attribute; the first is ours, the others are MLflow's.
  var ATTRIBUTES = [
    ["id", "run_id", "run id"], ["label", "run_name", "run name", "name"],
    ["experiment", "experiment_id", "experiment_name"], ["spec"], ["status"], ["cause"], ["star", "starred"],
    ["started", "start_time", "created"], ["ended", "end_time"], ["duration"], ["trainer"], ["seed"],
    ["description"], ["note", "notes"], ["directory", "artifact_uri"], ["host", "user_id", "user"], ["commit"],
    ["data"], ["data_digest"], ["target"]
  ];
  // Tags that MLflow sets itself.
  var SYSTEM_TAGS = new Map([
    ["mlflow.runName", "label"], ["mlflow.note.content", "note"], ["mlflow.source.git.commit", "commit"],
    ["mlflow.source.name", "spec"], ["mlflow.user", "host"]
  ]);
  var DEPTH = 100;

  function attribute(name) {
    name = name.toLowerCase();
    var names = ATTRIBUTES.find(function (names) { return names.includes(name); });
    return names && names[0];
  }

  // A mistake: what is wrong, where from and to, and how to mend it.
  function mistake(text, start, end, message, hint) {
    var error = new Error(message);
    error.start = start;
    error.end = end;
    error.hint = hint || "";
    var count = function (from, to) { return Array.from(text.slice(from, to)).length; };
    error.text = message + "\n  " + text.replace(/[\n\r\t]/g, " ") + "\n  " + " ".repeat(count(0, start)) +
      "^".repeat(Math.max(1, count(start, end))) + (hint ? "\n" + hint : "");
    return error;
  }

  // Tokens: {kind: "name" | "text" | "number" | "sign", text, plain, start, end}.
  var SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/y;
  var SIGN = /==|!=|<>|<=|>=|[=<>(),;]/y;
  var NUMBER = /(?:-[0-9.]|\.[0-9]|[0-9])[\p{Alphabetic}\p{N}_.:+-]*/uy;
  var WORD = /[\p{Alphabetic}\p{N}_]/uy;
  var PART = /[\p{Alphabetic}\p{N}_.]+|[-\/](?=[\p{Alphabetic}\p{N}_])/uy;

  function tokens(text) {
    var found = [], at = 0, match;
    function take(pattern) {
      pattern.lastIndex = at;
      return pattern.exec(text);
    }
    function push(kind, value, start, plain) {
      found.push({ kind: kind, text: value, plain: plain, start: start, end: at });
    }
    function quoted() {
      var start = at, quote = text[at], inner = "";
      for (at++; ; at++) {
        var end = text.indexOf(quote, at);
        if (end < 0) throw mistake(text, start, text.length, "this " + quote + " is never closed");
        inner += text.slice(at, end);
        at = end + 1;
        if (text[at] !== quote) return inner;
        inner += quote;
      }
    }
    function name() {
      var start = at, all = "", plain = true;
      while (at < text.length) {
        if (text[at] === "`" || (text[at] === "\"" && all.endsWith("."))) {
          all += quoted();
          plain = false;
        } else {
          match = take(PART);
          if (!match) break;
          all += match[0];
          at += match[0].length;
        }
      }
      push("name", all, start, plain);
    }
    while (at < text.length) {
      var start = at;
      if ((match = take(SPACE))) at += match[0].length;
      else if ((match = take(SIGN))) {
        at += match[0].length;
        push("sign", match[0], start);
      } else if ((match = take(NUMBER))) {
        at += match[0].length;
        push("number", match[0], start);
      } else if (text[at] === "'" || text[at] === "\"") {
        var inner = quoted();
        push("text", inner, start);
      } else if (text[at] === "`" || take(WORD)) name();
      else {
        var letter = String.fromCodePoint(text.codePointAt(at));
        throw mistake(text, at, at + letter.length, "`" + letter + "` means nothing here",
          "put texts in quotes, such as tags.team = 'a&b'");
      }
    }
    return found;
  }

  var FLOAT = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i;
  var SECONDS = new Map([["s", 1], ["m", 60], ["min", 60], ["h", 3600], ["d", 86400], ["w", 604800]]);

  // A number, an age such as 7d in microseconds, else a text such as a date.
  function number(text) {
    if (FLOAT.test(text)) return { kind: "number", value: Number(text) };
    var unit = text.search(/\p{Alphabetic}/u);
    var seconds = SECONDS.get(text.slice(unit));
    if (unit > 0 && seconds && FLOAT.test(text.slice(0, unit))) {
      return { kind: "age", value: Math.trunc(Number(text.slice(0, unit)) * seconds * 1e6) };
    }
    return { kind: "text", value: text };
  }

  // Reads a filter: {condition, order}. Throws the first mistake, with `text` as it is shown to people.
  function parse(text) {
    var all = tokens(text), at = 0, depth = 0;

    function isWord(ahead, word) {
      var token = all[at + ahead];
      return !!token && token.kind === "name" && token.plain && token.text.toLowerCase() === word;
    }
    function isSign(sign) { return !!all[at] && all[at].kind === "sign" && all[at].text === sign; }
    function word(word) { return isWord(0, word) && !!++at; }
    function sign(sign) { return isSign(sign) && !!++at; }
    function orders() { return isWord(0, "order") && isWord(1, "by"); }
    function here(message, hint) {
      var end = text.replace(/[\s\x85]+$/, "").length;
      var token = all[at] || { start: end, end: end };
      return mistake(text, token.start, token.end, message, hint);
    }

    function either() {
      var parts = [both()];
      while (word("or")) parts.push(both());
      return parts.length === 1 ? parts[0] : { any: parts };
    }
    function both() {
      var parts = [one()];
      for (;;) {
        var joined = word("and");
        var ends = !all[at] || isSign(")") || isSign(",") || isWord(0, "or") || orders();
        if (ends && !joined) return parts.length === 1 ? parts[0] : { all: parts };
        parts.push(one());
      }
    }
    function one() {
      if (depth > DEPTH) throw here("this is nested too deep");
      var inner;
      if (word("not")) {
        depth++;
        inner = one();
        depth--;
        return { not: inner };
      }
      if (sign("(")) {
        depth++;
        inner = either();
        depth--;
        if (!sign(")")) throw here("a ) is missing here");
        return inner;
      }
      var next = all[at + 1];
      var compares = (next && next.kind === "sign" && !"(),;".includes(next.text)) ||
        ["like", "ilike", "in", "is"].some(function (word) { return isWord(1, word); }) ||
        (isWord(1, "not") && ["like", "ilike", "in"].some(function (word) { return isWord(2, word); }));
      return compares ? comparison() : search();
    }
    function key() {
      var token = all[at];
      if (!token) throw here("a name is missing here", "such as metrics.r2");
      if (token.kind !== "name" && token.kind !== "text") {
        throw here("a name should stand here", "such as metrics.r2 or params.max_depth");
      }
      at++;
      var named = keyNamed(token.text);
      if (named.unknown === undefined) return named;
      throw mistake(text, token.start, token.end, "a run has no attribute `" + named.unknown + "`",
        "attributes are " + ATTRIBUTES.map(function (names) { return names[0]; }).join(", "));
    }
    function negate(negated, condition) { return negated ? { not: condition } : condition; }
    function comparison() {
      var of = key(), negated;
      if (word("is")) {
        negated = word("not");
        if (!word("null")) throw here("`is` takes null or not null", "compare values with =");
        return negate(negated, { isNull: of });
      }
      negated = word("not");
      if (word("in")) return negate(negated, { key: of, among: list() });
      if (isWord(0, "like") || isWord(0, "ilike")) {
        var anyCase = isWord(0, "ilike");
        at++;
        if (!all[at] || all[at].kind !== "text") {
          throw here("a pattern in quotes should stand here", "such as '%forest%'");
        }
        return negate(negated, { key: of, like: all[at++].text, anyCase: anyCase });
      }
      if (!all[at] || all[at].kind !== "sign") throw here("a comparison should stand here", "such as = or >");
      if ("(),;".includes(all[at].text)) throw here("a comparison should stand here");
      var operator = all[at++].text;
      return { key: of, operator: operator, literal: literal() };
    }
    function list() {
      if (!sign("(")) throw here("`in` takes a list", "such as in ('a', 'b')");
      var values = [literal()];
      while (sign(",")) {
        if (isSign(")")) break;
        values.push(literal());
      }
      if (!sign(")")) throw here("a ) is missing here");
      return values;
    }
    function literal() {
      var token = all[at];
      if (!token || token.kind === "sign") {
        throw here("a value should stand here", "a number or a text in quotes");
      }
      at++;
      if (token.kind === "number") return number(token.text);
      var lower = token.text.toLowerCase();
      if (token.kind === "name" && (lower === "true" || lower === "false")) {
        return { kind: "boolean", value: lower === "true" };
      }
      return { kind: "text", value: token.text };
    }
    function search() {
      var token = all[at];
      if (!token) throw here("a condition is missing here");
      if (token.kind === "sign") {
        throw here("a condition should stand here", "a condition looks like metrics.r2 > 0.8");
      }
      at++;
      if (token.kind === "name" && token.plain && attribute(token.text) === "star") {
        var star = { kind: "attribute", name: "star" };
        return { key: star, operator: "=", literal: { kind: "boolean", value: true } };
      }
      return { word: token.text.toLowerCase() };
    }

    var condition = all.length > 0 && !orders() ? either() : null;
    var order = [];
    if (orders()) {
      at += 2;
      do {
        var by = key(), descending = word("desc");
        if (!descending) word("asc");
        order.push({ key: by, descending: descending });
      } while (sign(","));
    }
    if (isSign(")")) throw here("this ) closes nothing");
    if (all[at]) throw here("the filter should end here", "join conditions by and, or");
    return { condition: condition, order: order };
  }

  // The key of a name with or without its kind.
  function keyNamed(name) {
    var point = name.indexOf("."), rest = name.slice(point + 1), found;
    switch (point < 0 ? "" : name.slice(0, point).toLowerCase()) {
      case "metrics": case "metric": return { kind: "metrics", name: rest };
      case "params": case "param": case "parameters": case "parameter": return { kind: "params", name: rest };
      case "tags": case "tag":
        found = SYSTEM_TAGS.get(rest);
        return found ? { kind: "attribute", name: found } : { kind: "tags", name: rest };
      case "attributes": case "attribute": case "attr": case "run":
        found = attribute(rest);
        return found ? { kind: "attribute", name: found } : { unknown: rest };
      case "dataset": case "datasets":
        if (rest !== "name" && rest !== "digest") return { unknown: rest };
        return { kind: "attribute", name: rest === "name" ? "data" : "data_digest" };
      default:
        found = attribute(name);
        return found ? { kind: "attribute", name: found } : { kind: "any", name: name };
    }
  }

  // The name of a column as it is written in a filter, and a text.
  function nameOf(column) {
    var point = column.indexOf("."), rest = column.slice(point + 1);
    if (point < 0 || /^[\p{L}_][\p{L}\p{N}_]*$/u.test(rest)) return column;
    return column.slice(0, point + 1) + "`" + rest.replace(/`/g, "``") + "`";
  }
  function textOf(text) { return "'" + text.replace(/'/g, "''") + "'"; }

  LEDGER.filter = { parse: parse, key: keyNamed, name: nameOf, text: textOf, FLOAT: FLOAT };
})();
