'use strict';
(() => {
  const by = id => document.getElementById(id);
  const rows = [...document.querySelectorAll('.tests > tbody > tr')];
  const detailsOf = row => row.querySelector('details');
  const fields = ['ft', 'fv', 'fs', 'fa'].map(by);
  const texts = new Map();
  const textOf = row => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  const filter = () => {
    const [text, verdict, suite, attribute] = fields.map(field => field ? field.value : '');
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (row, kind, word) => !word
      || [...row.querySelectorAll('.facts .' + kind)].some(chip => chip.textContent === word);
    let count = 0;
    for (const row of rows) {
      const v = row.dataset.v;
      const isShown = (!verdict || (verdict === '!' ? v !== 'pass' : v === verdict))
        && has(row, 's', suite) && has(row, 'a', attribute)
        && words.every(word => textOf(row).includes(word));
      row.hidden = !isShown;
      count += isShown;
    }
    by('shown').value = count + ' of ' + rows.length + ' shown';
  };
  let timer;
  for (const field of fields) {
    if (field) field.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(filter, 80); });
  }
  by('filter').addEventListener('submit', event => event.preventDefault());
  by('open').addEventListener('click', () => {
    for (const row of rows) if (!row.hidden) detailsOf(row).open = true;
  });
  by('close').addEventListener('click', () => {
    for (const row of rows) detailsOf(row).open = false;
  });
  const show = row => {
    row.hidden = false;
    detailsOf(row).open = true;
    row.scrollIntoView();
    row.querySelector('summary').focus({ preventScroll: true });
  };
  const showTarget = () => {
    const row = /^#t\d+$/.test(location.hash) && by(location.hash.slice(1));
    if (row) show(row);
  };
  addEventListener('hashchange', showTarget);
  document.addEventListener('click', event => {
    const bar = event.target.closest('rect[data-t]');
    const row = bar && by('t' + bar.dataset.t);
    if (row) show(row);
  });
  by('filter').hidden = false;
  filter();
  showTarget();
})();
