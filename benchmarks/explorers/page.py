"""What `browser.py` runs inside the page: which explorers are dead, and times of it."""

__all__ = ["DEAD", "ANSWERED_ms", "PAINTED_ms"]

DEAD = """
() => [...document.querySelectorAll('.tinylab-explorer')].map((explorer) => {
  const plot = explorer.querySelector('.js-plotly-plot');
  const text = explorer.querySelector('.tinylab-live')?.textContent;
  return !(plot?.data?.length && text);
}).filter(Boolean).length
"""
# From an input event to the frame after Plotly has drawn what the kernel answered.
PAINTED_ms = """
async ([index, moves]) => {
  const explorer = document.querySelectorAll('.tinylab-explorer:has(.tinylab-head)')[index];
  const plot = explorer.querySelector('.js-plotly-plot');
  const wait = (ms) => new Promise((done) => setTimeout(() => done('late'), ms));
  const frame = () => new Promise(requestAnimationFrame);
  const controls = [...explorer.querySelectorAll('.tinylab-row input[type=range]'),
    ...explorer.querySelectorAll('.tinylab-row select, .tinylab-row input[type=checkbox]')];
  const slides = (control) => control.type === 'range';
  const placesOf = (control) => slides(control)
    ? Math.round((control.max - control.min) / control.step) + 1 : control.options?.length ?? 2;
  const put = (control, place) => {
    if (slides(control)) control.value = Number(control.min) + place * control.step;
    else if (control.options) control.selectedIndex = place;
    else control.checked = place === 1;
    control.dispatchEvent(new Event(slides(control) ? 'input' : 'change', { bubbles: true }));
  };
  const times = [];
  let place = 0;
  for (let move = 0; times.length < moves + 2 && move < 4 * moves; move++) {
    const places = placesOf(controls[0]);
    place = (place + 1 + Math.floor(0.38 * move * places) % Math.max(1, places - 1)) % places;
    let heard;
    const drawn = new Promise((done) => plot.once('plotly_react', heard = done));
    const begun = performance.now();
    put(controls[0], place);
    // A move that leaves the figure as it is has nothing to paint: another control takes its turn.
    if (await Promise.race([drawn, wait(2000)]) === 'late') {
      plot.removeListener('plotly_react', heard);
      controls.push(controls.shift());
      continue;
    }
    await frame();
    await new Promise((done) => setTimeout(done));
    times.push(performance.now() - begun);
    await wait(100);
  }
  return times.slice(2);
}
"""
# The capture widget clears its message when a recording is complete and sent.
ANSWERED_ms = """
() => new Promise((done, fail) => {
  setTimeout(() => fail(new Error(document.querySelector('.tinylab-said').textContent)), 60000);
  const said = document.querySelector('.tinylab-said');
  const live = document.querySelector('.tinylab-live');
  let sent = null, recording = false;
  const watch = (node, heard) => new MutationObserver(heard).observe(
    node, { childList: true, characterData: true, subtree: true });
  watch(said, () => {
    if (said.textContent.startsWith('Recording')) recording = true;
    else if (recording && said.textContent === '') sent = performance.now();
  });
  watch(live, () => sent !== null && done(performance.now() - sent));
  [...document.querySelectorAll('button')].find((one) => one.textContent === 'Record').click();
})
"""
