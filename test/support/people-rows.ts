const PIECE = 1000;

/** A contacts file of so many rows in pieces of text; it never exists as a whole. */
export function* peopleRows(rows: number): Generator<string> {
  yield 'First name,Last name,Email,Job title,Phone\n';
  for (let from = 0; from < rows; from += PIECE) {
    const lines = Array.from({ length: Math.min(PIECE, rows - from) }, (_, n) => {
      const number = from + n;
      return `Ada,"Orlen, ${number}",p${number}@people.example,Buyer,+43 1 ${number}`;
    });
    yield `${lines.join('\n')}\n`;
  }
}
