import { commandList } from '#kernel/command';
import { changeRole } from './change-role.js';
import { createRole } from './create-role.js';
import { deleteRole } from './delete-role.js';
import { giveRole } from './give-role.js';
import { restoreRole } from './restore-role.js';
import { takeRole } from './take-role.js';

/** Every command a role takes. */
export const roleCommands = commandList(
  createRole,
  changeRole,
  deleteRole,
  restoreRole,
  giveRole,
  takeRole,
);
