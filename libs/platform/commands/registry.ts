import type { Aggregate } from '#kernel/aggregate';
import type { AnyCommand } from '#kernel/command';
import type { EventDefinition } from '#kernel/event';
import type { ReadModel } from '#kernel/read-model';
import type { AnyProcess } from '#kernel/saga';

/** Everything the product consists of, composed once in the apps. */
export interface Product {
  readonly commands: readonly AnyCommand[];
  readonly readModels: readonly ReadModel[];
  readonly events: readonly EventDefinition[];
  /** Sagas and policies. */
  readonly processes?: readonly AnyProcess[];
}

/** The product by name; built once, refuses contradictions. */
export class Registry {
  readonly commands = new Map<string, AnyCommand>();
  readonly readModels = new Map<string, ReadModel>();
  readonly aggregates = new Map<string, Aggregate>();

  constructor(readonly product: Product) {
    const routes = new Set<string>();
    for (const command of product.commands) {
      const route = `${command.rest.method} ${command.rest.path}`;
      if (this.commands.has(command.name)) throw new Error(`two commands ${command.name}`);
      if (routes.has(route)) throw new Error(`two commands at ${route}`);
      routes.add(route);
      this.commands.set(command.name, command);
      const aggregate = command.aggregate as Aggregate;
      this.aggregates.set(aggregate.category, aggregate);
    }
    for (const model of product.readModels) {
      if (this.readModels.has(model.name)) throw new Error(`two read models ${model.name}`);
      this.readModels.set(model.name, model as ReadModel);
    }
  }

  command(name: string): AnyCommand {
    const found = this.commands.get(name);
    if (!found) throw new Error(`there is no command ${name}`);
    return found;
  }

  readModel(name: string): ReadModel {
    const found = this.readModels.get(name);
    if (!found) throw new Error(`there is no read model ${name}`);
    return found;
  }

  /** The read model of a record type: `company` → companies. */
  modelOfRecord(record: string): ReadModel | undefined {
    return this.product.readModels.find((model) => model.record === record) as
      ReadModel | undefined;
  }
}
