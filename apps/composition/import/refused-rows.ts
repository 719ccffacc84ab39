import type { Refusal } from '#kernel/refusal';
import type { RowProblem } from './problems.js';
import { shown } from './reading/shown.js';
import type { SourceRow } from './reading/types.js';

/**
 * What a command refused, as a problem of its row. The column is the one its field came from, else
 * the one that holds the refused value.
 */
export function problemOfRefusal(
  row: SourceRow,
  refused: Refusal,
  columnOf?: (field: string) => string | undefined,
): RowProblem {
  const { field, value, message, remedy, rule } = { ...refused.details[0] };
  const refusedText = value === undefined || value === null ? '' : String(value);
  const column =
    (field === undefined ? undefined : columnOf?.(field)) ??
    Object.keys(row.cells).find((name) => refusedText !== '' && row.cells[name] === refusedText);
  const said = (message ?? refused.message).replace(/\.$/, '');
  if (rule === 'required' && column) {
    const fault = { rule, message: 'is empty', remedy: 'Fill it in.' };
    return { file: row.file, line: row.line, column, value: '', ...fault };
  }
  const short = field !== undefined && column && said.startsWith(`${field} `);
  return {
    file: row.file,
    line: row.line,
    ...(column === undefined ? {} : { column, value: shown(row.cells[column] ?? '') }),
    rule: rule ?? refused.code,
    message: short ? said.slice(field.length + 1) : `was refused: ${said}`,
    remedy: remedy ?? 'Change the record or the row, then import again.',
  };
}
