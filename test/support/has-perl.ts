import { spawnSync } from 'node:child_process'

/** True where perl can be asked to exchange two folders, for tests of what needs that. */
export const hasPerl: boolean = spawnSync('perl', ['-v']).status === 0
