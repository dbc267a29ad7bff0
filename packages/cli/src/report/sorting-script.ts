/**
 * Sorts a table by the column whose heading is pressed, numbers by their value and before texts, dashes last; marks the row and the line
 * of a figure with the same `data-row` while the pointer is over one of them.
 */
export const sortingScript = `
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      heads.forEach((each) => each.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const key = (row) => row.cells[column].textContent;
      const compare = (a, b) => {
        const [first, second] = [key(a), key(b)];
        if (first === '–' || second === '–') return (first === '–') - (second === '–');
        const [x, y] = [parseFloat(first), parseFloat(second)];
        const order = isNaN(x) || isNaN(y) ? first.localeCompare(second) : x - y;
        return down ? -order : order;
      };
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(compare));
    });
  });
}
const mark = (event) => {
  const { row } = event.target.closest('[data-row]')?.dataset ?? {};
  for (const each of document.querySelectorAll('[data-row]')) each.classList.toggle('marked', each.dataset.row === row);
};
document.addEventListener('pointerover', mark);
`;
