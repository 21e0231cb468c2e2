import type { Command } from './command.ts'
import type { OptionTable } from './option.ts'

/** Any command; its own file knows the types of its options. */
export type AnyCommand = Omit<Command, 'run'> & { run(context: never): Promise<number> }

/** Every verb in the order in which help lists them, each loaded when it is asked for. */
export const commandLoaders: Readonly<Record<string, () => Promise<AnyCommand>>> = {
  seed: async () => (await import('./commands/seed.ts')).seedCommand,
  fetch: async () => (await import('./commands/fetch.ts')).fetchCommand,
  push: async () => (await import('./commands/push.ts')).pushCommand,
  wait: async () => (await import('./commands/wait.ts')).waitCommand,
  create: async () => (await import('./commands/create.ts')).createCommand,
  info: async () => (await import('./commands/info.ts')).infoCommand,
  verify: async () => (await import('./commands/verify.ts')).verifyCommand,
  dht: async () => (await import('./commands/dht.ts')).dhtCommand,
  ps: async () => (await import('./commands/ps.ts')).psCommand,
  'web-seed': async () => (await import('./commands/web-seed.ts')).webSeedCommand,
  rollback: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  config: async () => (await import('./commands/config.ts')).configCommand(await configurableOptions()),
  completion: async () => (await import('./commands/completion.ts')).completionCommand(loadAllCommands),
}

const verbsWithSettings = ['seed', 'fetch', 'push', 'wait', 'create', 'info', 'verify', 'dht', 'ps', 'web-seed', 'rollback']

/** All commands, for help and completion. */
export async function loadAllCommands(): Promise<readonly AnyCommand[]> {
  return Promise.all(Object.values(commandLoaders).map((load) => load()))
}

/** The options of all verbs in one table; those of the same name mean the same, and the first verb says what their default is. A letter that is short for two of them, as -o, is for neither. */
export async function configurableOptions(): Promise<OptionTable> {
  const commands = await Promise.all(verbsWithSettings.map((name) => commandLoaders[name]?.()))
  const table: Record<string, OptionTable[string]> = {}
  for (const command of commands) for (const [name, option] of Object.entries(command?.options ?? {})) table[name] ??= option
  const letters = Object.values(table).map(({ letter }) => letter)
  for (const [name, option] of Object.entries(table)) {
    const isShared = letters.indexOf(option.letter) !== letters.lastIndexOf(option.letter)
    if (option.letter !== undefined && isShared) table[name] = { ...option, letter: undefined }
  }
  return table
}
