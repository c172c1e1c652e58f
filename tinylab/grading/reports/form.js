"use strict";
const page = document.body.dataset;
const texts = [...document.querySelectorAll("section[data-student]")];

function pointsOf(text) {
  const groups = [...text.querySelectorAll("fieldset")];
  return groups.map((group) => group.querySelector("input:checked")?.value ?? null).map(
    (value) => (value === null ? null : Number(value)));
}

function isFinished(text) {
  return pointsOf(text).every((points) => points !== null);
}

function graded() {
  return texts.filter(isFinished).map((text) => ({
    student: JSON.parse(text.dataset.student),
    receipt: text.dataset.receipt,
    points: pointsOf(text),
    comment: text.querySelector("textarea").value.trim(),
  }));
}

function showProgress() {
  const open = texts.filter((text) => !isFinished(text)).length;
  const saved = texts.length - open;
  document.getElementById("progress").textContent =
    `${saved} of ${texts.length} graded` + (open ? `; ${open} are left out of the file.` : ".");
}

function save() {
  const content = {
    kind: page.kind,
    assignment: page.assignment,
    questions: JSON.parse(page.questions),
    graded: graded(),
  };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(
    new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
  link.download = page.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function goOn(event) {
  const note = document.getElementById("note");
  try {
    const content = JSON.parse(await event.target.files[0].text());
    const known = new Map(texts.map((text) => [text.dataset.receipt, text]));
    if (content.kind !== page.kind || content.assignment !== page.assignment) {
      throw new Error("it belongs to another page");
    }
    let missing = 0;
    for (const entry of content.graded) {
      const text = known.get(entry.receipt);
      if (!text || JSON.parse(text.dataset.student) !== entry.student) {
        missing += 1;
        continue;
      }
      entry.points.forEach((points, i) => {
        const group = text.querySelectorAll("fieldset")[i];
        const chosen = [...group.querySelectorAll("input")].find((b) => Number(b.value) === points);
        if (chosen) chosen.checked = true;
      });
      text.querySelector("textarea").value = entry.comment;
    }
    note.textContent = missing ? `${missing} entries are about hand-ins that are not here.` : "";
  } catch (error) {
    note.textContent = `That file cannot be used: ${error.message}.`;
  }
  showProgress();
}

document.addEventListener("change", showProgress);
document.getElementById("save").addEventListener("click", save);
document.getElementById("open").addEventListener("change", goOn);
showProgress();
