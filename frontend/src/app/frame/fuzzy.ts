/**
 * How well letters fit a text: 0 when they do not come in this order, more for whole words and
 * for their beginnings.
 */
export function fuzzy(letters: string, text: string): number {
  const wanted = fold(letters);
  const given = fold(text);
  if (!wanted) return 1;
  const at = given.indexOf(wanted);
  if (at === 0) return 100;
  if (at > 0) return given[at - 1] === ' ' ? 80 : 50;
  let score = 20;
  let position = -1;
  for (const letter of wanted.replaceAll(' ', '')) {
    const next = given.indexOf(letter, position + 1);
    if (next < 0) return 0;
    const starts = next === 0 || given[next - 1] === ' ';
    score += starts ? 3 : next === position + 1 ? 2 : -1;
    position = next;
  }
  return Math.max(score, 1);
}

function fold(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}
