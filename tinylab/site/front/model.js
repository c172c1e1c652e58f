// A widget's model in a page without a kernel: it holds values and says when they change.
class SavedModel {
  constructor(values) {
    this.values = { ...values };
    this.heard = new Map();
  }
  get(name) {
    return this.values[name];
  }
  set(name, value) {
    this.setAll({ [name]: value });
  }
  setAll(values) {
    const changed = Object.keys(values).filter((name) => this.values[name] !== values[name]);
    Object.assign(this.values, values);
    for (const name of changed) this.tell(`change:${name}`);
    if (changed.length) this.tell("change");
  }
  tell(event) {
    for (const listener of [...(this.heard.get(event) ?? [])]) listener(this);
  }
  on(event, listener) {
    if (!this.heard.has(event)) this.heard.set(event, new Set());
    this.heard.get(event).add(listener);
  }
  off(event, listener) {
    this.heard.get(event)?.delete(listener);
  }
  // There is nobody to tell: what was set is what is.
  save_changes() {}
  send() {}
}
