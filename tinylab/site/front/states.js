// From the saved columns of an explorer to what it shows at one setting.

function unpackedArray({ dtype, shape, base64 }) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return { dtype, shape, bytes: new DataView(bytes.buffer) };
}

const unpacked = (value) => (value !== null && typeof value === "object" && "base64" in value ? unpackedArray(value) : value);

// The value of a column at the positions of all controls; undefined where there is none.
function valueAt({ values, axes, index }, positions, sizes) {
  const cell = axes.reduce((sum, axis) => sum * sizes[axis] + positions[axis], 0);
  return index[cell] < 0 ? undefined : unpacked(values[index[cell]]);
}

function put(tree, path, value) {
  path.slice(0, -1).reduce((node, key, i) => (node[key] ??= typeof path[i + 1] === "number" ? [] : {}), tree)[path.at(-1)] = value;
}

// Sentence, figure and whether it is an error, for a setting of the controls.
function stateAt(saved, setting) {
  const positions = saved.specs.map(({ name }, i) => saved.values[i].indexOf(setting[name]));
  const sizes = saved.values.map((values) => values.length);
  const state = {};
  for (const column of saved.states) {
    const value = valueAt(column, positions, sizes);
    if (value !== undefined) put(state, column.path, value);
  }
  return state;
}
