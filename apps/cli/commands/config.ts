import { describeConfig } from '#platform/config/config';
import type { Command } from '../command.js';

export const showConfig: Command = {
  words: ['config'],
  summary: 'Shows every setting, its value and where the value comes from.',
  example: 'clientforge config',
  run: ({ out, environment }) => {
    const settings = describeConfig(environment);
    out.answer(settings, () =>
      out.table(
        [
          { key: 'name', title: 'Setting' },
          { key: 'value', title: 'Value' },
          { key: 'source', title: 'Source' },
          { key: 'allowed', title: 'Allowed' },
        ],
        settings.map((setting) => ({ ...setting })),
      ),
    );
    return Promise.resolve();
  },
};
