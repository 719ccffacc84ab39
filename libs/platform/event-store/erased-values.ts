import { ERASED, type EventDefinition } from '#kernel/event';
import { Compile } from 'typebox/compile';

/** What a reader gets in place of personal values whose key was destroyed. */
export class ErasedValues {
  private readonly found = new Map<string, typeof ERASED | null>();

  /** The data with these fields erased, where they have no value of their own. */
  mark(
    definition: EventDefinition,
    data: Readonly<Record<string, unknown>>,
    fields: readonly string[],
  ): Record<string, unknown> {
    const marks = fields
      .filter((field) => data[field] === null)
      .map((field) => [field, this.valueOf(definition, field)] as const);
    return { ...data, ...Object.fromEntries(marks) };
  }

  /** The mark where the field's schema takes it, else null; always something a reader can bear. */
  private valueOf({ type, schema }: EventDefinition, field: string): typeof ERASED | null {
    const name = `${type}.${field}`;
    let value = this.found.get(name);
    if (value === undefined) {
      const property = schema.properties[field];
      const validator = property && Compile(property);
      const required = schema.required?.includes(field) === true && !validator?.Check(null);
      value = validator?.Check(ERASED) || required ? ERASED : null;
      this.found.set(name, value);
    }
    return value;
  }
}
