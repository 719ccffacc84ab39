// What a new command with its event and projection may cost: at most four new backend files beside
// its specification and four edits in one place each. Generated documents do not count.
const LIMIT = 4;
const GENERATED = [/\.graphql$/, /\.generated\.ts$/];
const SPECIFICATION = /\.spec\.ts$/;

/** @param {{ added: readonly string[], edited: readonly string[] }} changes */
export function overBudget({ added, edited }) {
  const counts = (file) => !GENERATED.some((pattern) => pattern.test(file));
  const files = added.filter((file) => counts(file) && !SPECIFICATION.test(file));
  const edits = edited.filter(counts);
  const problems = [];
  if (files.length > LIMIT) problems.push(`${files.length} new files: ${files.join(', ')}`);
  if (edits.length > LIMIT) problems.push(`${edits.length} edited files: ${edits.join(', ')}`);
  return problems;
}
