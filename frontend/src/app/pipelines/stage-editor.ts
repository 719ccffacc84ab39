import {
  CdkDrag,
  CdkDragHandle,
  CdkDropList,
  moveItemInArray,
  type CdkDragDrop,
} from '@angular/cdk/drag-drop';
import { Component, computed, inject, input, linkedSignal, signal } from '@angular/core';
import { MatMenuModule } from '@angular/material/menu';
import { Icon } from '../../ui/icon';
import { Actions } from '../records/actions';
import { fieldOf } from '../records/record-type';
import { Records, type Answer } from '../records/records';
import { typeOf } from '../records/registry';
import { pipeline } from '../records/types/pipeline';
import { liveStages, type Pipeline, type Stage } from './pipelines';

type Requirement = Stage['requiredFields'][number];
const requirements: readonly Requirement[] = [
  'companyId',
  'contactId',
  'amount',
  'expectedCloseDate',
  'leadSource',
  'dealSource',
  'nextStep',
  'description',
];

/** The stages of a pipeline: their order, names, chances and what they ask for. */
@Component({
  selector: 'cf-stage-editor',
  imports: [CdkDrag, CdkDragHandle, CdkDropList, Icon, MatMenuModule],
  templateUrl: './stage-editor.html',
  styleUrl: './stage-editor.scss',
})
export class StageEditor {
  private readonly records = inject(Records);
  private readonly actions = inject(Actions);
  readonly pipeline = input.required<Pipeline>();
  readonly mayChange = input(false);
  protected readonly stages = linkedSignal(() => liveStages(this.pipeline()));
  protected readonly isAdding = signal(false);
  protected readonly requirements = requirements.map((name) => ({
    name,
    label: fieldOf(typeOf('deals'), name)?.label ?? name,
  }));
  protected readonly removed = computed(
    () => this.pipeline().stages.filter(({ removed }) => removed).length,
  );

  protected asks(stage: Stage): string {
    const labels = this.requirements
      .filter(({ name }) => stage.requiredFields.includes(name))
      .map(({ label }) => label.toLowerCase());
    return labels.join(', ') || 'Nothing';
  }
  protected change(stage: Stage, given: Partial<Stage>): Promise<unknown> {
    const before = Object.fromEntries(
      Object.keys(given).map((key) => [key, stage[key as keyof Stage]]),
    );
    const set = (values: object) => this.run('changeStage', { stageId: stage.stageId, ...values });
    return this.actions.tell(set(given), `${stage.name} changed.`, () => set(before));
  }
  protected toggle(stage: Stage, name: Requirement): void {
    const { requiredFields: all } = stage;
    const requiredFields = all.includes(name) ? all.filter((one) => one !== name) : [...all, name];
    void this.change(stage, { requiredFields });
  }
  protected rename(stage: Stage, text: string): void {
    const name = text.trim();
    if (name && name !== stage.name) void this.change(stage, { name });
  }
  protected setNumber(stage: Stage, key: 'probability' | 'rottingDays', text: string): void {
    const value = text.trim() === '' ? null : Number(text);
    if (value === stage[key] || (value === null && key === 'probability')) return;
    void this.change(stage, { [key]: value });
  }
  protected drop({ previousIndex, currentIndex }: CdkDragDrop<unknown>): void {
    this.reorder(previousIndex, currentIndex);
  }
  protected reorder(from: number, to: number): void {
    const before = this.stages();
    const after = [...before];
    moveItemInArray(after, from, to);
    this.stages.set(after);
    const set = (stages: readonly Stage[]) =>
      this.run('reorderStages', { stageIds: stages.map(({ stageId }) => stageId) });
    const work = this.actions.tell(set(after), 'The stages have a new order.', () => set(before));
    void work.then(({ done }) => {
      if (!done) this.stages.set(before);
    });
  }
  protected async add(name: string, kind: string): Promise<void> {
    if (!name.trim()) return;
    const work = this.run('addStage', { name: name.trim(), kind });
    const { done } = await this.actions.tell(work, `${name.trim()} added.`);
    if (done) this.isAdding.set(false);
  }
  protected remove(stage: Stage): void {
    const work = this.run('removeStage', { stageId: stage.stageId });
    void this.actions.tell(work, `${stage.name} removed. Deals of the past keep its name.`);
  }
  private run(command: string, input: object): Promise<Answer> {
    return this.records.run(pipeline, command, this.pipeline().id, input);
  }
}
