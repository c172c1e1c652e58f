// What Python's `verdict` says of a number, in the same words.

const SHARES = ["%", "points"];

function amount(value, digits = 3) {
  if (!Number.isFinite(value) || value === 0) return `${value}`;
  const places = digits - 1 - Math.floor(Math.log10(Math.abs(value)));
  const rounded = Number(value.toPrecision(digits));
  return rounded.toLocaleString("en-US", { maximumFractionDigits: Math.min(20, Math.max(0, places)) });
}

function withUnit(value, unit, digits = 4) {
  const number = amount(value, digits);
  const isWord = /^[a-z]{4,}$/i.test(unit);
  return `${number} ${isWord && number === "1" ? unit.replace(/s$/, "") : unit}`.trim();
}

function distance(said, measured, unit) {
  if (SHARES.includes(unit)) {
    const off = said - measured;
    if (Math.abs(off) < 0.5) return "You were within half a point.";
    return `You were ${withUnit(Math.abs(off), "points", 3)} too ${off > 0 ? "high" : "low"}.`;
  }
  if (said === measured) return "You were exactly right.";
  if (said <= 0 || measured <= 0) return `You were off by ${withUnit(Math.abs(said - measured), unit)}.`;
  return `You were within a factor of ${amount(Math.max(measured / said, said / measured))}.`;
}

function verdict(saved, said) {
  if (said === null) return saved.unanswered;
  if (said in saved.sentences) return saved.sentences[said];
  return `You said ${withUnit(said, saved.unit)}; measured: ${saved.shown}. ${distance(said, saved.measured, saved.unit)}`;
}
