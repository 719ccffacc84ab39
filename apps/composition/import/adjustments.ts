/** What makes one field come true that create and change do not take. */
export interface FollowUp {
  readonly field: string;
  /** The command, whatever the value; its input has the field of that name. */
  readonly command?: string;
  /** The command by the value, where each has its own. */
  readonly commands?: Readonly<Record<string, string>>;
  /** Further fields the commands take. */
  readonly inputs?: readonly string[];
  /** Path in the state of the record where the value shows. */
  readonly state: string;
  /** The value is a part of another record, named within it. */
  readonly part?: {
    /** Collection of parts, as the mapping shows it. */
    readonly of: string;
    /** Field that names the record the part belongs to, and its type. */
    readonly within: string;
    readonly record: string;
    readonly list: string;
    readonly id: string;
    readonly by: string;
  };
}

/** What cannot be read from the commands and read models of a type. */
export interface Adjustment {
  /** Fields an import leaves alone. */
  readonly leaveOut?: readonly string[];
  /** What a new record gets where the file says nothing; a record is the one with these values. */
  readonly defaults?: Readonly<
    Record<
      string,
      string | { readonly type: string; readonly where: Readonly<Record<string, string>> }
    >
  >;
  readonly followUps?: readonly FollowUp[];
  /** Fields a record is recognised by, the best first; those of its look-ups when left out. */
  readonly keys?: readonly (readonly string[])[];
}

export const adjustments: Readonly<Record<string, Adjustment>> = {
  // Nobody is invited by a file: people are invited one by one afterwards.
  users: {
    leaveOut: ['status', 'role'],
    defaults: { role: 'member', status: 'not_invited' },
    followUps: [{ field: 'role', command: 'ChangeUserRole', state: 'role' }],
    keys: [['email'], ['firstName', 'lastName'], ['fullName']],
  },
  deals: {
    leaveOut: ['stageId'],
    defaults: { pipelineId: { type: 'pipelines', where: { isDefault: 'true' } } },
    followUps: [
      {
        field: 'stageId',
        command: 'MoveDealToStage',
        inputs: ['actualCloseDate', 'lostReason'],
        state: 'stageId',
        part: {
          of: 'stages',
          within: 'pipelineId',
          record: 'pipeline',
          list: 'stages',
          id: 'stageId',
          by: 'name',
        },
      },
    ],
    // Many deals share a name.
    keys: [],
  },
  tasks: {
    followUps: [
      {
        field: 'status',
        commands: {
          pending: 'ReopenTask',
          in_progress: 'StartTask',
          completed: 'CompleteTask',
          cancelled: 'CancelTask',
        },
        inputs: ['completedAt'],
        state: 'progress',
      },
    ],
    keys: [],
  },
  products: { keys: [['code'], ['name']] },
};
