/** A token with another letter near its end: one that carries bits in every encoding. */
export const forged = (token: string): string =>
  `${token.slice(0, -4)}${token.at(-4) === 'A' ? 'B' : 'A'}${token.slice(-3)}`;
