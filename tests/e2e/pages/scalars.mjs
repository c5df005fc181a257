// The scalars of a JSON text as they are written in it: a parser would turn 1.0 into 1 and lose digits.

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;

/** Every value that is no table, list or null: numbers and booleans as written, strings decoded; with their paths. */
export function scalars(json) {
  const tokens = json.match(TOKEN);
  const found = [];
  let at = 0;
  const value = (path) => {
    const token = tokens[at++];
    if (token === '{') {
      while (tokens[at] !== '}') {
        if (tokens[at] === ',') at++;
        const key = JSON.parse(tokens[at++]);
        at++;
        value([...path, key]);
      }
      at++;
    } else if (token === '[') {
      for (let item = 0; tokens[at] !== ']'; item++) {
        if (tokens[at] === ',') at++;
        value([...path, item]);
      }
      at++;
    } else if (token !== 'null') {
      found.push({ path: path.join('.'), text: token.startsWith('"') ? JSON.parse(token) : token });
    }
  };
  value([]);
  return found;
}
