/** Tones of labels and avatars, as the token file names them. */
export const tones = ['gray', 'blue', 'teal', 'green', 'amber', 'red', 'violet', 'pink'] as const;
export type Tone = (typeof tones)[number];

/** The same text always has the same tone; gray and red are kept for meanings. */
export function toneOf(text: string): Tone {
  const calm = tones.filter((tone) => tone !== 'gray' && tone !== 'red');
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.codePointAt(0)!) % 9_973;
  return calm[sum % calm.length]!;
}
